// Pairs of annotated photographs with what a detector sees of them.
import Media
import Tensors
import Terminal

/// Looks at photographs and describes their annotated pairs, for the appearance branch to learn from. Belongs to one
/// thread.
public final class PhotographReader {
    /// What is told of each pair: all parts.
    public let regions: RegionShape
    private let detector: Detector
    private let reader: RegionReader

    /// Verbs that say only that something is in one's hands: whoever reads a book holds it, and annotators of one verb a
    /// photograph do not say so. They cannot be learned there.
    static let alwaysPossible: Set = ["hold", "carry"]

    /// A reader that looks with a detector's weights.
    ///
    /// - Throws: `SafetensorsError`, `PyTorchError`, `PlanError`.
    public init(
        detector path: String, side: Int = 416, cells: Int = 3, threads: Int = 1
    ) throws {
        detector = try Detector(
            contentsOf: path, side: side, threads: threads, keepsPyramid: true)
        reader = try RegionReader(of: detector, cells: cells)
        regions = RegionShape(
            channels: reader.channels, cells: cells, parts: [.human, .union, .object])
    }

    /// The verbs that photographs say of pairs with two boxes, in alphabetical order.
    public static func verbs(of pictures: [AnnotatedPicture], atLeast match: Double) -> [String] {
        Set(pictures.flatMap { examples(of: $0, atLeast: match).map(\.verb) }).sorted()
    }

    /// The interactions that can be learned from.
    private static func examples(
        of picture: AnnotatedPicture, atLeast match: Double
    ) -> [AnnotatedPicture.Interaction] {
        picture.interactions.filter {
            guard let pair = $0.pair, COCO.index(of: picture.things[pair.object].category) != nil
            else { return false }
            return $0.match ?? 1 >= match && !alwaysPossible.contains($0.verb)
        }
    }

    /// The annotated pairs of photographs, each with its verbs.
    ///
    /// What is not annotated is not there: where one person's verb is known the others' are not.
    ///
    /// - Parameters:
    ///   - folder: Where the files lie.
    ///   - match: How well a box must fit that a program chose.
    ///   - isMirrored: Whether the photographs are turned around, left to right.
    /// - Returns: nil where it should stop.
    /// - Throws: `MediaError`, `PlanError`.
    public func pairs(
        of pictures: [AnnotatedPicture], in folder: String, verbNames: [String],
        atLeast match: Double, isMirrored: Bool = false, progress: (Int) -> Void = { _ in },
        shouldStop: () -> Bool = { false }
    ) throws -> LabelledPairs? {
        var pairs = LabelledPairs(verbNames: verbNames, regions: regions)
        let numbers = Dictionary(uniqueKeysWithValues: verbNames.enumerated().map { ($1, $0) })
        for (index, picture) in pictures.enumerated() {
            if shouldStop() { return nil }
            let examples = Self.examples(of: picture, atLeast: match).filter {
                numbers[$0.verb] != nil
            }
            let verbs = Dictionary(grouping: examples, by: { $0.pair! })
            guard !verbs.isEmpty else { continue }
            guard let frame = try openSource(path: "\(folder)/\(picture.file)").next() else {
                throw MediaError.notVideo(path: picture.file, reason: "no picture in it")
            }
            let upright = isMirrored ? frame.upright().mirrored : frame.upright()
            let view = detector.eye.view(of: upright)
            try detector.look(at: view)
            for pair in verbs.keys.sorted(by: { ($0.human, $0.object) < ($1.human, $1.object) }) {
                let boxes = [pair.human, pair.object].map { thing in
                    let box = picture.things[thing].box
                    return isMirrored ? box.mirrored(width: upright.width) : box
                }
                let looks = try reader.numbers(
                    of: regions.parts.map { $0.box(boxes[0], boxes[1]) }, in: view.letterbox,
                    seenBy: detector)
                pairs.append(
                    .init(picture: index, pair: pair),
                    object: COCO.index(of: picture.things[pair.object].category)!,
                    verbs: Set(verbs[pair]!.map { numbers[$0.verb]! }).sorted(),
                    features: SpatialFeatures.values(
                        human: boxes[0], object: boxes[1], width: upright.width,
                        height: upright.height),
                    appearance: looks.flatMap { $0 })
            }
            progress(index + 1)
        }
        return pairs
    }
}
