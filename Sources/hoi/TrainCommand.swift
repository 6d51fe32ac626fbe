// hoi train: teaches the predicate head verbs, from annotated boxes.
import Interaction
import Learning
import LearningOptions
import Networks
import Teaching
import Terminal

enum TrainCommand {
    static let data = Operand(
        "ANNOTATIONS",
        help: "HICO-DET's training annotations, as github.com/fredzzhang/hicodet writes them "
            + "(.json), or annotated photographs, one a line (.jsonl).")
    static let output = Option.path(
        "output", short: "o", placeholder: "FILE.safetensors",
        help: "Where the weights go; OBJECTIVE.safetensors.", group: "Output")
    static let objective = Option.choice(
        "objective", default: PredicateObjective.erm, placeholder: "OBJECTIVE",
        help: "prior tells the head the object, as usual detectors do; erm does not; dann, cdann, "
            + "klprior and coral also make its features alike for all objects: by an adversary, "
            + "by one that knows the verb, by one that may know what the verb says of the object, "
            + "and by mean and covariance.",
        group: "Training")
    static let lambda = Option.real(
        "lambda", in: 0...1000, default: 0.1,
        help: "What that counts beside verbs, after a slow start.", group: "Training")
    static let balance = Option.real(
        "balance", in: 0...1, default: 0.5,
        help: "How evenly combinations are drawn for it: 1 as often as they occur, 0 all alike.",
        group: "Training")
    static let verbBalance = Option.real(
        "verb-balance", in: 0...1, default: 1,
        help: "How evenly combinations are drawn to learn verbs, likewise.", group: "Training")
    static let spectral = Option.flag(
        "spectral-norm", help: "Hold the spectral norm of the adversary's layers at 1.",
        group: "Training")
    static let looks = Option.flag(
        "looks",
        help: "Fit how looks of people are compared, for 'hoi teach'; goes to looks.safetensors.",
        group: "Photographs")
    static let steps = Option.integer(
        "steps", in: 1...100_000_000, default: 4000, help: "Stop after so many steps.",
        group: "Training")
    static let rate = Option.real(
        "learning-rate", in: 0...1, default: 0.001, help: "The schedule's peak.",
        group: "Training")
    static let heldOut = Option.integer(
        "held-out", in: 0...10_000, default: 0,
        help: "Keep so many more combinations back, and a fifth of the pictures, and measure on "
            + "them what was learned: to choose an objective without looking at a test.",
        group: "Selection")
    static let heldOutSeed = Option.integer(
        "held-out-seed", in: 0...Int.max, default: 1, help: "Seed of what is kept back.",
        group: "Selection")
    static let heldOutInterval = Option.integer(
        "held-out-every", in: 1...100_000_000,
        help: "Steps from one measurement to the next; only at the end unless said.",
        group: "Selection")

