// hoi evaluate: measures a predicate head where the boxes are known, a detector of boxes, or findings.
import Interaction
import Terminal

enum EvaluateCommand {
    static let measured = Operand(
        "WEIGHTS|FINDINGS",
        help: "A head that 'hoi train' wrote, a YOLOX detector, or findings: what 'hoi detect' "
            + "writes with --format jsonl, json, hico or vcoco, or others in these forms.")
    static let data = Operand(
        "ANNOTATIONS",
        help: "For a head HICO-DET's test annotations, as github.com/fredzzhang/hicodet writes "
            + "them, or annotated photographs (.jsonl); for a detector COCO's instances (.json), or lines with image and boxes "
            + "(.jsonl); for findings those of HICO-DET, HICO-DET-SG or V-COCO, which each have "
            + "their measure, or lines with interactions for UnRel's, where there may be several.",
        isVariadic: true)
    static let instances = Option.path(
        "instances", placeholder: "FILE.json",
        help: "COCO's instances, which V-COCO's official form needs.", group: "Findings")
    static let agreement = Option.flag(
        "agreement",
        help: "ANNOTATIONS are findings in another version of the same pictures: say how much is "
            + "found in both. What 'hoi detect --boxes' writes as jsonl has things, too.",
        group: "Findings")
    static let extent = Option.choice(
        "extent", default: RetrievalAccuracy.Extent.union,
        help: "Boxes that are compared for UnRel's measure: the smallest around both things, the "
            + "subject's, or both.", group: "Findings")
    static let overlap = Option.real(
        "overlap", in: 0...1, default: 0.3,
        help: "How much they overlap at least; 1 where candidates are annotated boxes.",
        group: "Findings")
    static let queries = Option.path(
        "queries", placeholder: "FILE.txt",
        help: "What UnRel's measure asks for, as dog-ride-bike, one a line; all that the "
            + "annotations show unless said.", group: "Findings")
    static let beside = Option.path(
        "beside", placeholder: "FILE.safetensors",
        help: "Measure another detector on the same pictures, and how much of its precision this "
            + "one has.", group: "Detector")
    static let objects = Option.string(
        "objects", placeholder: "THING,...",
        help: "Average over these kinds of things; over those of which ten are there unless said.",
        group: "Detector")
    static let verbs = Option.flag(
        "verbs",
        help: "Print each verb: its mean, and how much worse it is than at its best; each role; or "
            + "each query.",
        group: "Evaluation")
    static let probe = Option.flag(
        "probe",
        help: "Measure how well the object can be told from the head's features, by a linear "
            + "classifier that learns on half of the pictures.", group: "Evaluation")
    static let format = Option.choice(
        "format", default: FigureFormat.table, help: "How figures are printed.", group: "Output")
    static let report = Option.path(
        "report", placeholder: "FILE.json", help: "Write all figures to a file, too.",
        group: "Output")

