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
    static let people = Option.path(
        "people", placeholder: "FILE.safetensors",
        help: "A head that 'hoi train --people' made of photographs: what people do with things "
            + "that are not seen.", group: "Photographs")
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
            output, people, PhotographOptions.detector, PhotographOptions.pictures,
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
        guard looks.head.regions != nil, looks.head.subject == .pairs else {
            throw UsageError.nonsense(
                "\(arguments[appearance][0]) was not made of pairs in photographs")
        }
        let doings = try arguments[people].map { try PredicateModel(contentsOf: $0) }
        guard doings.map({ $0.head.subject == .people && $0.calibration != nil }) ?? true else {
            throw UsageError.nonsense("\(arguments[people]!) was not made by 'hoi train --people'")
        }
        guard boxes.head.regions == nil, !boxes.head.readsObject, !looks.head.readsObject else {
            throw UsageError.nonsense(
                "\(arguments[geometry][0]): a head that is told by boxes alone is wanted first")
        }
        guard let seen = try PhotographOptions.seen(arguments, list: arguments[list][0], log)
        else { return Signals.exitCode ?? .interrupted }
        for (head, path) in [(looks, arguments[appearance][0]), (doings, arguments[people] ?? "")] {
            guard let head else { continue }
            guard head.metadata[BranchedModel.detectorKey] == seen.detector,
                seen.plain.regions!.begins(with: head.head.regions!)
            else {
                throw NoPicturesError(
                    problem: "\(path) learned from another detector's features; name it with "
                        + "--detector")
            }
        }
        let pairs = seen.measuring([])
        for line in try table(BranchComparison(boxes, looks, on: pairs)) {
            CommonOptions.output(line)
        }
        let joined = try BranchedModel(
            joining: boxes, looks, fittedTo: pairs, people: doings, detector: seen.detector)
        let fusion = joined.appearance!.fusion
        log.info("logits: \(fusion.geometry) boxes + \(fusion.appearance) looks + \(fusion.offset)")
        try joined.write(to: path)
        CommonOptions.output(path)
        return .success
    }

    private static func table(_ comparison: BranchComparison) -> [String] {
        var table = Table([
            ("mean average precision, %", .left), ("same thing", .right), ("all", .right),
        ])
        for (name, means) in [
            ("boxes", comparison.boxes), ("looks", comparison.looks), ("both", comparison.both),
        ] {
            table.append([
                name, PhotographReport.percent(means.amongAlike),
                PhotographReport.percent(means.amongAll),
            ])
        }
        return table.lines()
    }
}