    static let command = Command(
        "train", summary: "Teach verbs from annotated boxes.",
        discussion: [
            "From annotations alone the head learns by boxes: how a person and a thing lie to each "
                + "other. From photographs it also learns how they look, by the features of a "
                + "detector. Pairs that show a combination that is kept back are left out, neither "
                + "as examples nor as counterexamples.",
            "Of photographs a fifth is not learned from; 'hoi evaluate' measures on it.",
            "With --looks nothing is trained: from what people look like it is worked out how their "
                + "looks are best compared, which 'hoi teach' needs.",
            "With --people it learns what people do with things that are not seen, or that no "
                + "detector knows.",
        ], operands: [data],
        options: [
            output, TrainingRun.checkpoint, TrainingRun.report, SplitOptions.split,
            SplitOptions.file, SplitOptions.count,
            SplitOptions.seed, objective, lambda, balance, verbBalance, spectral, steps, rate,
            TrainingRun.seed,
            heldOut,
            heldOutSeed,
            heldOutInterval, PhotographOptions.detector, PhotographOptions.pictures,
            PhotographOptions.pairs, PhotographOptions.regions, PhotographOptions.match,
            PhotographOptions.people, looks, PhotographOptions.withhold,
            CommonOptions.threads, CommonOptions.progress, CommonOptions.logFile,
            CommonOptions.verbose, CommonOptions.quiet,
        ] + RuleOptions.all,
        examples: [
            Example(
                "hoi train instances_train2015.json --split drawn --objective klprior",
                "60 combinations stay unseen."),
            Example(
                "hoi train instances_train2015.json --objective klprior --lambda 0.3 --held-out 60",
                "How good is this choice for what was never seen?"),
        ], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        let log = try CommonOptions.log(arguments)
        try checkCanWrite(
            arguments[looks] ? arguments[output] ?? "looks.safetensors" : path(arguments))
        // What would say nothing is refused, not passed over.
        if PhotographOptions.isList(arguments[data][0]) {
            guard !arguments.isGiven(SplitOptions.split), arguments[heldOut] == 0 else {
                throw UsageError.nonsense(
                    "photographs take --withhold; --split and --held-out are for annotations")
            }
            return try arguments[looks]
                ? fitLooks(arguments, log) : trainOnPhotographs(arguments, log)
        }
        guard arguments[PhotographOptions.withhold] == nil,
            arguments[PhotographOptions.pairs] == nil, !arguments[PhotographOptions.people],
            !arguments[looks],
            !arguments.isGiven(PhotographOptions.regions)
        else {
            throw UsageError.nonsense(
                "--withhold, --pairs, --people, --looks and --regions are for photographs (.jsonl)")
        }
        let set = try HICODET(contentsOf: arguments[data][0])
        let chosen = try SplitOptions.chosen(by: arguments, of: set.triplets, verbs: set.verbs)
        let (split, photographs) = (chosen.split, try chosen.training(among: set.pictures))
        let selection = try heldBack(arguments, set, photographs, split)
        let pictures = selection?.held.training ?? split.withholding(from: photographs)
        let unseen = split.unseen.union(selection?.held.combinations ?? [])
        let pairs = LabelledPairs(pictures, verbNames: set.verbs)
        log.info("\(pairs.count) pairs, \(unseen.count) combinations kept back")
        if let code = Signals.exitCode { return code }

        let display = CommonOptions.progress(
            "train", total: arguments[steps], unit: "steps", arguments)
        defer { display.finish() }
        var watch: (interval: Int, look: (Int, PredicateModel) throws -> Void)?
        if let selection, let interval = arguments[heldOutInterval] {
            watch = (
                interval,
                { step, model in
                    let figures = try selection.measured(model)
                    log.info("step \(step), held out: \(figures)")
                }
            )
        }
        let trained = try PredicateTraining(try settings(arguments)).run(
            on: pairs, triplets: set.triplets, unseen: unseen,
            progress: { say($0, display, log) }, watch: watch,
            shouldStop: { Signals.isStopRequested })
        guard trained.isComplete else { return stopped(arguments, log) }
        let path = path(arguments)
        try trained.model.write(to: path)
        display.finish()
        if let selection {
            let figures = try selection.measured(trained.model)
            CommonOptions.output("held out: \(figures)")
        }
        CommonOptions.output(path)
        return .success
    }

    /// Fits how looks of people are compared.
    private static func fitLooks(_ arguments: Arguments, _ log: Log) throws -> ExitCode {
        guard !arguments[PhotographOptions.people], arguments[PhotographOptions.withhold] == nil,
            !arguments.isGiven(objective), !arguments.isGiven(steps)
        else {
            throw UsageError.nonsense(
                "--looks compares all that is shown and takes no steps; leave out --people, "
                    + "--withhold, --objective and --steps")
        }
        guard
            let seen = try PhotographOptions.seen(
                arguments, list: arguments[data][0], log, subject: .people)
        else { return Signals.exitCode ?? .interrupted }
        guard let people = KnownLooks(seen), people.suffices else {
            throw LooksError(data: arguments[data][0])
        }
        let display = CommonOptions.progress("fit", total: 5, unit: "spaces", arguments)
        defer { display.finish() }
        guard
            let space = try LookSpace.learned(
                from: people, threads: arguments[CommonOptions.threads],
                progress: { display.update(done: $0) }, shouldStop: { Signals.isStopRequested })
        else {
            if let code = Signals.exitCode { return code }
            throw LooksError(data: arguments[data][0])
        }
        let path = arguments[output] ?? "looks.safetensors"
        try space.write(to: path)
        CommonOptions.output(path)
        return .success
    }

    /// Teaches the appearance branch.
    private static func trainOnPhotographs(
        _ arguments: Arguments, _ log: Log
    ) throws -> ExitCode {
        var settings = try settings(arguments)
        settings.subject = arguments[PhotographOptions.people] ? .people : .pairs
        guard settings.subject == .pairs || arguments[PhotographOptions.withhold] == nil else {
            throw UsageError.nonsense(
                "--people tells verbs and things together: none of them is left where one is "
                    + "withheld")
        }
        guard settings.subject == .pairs || settings.objective == .erm else {
            throw UsageError.nonsense(
                "--people tells verbs and things together; there is no kind of thing to be told or "
                    + "hidden (--objective erm)")
        }
        guard
            let seen = try PhotographOptions.seen(
                arguments, list: arguments[data][0], log, subject: settings.subject)
        else { return Signals.exitCode ?? .interrupted }
        let unseen = try PhotographOptions.withheld(arguments, of: seen.plain)
        let pairs = seen.training(without: unseen)
        log.info("\(pairs.count) pairs, \(unseen.count) combinations kept back")
        settings.regions = PhotographOptions.regions(arguments, of: seen.plain)
        settings.absence = .knownUnlessKept
        if settings.subject == .people {
            // Those who are known to do nothing are few.
            (settings.positives, settings.negatives) = (448, 64)
        }
        let display = CommonOptions.progress(
            "train", total: arguments[steps], unit: "steps", arguments)
        defer { display.finish() }
        let trained = try PredicateTraining(settings).run(
            on: pairs, triplets: Array(seen.plain.triplets), unseen: unseen,
            progress: { say($0, display, log) }, shouldStop: { Signals.isStopRequested })
        guard trained.isComplete else { return stopped(arguments, log) }
        let path = path(arguments)
        let model = trained.model.saying([BranchedModel.detectorKey: seen.detector])
        if settings.subject == .people {
            let fusion = try BranchFusion(calibrating: model, on: seen.measuring(unseen))
            log.info("logits: \(fusion.appearance) looks + \(fusion.offset)")
            try model.calibrated(by: fusion).write(to: path)
        } else {
            try model.write(to: path)
        }
        CommonOptions.output(path)
        return .success
    }