    static let command = Command(
        "evaluate", summary: "Measure a predicate head, a detector, or findings.",
        discussion: [
            "The measure is HICO-DET's: mean average precision over its verb-object pairs, at "
                + "eleven recalls; a found pair counts where both boxes overlap an annotated pair "
                + "by a half. Boxes are the annotated ones, so that no detector has a part in it.",
            "Unseen are the combinations that the head's file says were kept from its training, "
                + "unless a split is named.",
            "A detector is measured as COCO does, on pictures of which all things are annotated. "
                + "Intervals hold 95 of 100 figures on pictures drawn anew from these.",
            "Findings are measured as the annotations' data set does: with V-COCO by role and agent "
                + "average precision, scenarios 1 and 2; with lists of pictures by UnRel's retrieval.",
        ], operands: [measured, data],
        options: [
            verbs, probe, PhotographOptions.detector, PhotographOptions.pictures,
            PhotographOptions.pairs, PhotographOptions.match, DetectCommand.side, beside, objects,
            agreement, instances,
            extent,
            overlap, queries, format,
            report, SplitOptions.split, SplitOptions.file, SplitOptions.count, SplitOptions.seed,
            CommonOptions.threads, CommonOptions.logFile, CommonOptions.verbose,
            CommonOptions.quiet,
        ],
        examples: [
            Example(
                "hoi evaluate head.safetensors instances_test2015.json",
                "Full, rare, non-rare, unseen, seen."),
            Example(
                "hoi evaluate head.safetensors instances_test2015.json --verbs --probe",
                "And where it leans on the object."),
            Example(
                "hoi evaluate detector.safetensors instances_val2017.json --pictures val2017",
                "COCO's average precision."),
            Example(
                "hoi evaluate found/interactions.jsonl instances_test2015.json",
                "HICO-DET's measure of what 'hoi detect --score 0' found."),
            Example(
                "hoi evaluate restored.jsonl pristine.jsonl --agreement",
                "Are the same things found in a restored video?"),
            Example(
                "hoi evaluate vcoco.json vcoco_test.json --instances instances_val2014.json",
                "V-COCO's role AP."),
        ], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        let log = try CommonOptions.log(arguments)
        let (file, annotations) = (arguments[measured][0], arguments[data][0])
        if arguments[agreement] {
            guard arguments[data].count == 1 else {
                throw UsageError.unexpectedOperand(arguments[data][1])
            }
            return try AgreementFigures(
                file, with: annotations, beside: arguments[beside]
            ).say(arguments)
        }
        if KnownFindings.isOne(file) { return try FindingsEvaluation(arguments, log).run() }
        guard arguments[data].count == 1 else {
            throw UsageError.unexpectedOperand(arguments[data][1])
        }
        if try DetectorEvaluation.isDetector(file) {
            return try DetectorEvaluation(arguments).run(log)
        }
        let model = try PredicateModel(contentsOf: file)
        if PhotographOptions.isList(annotations) {
            guard !arguments.isGiven(SplitOptions.split) else {
                throw UsageError.nonsense(
                    "photographs ask for what was kept from the head; --split is for annotations")
            }
            return try evaluateOnPhotographs(model, arguments, log)
        }
        guard model.head.regions == nil else {
            throw UsageError.nonsense(
                "\(file) is told by photographs; \(annotations) has none, name a list (.jsonl)")
        }
        let set = try HICODET(contentsOf: annotations)
        guard Set(set.verbs).isSubset(of: model.verbNames) else {
            throw VerbsError(file: file, data: annotations)
        }
        var unseen = model.unseen, pictures = set.pictures
        if arguments.isGiven(SplitOptions.split) {
            let chosen = try SplitOptions.chosen(
                by: arguments, of: set.triplets, verbs: set.verbs)
            (unseen, pictures) = (chosen.split.unseen, try chosen.test(among: pictures))
        }
        let pairs = LabelledPairs(pictures, verbNames: model.verbNames)
        log.info("\(pairs.count) pairs in \(pictures.count) pictures")
        let scorer = try PredicateScorer(model, threads: arguments[CommonOptions.threads])
        let probabilities = try scorer.probabilities(of: pairs)
        if let code = Signals.exitCode { return code }
        let accuracy = PredicateAccuracy(
            probabilities, of: pairs, in: pictures, triplets: set.triplets, rare: set.rare,
            unseen: Set(set.triplets.indices.filter { unseen.contains(set.triplets[$0]) }))
        if let code = Signals.exitCode { return code }
        let probed =
            arguments[probe] ? try ObjectProbe(scorer.encodings(of: pairs), of: pairs) : nil
        return try AccuracyReport(
            accuracy: accuracy, probe: probed, model: model, title: "mAP on annotated boxes, %"
        ).say(arguments)
    }
}

extension EvaluateCommand {
    /// Measures a head on the photographs that no head learns from, and on those with what was kept from it.
    private static func evaluateOnPhotographs(
        _ model: PredicateModel, _ arguments: Arguments, _ log: Log
    ) throws -> ExitCode {
        guard
            let seen = try PhotographOptions.seen(
                arguments, list: arguments[data][0], log, subject: model.head.subject)
        else { return Signals.exitCode ?? .interrupted }
        guard model.head.subject == .pairs || !arguments[probe] else {
            throw UsageError.nonsense(
                "--probe asks for the thing, which this head tells with the verb")
        }
        guard model.verbNames == seen.plain.verbNames,
            model.head.regions.map({ seen.plain.regions!.begins(with: $0) }) ?? true
        else { throw VerbsError(file: arguments[measured][0], data: arguments[data][0]) }
        let pairs = seen.measuring(model.unseen)
        log.info("\(pairs.count) pairs")
        let scorer = try PredicateScorer(model, threads: arguments[CommonOptions.threads])
        let accuracy = PhotographAccuracy(
            try scorer.probabilities(of: pairs), of: pairs, unseen: model.unseen)
        let probed =
            arguments[probe] ? try ObjectProbe(scorer.encodings(of: pairs), of: pairs) : nil
        return try PhotographReport(accuracy: accuracy, probe: probed).say(arguments)
    }
}

/// A head that does not know the verbs of the annotations.
struct VerbsError: ExitCodeProviding {
    let file: String, data: String

    var exitCode: Int32 { ExitCode.badData.rawValue }
    var description: String {
        "\(file) was trained on other verbs than \(data) has; train on the same data set"
    }
}
