// Pairs and people of annotated photographs with what a detector sees of them.
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

    /// What people do alone is learned from so many photographs at least.
    static let leastPeople = 20

    /// The verbs that photographs say, in alphabetical order.
    ///
    /// - Parameter match: How well a box must fit that a program chose.
    public static func verbs(
        of pictures: [AnnotatedPicture], subject: PredicateSubject = .pairs, atLeast match: Double
    ) -> [String] {
        let all = pictures.flatMap { examples(of: $0, subject, atLeast: match).compactMap(\.verb) }
        let counts = Dictionary(all.map { ($0, 1) }, uniquingKeysWith: +)
        let least = subject == .people ? leastPeople : 1
        return counts.filter { $0.value >= least }.keys.sorted()
    }

    /// What can be learned from.
    private struct Example {
        var pair: HumanObjectPair
        /// The kind of thing.
        var object: Int
        /// nil where it is known that none of the verbs happens.
        var verb: String?
    }

    private static func examples(
        of picture: AnnotatedPicture, _ subject: PredicateSubject, atLeast match: Double
    ) -> [Example] {
        switch subject {
        case .pairs:
            return picture.interactions.compactMap { interaction in
                guard let pair = interaction.pair,
                    let object = COCO.index(of: picture.things[pair.object].category),
                    interaction.match ?? 1 >= match, !alwaysPossible.contains(interaction.verb)
                else { return nil }
                return Example(pair: pair, object: object, verb: interaction.verb)
            }
        case .people:
            return people(of: picture)
        }
    }

    /// Those whose doing is known; where everybody's is, also those who do nothing.
    private static func people(of picture: AnnotatedPicture) -> [Example] {
        let count = picture.things.count, person = COCO.categories[COCO.person]
        func example(_ human: Int, _ verb: String?) -> Example {
            Example(pair: .withScene(human, of: count), object: COCO.person, verb: verb)
        }
        let busy = picture.interactions.compactMap { interaction in
            interaction.triplet.map { example(interaction.human, $0.description) }
        }
        guard picture.coverage == .everybody else { return busy }
        let known = Set(picture.interactions.map(\.human))
        return busy
            + picture.things.indices.filter {
                let thing = picture.things[$0]
                return thing.category == person && thing.repeated == nil && !thing.isCrowd
                    && !thing.box.isEmpty && !known.contains($0)
            }.map { example($0, nil) }
    }

    /// The annotated pairs or people of photographs, each with its verbs.
    ///
    /// What is not annotated is not there: where one person's verb is known the others' are not. Where everybody's is,
    /// people without are there, too.
    ///
    /// - Parameters:
    ///   - folder: Where the files lie.
    ///   - match: How well a box must fit that a program chose.
    ///   - isMirrored: Whether the photographs are turned around, left to right.
    /// - Returns: nil where it should stop.
    /// - Throws: `MediaError`, `PlanError`.
    public func pairs(
        of pictures: [AnnotatedPicture], in folder: String, verbNames: [String],
        subject: PredicateSubject = .pairs, atLeast match: Double, isMirrored: Bool = false,
        progress: (Int) -> Void = { _ in },
        shouldStop: () -> Bool = { false }
    ) throws -> LabelledPairs? {
        var pairs = LabelledPairs(verbNames: verbNames, regions: regions, subject: subject)
        let numbers = Dictionary(uniqueKeysWithValues: verbNames.enumerated().map { ($1, $0) })
        for (index, picture) in pictures.enumerated() {
            if shouldStop() { return nil }
            let examples = Self.examples(of: picture, subject, atLeast: match).filter {
                $0.verb.map { numbers[$0] != nil } ?? true
            }
            let verbs = Dictionary(grouping: examples, by: \.pair)
            guard !verbs.isEmpty else { continue }
            guard let frame = try openSource(path: "\(folder)/\(picture.file)").next() else {
                throw MediaError.notVideo(path: picture.file, reason: "no picture in it")
            }
            let upright = isMirrored ? frame.upright().mirrored : frame.upright()
            let view = detector.eye.view(of: upright)
            var seen: [Detection] = []
            switch subject {
            case .pairs: try detector.look(at: view)
            case .people: seen = try detector(view, atLeast: FindingRules().leastBox)
            }
            for pair in verbs.keys.sorted(by: { ($0.human, $0.object) < ($1.human, $1.object) }) {
                let boxes = [pair.human, pair.object].map { thing in
                    guard thing < picture.things.count else {
                        return PredicateSubject.scene(width: upright.width, height: upright.height)
                    }
                    let box = picture.things[thing].box
                    return isMirrored ? box.mirrored(width: upright.width) : box
                }
                let looks = try reader.numbers(
                    of: regions.parts.map { $0.box(boxes[0], boxes[1]) }, in: view.letterbox,
                    seenBy: detector)
                pairs.append(
                    .init(picture: index, pair: pair),
                    object: verbs[pair]![0].object,
                    verbs: Set(verbs[pair]!.compactMap { $0.verb.map { numbers[$0]! } }).sorted(),
                    features: SpatialFeatures.values(
                        human: boxes[0], object: boxes[1], width: upright.width,
                        height: upright.height),
                    appearance: looks.flatMap { $0 },
                    things: subject == .people
                        ? NearThings.values(around: boxes[0], in: seen) : [])
            }
            progress(index + 1)
        }
        return pairs
    }
}