    private static func path(_ arguments: Arguments) -> String {
        arguments[output] ?? "\(arguments[objective].rawValue).safetensors"
    }

    private static func stopped(_ arguments: Arguments, _ log: Log) -> ExitCode {
        if let place = arguments[TrainingRun.checkpoint] {
            log.info("stopped; the same command goes on from \(place)")
        }
        return Signals.exitCode ?? .interrupted
    }

    private static func settings(_ arguments: Arguments) throws -> PredicateSettings {
        var settings = PredicateSettings(arguments[objective], steps: arguments[steps])
        settings.alignment.lambda = arguments[lambda]
        settings.balance = arguments[balance]
        settings.verbBalance = arguments[verbBalance]
        settings.isSpectral = arguments[spectral]
        settings.peakRate = arguments[rate]
        settings.seed = UInt64(arguments[TrainingRun.seed])
        settings.threads = arguments[CommonOptions.threads]
        settings.checkpointPath = arguments[TrainingRun.checkpoint]
        settings.logPath = arguments[TrainingRun.report]
        settings.rule = try RuleOptions.choice(arguments)
        return settings
    }

    private static func say(_ report: PredicateTraining.Report, _ display: Progress, _ log: Log) {
        let progress = report.progress
        display.update(done: progress.step)
        let parts = report.losses.sorted { $0.key < $1.key }.filter { $0.key != "loss" }.map {
            "\($0.key) \(fixed($0.value, decimals: 4))"
        }
        log.info(
            progress.line(decimals: 4) + "; " + parts.joined(separator: ", "))
        if let energies = progress.energyLine { log.detail(energies) }
    }

    /// What an objective is chosen by; nil where nothing more is kept back.
    private static func heldBack(
        _ arguments: Arguments, _ set: HICODET, _ photographs: [AnnotatedPicture],
        _ split: CompositionSplit
    ) throws -> Selection? {
        let count = arguments[heldOut]
        guard count > 0 else { return nil }
        guard
            let held = HeldOutCombinations(
                photographs, split, count: count, seed: UInt64(arguments[heldOutSeed]))
        else { throw SplitError(count: count, known: split.seen.count) }
        return Selection(held: held, set: set, threads: arguments[CommonOptions.threads])
    }
}

/// Photographs that are too few or too much alike to say how looks are compared.
struct LooksError: ExitCodeProviding {
    let data: String

    var exitCode: Int32 { ExitCode.badData.rawValue }
    var description: String {
        "\(data): does not show four verbs or more, thirty people each, whose looks could be compared"
    }
}

/// Combinations that are kept back, and the pictures that ask for them.
private struct Selection {
    let held: HeldOutCombinations
    private let set: HICODET, threads: Int
    private let pairs: LabelledPairs

    init(held: HeldOutCombinations, set: HICODET, threads: Int) {
        (self.held, self.set, self.threads) = (held, set, threads)
        pairs = LabelledPairs(held.selection, verbNames: set.verbs)
    }

    /// How good a model is for what was kept from it, in a line.
    func measured(_ model: PredicateModel) throws -> String {
        let scorer = try PredicateScorer(model, threads: threads)
        let means = PredicateAccuracy(
            try scorer.probabilities(of: pairs), of: pairs, in: held.selection,
            triplets: set.triplets, rare: set.rare,
            unseen: Set(
                set.triplets.indices.filter { held.combinations.contains(set.triplets[$0]) })
        ).means()
        func percent(_ value: Double?) -> String {
            value.map { fixed(100 * $0, decimals: 2) } ?? "n/a"
        }
        return "unseen \(percent(means.unseen)), seen \(percent(means.seen)), "
            + "harmonic mean \(percent(means.harmonic))"
    }
}
