// What a detector sees: how people look, and which things it finds when it looks once or twice.
import Interaction
import Media
import Tensors

/// Looks at the photographs of pairs with a detector. Belongs to one thread.
final class PCContextSight {
    /// What a detection scores at least, and how much of the true box it meets.
    static let score = 0.2, overlap = 0.5
    /// Things that are held, by their categories.
    static let held: Set = [
        "umbrella", "frisbee", "cell phone", "toothbrush", "book", "knife", "cup", "bottle",
        "wine glass", "remote", "fork", "spoon", "scissors", "hair drier", "tennis racket",
        "baseball bat", "kite", "teddy bear", "sandwich", "banana", "apple", "donut", "hot dog",
        "handbag", "mouse",
    ]

    private let folder: String
    private let detector: Detector
    private let reader: RegionReader
    /// What was found in whole photographs.
    private var firsts: [String: [Detection]] = [:]

    /// Looks at photographs in `folder` with the weights of a file.
    ///
    /// - Throws: `SafetensorsError`, `PyTorchError`, `PlanError`.
    init(detector path: String, folder: String, threads: Int) throws {
        self.folder = folder
        detector = try Detector(contentsOf: path, threads: threads, keepsPyramid: true)
        reader = try RegionReader(of: detector, cells: 1)
    }

    /// The pairs with how their humans look: the detector's features of the box, a number a channel.
    ///
    /// - Throws: `MediaError`, `PlanError`.
    func looking(at pairs: [PCContextPair], progress: (Int) -> Void) throws -> [PCContextPair] {
        var pairs = pairs
        let all = Dictionary(grouping: pairs.indices) { pairs[$0].file }
        for (number, (file, some)) in all.sorted(by: { $0.key < $1.key }).enumerated() {
            let view = detector.eye.view(of: try picture(file))
            firsts[file] = try detector(view, atLeast: Self.score)
            let numbers = try reader.numbers(
                of: some.map { pairs[$0].human }, in: view.letterbox, seenBy: detector)
            for (index, numbers) in zip(some, numbers) { pairs[index].looks = numbers }
            progress(number + 1)
        }
        return pairs
    }

    /// Whether the pair's thing was found in the whole photograph.
    func findsAtOnce(_ pair: PCContextPair) -> Bool { Self.finds(pair, among: firsts[pair.file]!) }

    /// What looking again at part of a photograph gives.
    struct SecondLook {
        /// Whether the pair's thing is found there.
        let finds: Bool
        /// Things of all held kinds that are told of there and were not before.
        let told: Int
    }

    /// Looks at a square around a box, so many times as wide as the box and no smaller than half of the human.
    ///
    /// - Throws: `MediaError`, `PlanError`.
    func lookAgain(
        at pair: PCContextPair, around box: Box, times: Double = 2
    ) throws -> SecondLook {
        let whole = try picture(pair.file)
        let side = max(times * max(box.width, box.height), pair.human.height / 2, 32)
        let (x, y) = ((box.x1 + box.x2) / 2, (box.y1 + box.y2) / 2)
        let crop = Box(x - side / 2, y - side / 2, x + side / 2, y + side / 2)
            .clipped(width: whole.width, height: whole.height)
        let (left, top) = (Int(crop.x1), Int(crop.y1))
        let (right, bottom) = (Int(crop.x2.rounded(.up)), Int(crop.y2.rounded(.up)))
        guard right > left, bottom > top else { return SecondLook(finds: false, told: 0) }
        let part = whole.cropped(x: left..<right, y: top..<bottom)
        let found = try detector(part, atLeast: Self.score).map { detection in
            let box = detection.box
            return Detection(
                Box(
                    box.x1 + Double(left), box.y1 + Double(top), box.x2 + Double(left),
                    box.y2 + Double(top)), category: detection.category, score: detection.score)
        }
        let new = found.filter { detection in
            Self.held.contains(COCO.categories[detection.category])
                && !firsts[pair.file]!.contains {
                    $0.category == detection.category
                        && $0.box.overlap(detection.box) >= Self.overlap
                }
        }
        return SecondLook(finds: Self.finds(pair, among: found), told: new.count)
    }

    private static func finds(_ pair: PCContextPair, among found: [Detection]) -> Bool {
        found.contains {
            COCO.categories[$0.category] == pair.category && $0.box.overlap(pair.object) >= overlap
        }
    }

    private func picture(_ file: String) throws -> UprightPicture {
        guard let frame = try openSource(path: "\(folder)/\(file)").next() else {
            throw MediaError.notVideo(path: file, reason: "no picture in it")
        }
        return frame.upright()
    }
}
