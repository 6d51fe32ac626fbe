// Options of commands that look at annotated photographs.
import Glibc
import Interaction
import Media
import Terminal

enum PhotographOptions {
    static let detector = Option.path(
        "detector", placeholder: "FILE",
        help: "Whose features photographs are told by; detector.safetensors among the models "
            + "unless said.", group: "Photographs")
    static let pictures = Option.path(
        "pictures", placeholder: "FOLDER",
        help: "Where pictures lie; the folder of the annotations unless said.",
        group: "Photographs")
    static let pairs = Option.path(
        "pairs", placeholder: "FILE.safetensors",
        help: "Keep what was seen of the photographs in a file, or take it from there.",
        group: "Photographs")
    static let regions = Option.choice(
        "regions", default: RegionChoice.union, placeholder: "PART",
        help: "What of a photograph the head is told: human, the human's box; union, also the box "
            + "around both; object, also the thing's.", group: "Photographs")
    static let match = Option.real(
        "least-match", in: 0...1, default: 0.3,
        help: "How well a box must fit an interaction where a program chose it.",
        group: "Photographs")
    static let people = Option.flag(
        "people",
        help: "Tell what a person does by his own looks and the whole picture's, whether the thing "
            + "is seen or not: one verb with its thing each, as 'play guitar', of which twenty "
            + "photographs are there.", group: "Photographs")
    static let withhold = Option.string(
        "withhold", placeholder: "VERB THING,...",
        help: "Combinations that training must not show: 'ride horse,repair bicycle'.",
        group: "Photographs")

    /// Whether annotations are a list of photographs.
    static func isList(_ path: String) -> Bool { path.hasSuffix(".jsonl") }

    /// The combinations of `--withhold`, all of which the pairs must show.
    ///
    /// - Throws: `UsageError`.
    static func withheld(_ arguments: Arguments, of pairs: LabelledPairs) throws -> Set<Triplet> {
        guard let text = arguments[withhold] else { return [] }
        return try combinations(text, "--withhold", of: pairs)
    }

    /// Combinations as an option lists them, all of which the pairs must show.
    ///
    /// - Throws: `UsageError`.
    static func combinations(
        _ text: String, _ option: String, of pairs: LabelledPairs
    ) throws -> Set<Triplet> {
        let known = Dictionary(
            pairs.triplets.map { ("\($0)", $0) }, uniquingKeysWith: { a, _ in a })
        return try Set(
            text.split(separator: ",").map { part in
                guard let triplet = known[String(part)] else {
                    throw UsageError.nonsense(
                        "\(option): no photograph shows '\(part)'; there are "
                            + known.keys.sorted().joined(separator: ", "))
                }
                return triplet
            })
    }

    /// What of `pairs` a head is told.
    static func regions(_ arguments: Arguments, of pairs: LabelledPairs) -> RegionShape {
        let all = pairs.regions!
        return RegionShape(
            channels: all.channels, cells: all.cells, parts: arguments[regions].parts)
    }

    /// What the photographs of a list show, seen by the detector; nil where a stop was asked for.
    ///
    /// - Parameter subject: What is told of: pairs of two boxes, or people alone.
    static func seen(
        _ arguments: Arguments, list path: String, _ log: Log,
        subject: PredicateSubject = .pairs
    ) throws -> PhotographPairs? {
        let pictures = try AnnotatedPicture.list(contentsOf: path)
        let folder =
            arguments[self.pictures] ?? path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
        let weights = try DetectRun.weights(
            arguments[detector] ?? "detector",
            advice: "--detector takes YOLOX weights (.safetensors, .pth)")
        let source = try PhotographPairs.source(
            files: [path, weights],
            subject == .people ? "people, things" : "match \(arguments[match])")
        if let file = arguments[pairs], access(file.fileName, F_OK) == 0 {
            if let kept = try PhotographPairs(contentsOf: file, madeOf: source) { return kept }
            log.info("\(file) was made of other photographs or by another detector; made anew")
        }
        let verbs = PhotographReader.verbs(
            of: pictures, subject: subject, atLeast: arguments[match])
        guard !verbs.isEmpty else {
            throw NoPicturesError(
                problem: subject == .people
                    ? "\(path) shows nothing that people do twenty times"
                    : "\(path) has no pair with a verb")
        }
        let reader = try PhotographReader(
            detector: weights, threads: arguments[CommonOptions.threads])
        let display = CommonOptions.progress(
            "look", total: 2 * pictures.count, unit: "pictures", arguments)
        defer { display.finish() }
        var halves: [LabelledPairs] = []
        for isMirrored in [false, true] {
            guard
                let some = try reader.pairs(
                    of: pictures, in: folder, verbNames: verbs, subject: subject,
                    atLeast: arguments[match], isMirrored: isMirrored,
                    progress: { display.update(done: $0 + (isMirrored ? pictures.count : 0)) },
                    shouldStop: { Signals.isStopRequested })
            else { return nil }
            halves.append(some)
        }
        let seen = PhotographPairs(
            plain: halves[0], mirrored: halves[1], files: pictures.map(\.file),
            detector: try PhotographPairs.source(files: [weights]))
        if let file = arguments[pairs] { try seen.write(to: file, madeOf: source) }
        return seen
    }
}

/// Up to which part a head is told of a photograph.
enum RegionChoice: String, CaseIterable {
    case human, union, object

    var parts: [PairRegion] {
        switch self {
        case .human: [.human]
        case .union: [.human, .union]
        case .object: [.human, .union, .object]
        }
    }
}
