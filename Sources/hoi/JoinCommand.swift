// hoi join: makes one head of one that is told by boxes and one that also looks.
import Interaction
import Networks
import Terminal

enum JoinCommand {
    static let geometry = Operand(
        "GEOMETRY.safetensors", help: "A head that 'hoi train' made of annotations.")
    static let appearance = Operand(
        "APPEARANCE.safetensors", help: "One that it made of photographs.")
    static let list = Operand(
        "PHOTOS.jsonl", help: "The photographs, of which a fifth has not been learned from.")
    static let output = Option.path(
        "output", short: "o", placeholder: "FILE.safetensors",
        help: "Where both go; verbs.safetensors.", group: "Output")

    static let command = Command(
        "join", summary: "Make one head of two: of boxes, and of looks.",
        discussion: [
            "How much each is believed is fitted on the photographs that no head learns from. How "
                + "good that is, is told by fitting on one half of them and measuring on the other, "
                + "both ways round."
        ], operands: [geometry, appearance, list],
        options: [
            output, PhotographOptions.detector, PhotographOptions.pictures,
            PhotographOptions.pairs, PhotographOptions.match, CommonOptions.threads,
            CommonOptions.progress, CommonOptions.logFile, CommonOptions.verbose,
            CommonOptions.quiet,
        ],
        examples: [
            Example(
                "hoi join boxes.safetensors looks.safetensors photos.jsonl -o verbs.safetensors",
                "'hoi detect' then looks, too.")
        ], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        let log = try CommonOptions.log(arguments)
        let path = arguments[output] ?? "verbs.safetensors"
        try checkCanWrite(path)
        let boxes = try PredicateModel(contentsOf: arguments[geometry][0])
        let looks = try PredicateModel(contentsOf: arguments[appearance][0])
        guard looks.head.regions != nil else {
            throw UsageError.nonsense("\(arguments[appearance][0]) was not made of photographs")
        }
        guard boxes.head.regions == nil, !boxes.head.readsObject, !looks.head.readsObject else {
            throw UsageError.nonsense(
                "\(arguments[geometry][0]): a head that is told by boxes alone is wanted first")
        }
        guard let seen = try PhotographOptions.seen(arguments, list: arguments[list][0], log)
        else { return Signals.exitCode ?? .interrupted }
        guard looks.metadata[BranchedModel.detectorKey] == seen.detector,
            seen.plain.regions!.begins(with: looks.head.regions!)
        else {
            throw NoPicturesError(
                problem: "\(arguments[appearance][0]) learned from another detector's features; "
                    + "name it with --detector")
        }
        let pairs = seen.measuring([])
        let halves = [0, 1].map { half in
            pairs.filtered { pairs.places[$0].picture % 2 == half }
        }
        func joined(_ part: LabelledPairs) throws -> BranchedModel {
            let samples = try BranchedScorer.samples(boxes, looks, of: part)
            return BranchedModel(
                boxes,
                appearance: .init(
                    looks, fusion: BranchFusion(fitting: samples), detector: seen.detector))
        }
        let lines = try table(
            halves, joined: halves.reversed().map { try joined($0) }, boxes, looks)
        for line in lines { CommonOptions.output(line) }
        let whole = try joined(pairs)
        let fusion = whole.appearance!.fusion
        log.info("logits: \(fusion.geometry) boxes + \(fusion.appearance) looks + \(fusion.offset)")
        try whole.write(to: path)
        CommonOptions.output(path)
        return .success
    }

    /// Means over combinations, and over both halves, of each branch and of both.
    private static func table(
        _ halves: [LabelledPairs], joined: [BranchedModel], _ boxes: PredicateModel,
        _ looks: PredicateModel
    ) throws -> [String] {
        var table = Table([
            ("mean average precision, %", .left), ("same thing", .right), ("all", .right),
        ])
        let shared = looks.verbNames.filter(boxes.verbNames.contains)
        func add(
            _ name: String, _ names: [String],
            _ probabilities: (Int, LabelledPairs) throws -> [Float]
        ) throws {
            let means = try halves.enumerated().map { index, part in
                let all = try probabilities(index, part), width = names.count
                let known = part.filtered {
                    part.verbs[$0].allSatisfy { shared.contains(part.verbNames[$0]) }
                }
                let kept = (0..<part.count).filter {
                    part.verbs[$0].allSatisfy { shared.contains(part.verbNames[$0]) }
                }
                let columns = known.verbNames.map { names.firstIndex(of: $0) }
                return PhotographAccuracy(
                    kept.map { row in columns.map { $0.map { all[row * width + $0] } ?? 0 } },
                    of: known
                ).means(unseen: false)
            }
            func mean(_ values: [Double?]) -> Double? {
                values.contains(nil) ? nil : values.reduce(0) { $0 + $1! } / Double(values.count)
            }
            table.append([
                name, PhotographReport.percent(mean(means.map(\.amongAlike))),
                PhotographReport.percent(mean(means.map(\.amongAll))),
            ])
        }
        let scorers = try (PredicateScorer(boxes), PredicateScorer(looks))
        try add("boxes", boxes.verbNames) { try scorers.0.probabilities(of: $1).elements }
        try add("looks", looks.verbNames) { try scorers.1.probabilities(of: $1).elements }
        let both = try joined.map { try BranchedScorer($0) }
        try add("both", boxes.verbNames) { try both[$0].probabilities(of: $1).elements }
        return table.lines()
    }
}
