// hoi study: which objective helps with what was never seen, by choice on training data and a test with several seeds.
import Glibc
import Interaction
import Networks
import Teaching
import Terminal

enum StudyCommand {
    static let data = Operand(
        "ANNOTATIONS", help: "HICO-DET's training annotations (.json), or photographs (.jsonl).")
    static let test = Option.path(
        "test", placeholder: "FILE.json", help: "HICO-DET's test annotations.", group: "Data")
    static let fold = Option.strings(
        "fold", placeholder: "VERB THING,...",
        help:
            "Of photographs: combinations that are kept from training and asked for; with several "
            + "folds, each in turn, and the choice for one goes by the others.", group: "Data")
    static let record = Option.path(
        "record", short: "o", placeholder: "FILE.jsonl",
        help: "Every run that is done, a line each; the same command goes on from there "
            + "(study.jsonl).", group: "Output")
    static let tried = Option.strings(
        "try", placeholder: "VARIANT",
        help: "What is tried, as klprior:lambda=0.1,layer=0; unless said, each objective four "
            + "times. Names: \(PredicateVariant.Name.allCases.map(\.rawValue).joined(separator: ", ")).",
        group: "Study")
    static let companions = Option.strings(
        "also", placeholder: "VARIANT", help: "Test this beside what was chosen.", group: "Study")
    static let selections = Option.integer(
        "selections", in: 1...20, default: 2,
        help: "How many times combinations of the annotations are kept back to choose by.",
        group: "Study")
    static let seeds = Option.integer(
        "seeds", in: 1...100, default: 5, help: "Runs of the test.", group: "Study")

    static let teach = Option.flag(
        "teach",
        help: "Of photographs: how well 'hoi teach' tells verbs from 1, 2, 5 and 10 photographs, "
            + "beside other memories and classifiers.", group: "Teaching")
    static let draws = Option.integer(
        "draws", in: 1...1000, default: 20,
        help: "Times that the photographs which teach are drawn.", group: "Teaching")

    static let command = Command(
        "study", summary: "Which objective helps with what was never seen?",
        discussion: [
            "Trains heads in many ways, each objective equally often, and measures them on "
                + "combinations of the training data that are kept back. The best 'prior', the best "
                + "'erm' and the best of those that align features are then tested, with several "
                + "seeds, on combinations that were kept from all of this. Prints means and 95 % "
                + "intervals, whatever their sign.",
            "Can be stopped and started again.",
            "With --teach it holds a quarter of the verbs back in turn, teaches them by few photographs, "
                + "and asks for them among all other photographs: choices are made on two of the "
                + "quarters, figures are of the two others.",
        ], operands: [data],
        options: [
            record, test, SplitOptions.split, SplitOptions.file, SplitOptions.count,
            SplitOptions.seed, fold, PhotographOptions.detector, PhotographOptions.pictures,
            PhotographOptions.pairs, PhotographOptions.regions, PhotographOptions.match, tried,
            companions, selections, TrainCommand.heldOut, seeds, EvaluateCommand.probe,
            TrainCommand.steps, teach, draws,
            EvaluateCommand.report, CommonOptions.threads, CommonOptions.progress,
            CommonOptions.logFile, CommonOptions.verbose, CommonOptions.quiet,
        ],
        examples: [
            Example(
                "hoi study instances_train2015.json --test instances_test2015.json --split drawn "
                    + "--held-out 60 --probe", "Boxes of HICO-DET."),
            Example(
                "hoi study photos.jsonl --fold 'ride horse' --fold 'repair car' --steps 300",
                "Photographs."),
            Example(
                "hoi study photos.jsonl --teach --pairs people-seen.safetensors",
                "What one to ten photographs teach."),
        ], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        let log = try CommonOptions.log(arguments)
        if arguments[teach] { return try teaching(arguments, log) }
        guard !arguments.isGiven(draws) else {
            throw UsageError.nonsense("--draws is of --teach")
        }
        let path = arguments[record] ?? "study.jsonl"
        try checkCanWrite(path)
        var settings = PredicateSettings(.erm, steps: arguments[TrainCommand.steps])
        settings.threads = arguments[CommonOptions.threads]
        if PhotographOptions.isList(arguments[data][0]) {
            return try onPhotographs(settings, path, arguments, log)
        }
        guard arguments[fold].isEmpty else {
            throw UsageError.nonsense("--fold is for photographs; annotations take --split")
        }
        guard let testPath = arguments[test] else {
            throw UsageError.nonsense("a study of annotations needs the test's (--test)")
        }
        guard arguments[SplitOptions.split] != .none else {
            throw UsageError.nonsense("nothing is kept from training; name a --split")
        }
        let set = try HICODET(contentsOf: arguments[data][0])
        let asked = try HICODET(contentsOf: testPath)
        guard asked.triplets == set.triplets else {
            throw VerbsError(file: arguments[data][0], data: testPath)
        }
        let chosen = try SplitOptions.chosen(by: arguments, of: set.triplets, verbs: set.verbs)
        let count = max(arguments[TrainCommand.heldOut], 1)
        guard
            let ground = AnnotationGround(
                set, training: try chosen.training(among: set.pictures),
                test: try chosen.test(among: asked.pictures), split: chosen.split,
                keepingBack: count, selections: arguments[selections])
        else { throw SplitError(count: count, known: chosen.split.seen.count) }
        ground.probes = arguments[EvaluateCommand.probe]
        let made = try PhotographPairs.source(
            files: [arguments[data][0], testPath],
            "kept \(chosen.split.unseen.map(\.description).sorted().joined(separator: ", ")); "
                + "held out \(count)")
        return try study(on: ground, settings, madeOf: made, path, arguments, log)
    }

    private static func onPhotographs(
        _ settings: PredicateSettings, _ path: String, _ arguments: Arguments, _ log: Log
    ) throws -> ExitCode {
        guard !arguments.isGiven(SplitOptions.split), arguments[test] == nil,
            arguments[TrainCommand.heldOut] == 0
        else {
            throw UsageError.nonsense(
                "photographs take --fold; --split, --test and --held-out are for annotations")
        }
        guard arguments[fold].count > 1 || !arguments[tried].isEmpty else {
            throw UsageError.nonsense(
                "what is chosen for one --fold goes by others; name several, or what to --try")
        }
        guard let seen = try PhotographOptions.seen(arguments, list: arguments[data][0], log)
        else { return Signals.exitCode ?? .interrupted }
        let folds = try arguments[fold].map {
            try PhotographOptions.combinations($0, "--fold", of: seen.plain)
        }
        var settings = settings
        settings.regions = PhotographOptions.regions(arguments, of: seen.plain)
        settings.absence = .knownUnlessKept
        let made = try PhotographPairs.source(
            files: [arguments[data][0]], "\(seen.detector) \(arguments[PhotographOptions.match])")
        let ground = PhotographGround(seen, folds: folds)
        ground.probes = arguments[EvaluateCommand.probe]
        return try study(on: ground, settings, madeOf: made, path, arguments, log)
    }

    /// What few photographs teach.
    private static func teaching(_ arguments: Arguments, _ log: Log) throws -> ExitCode {
        let list = arguments[data][0]
        guard PhotographOptions.isList(list), arguments[fold].isEmpty, arguments[tried].isEmpty,
            arguments[companions].isEmpty, arguments[test] == nil, arguments[record] == nil,
            !arguments.isGiven(SplitOptions.split)
        else {
            throw UsageError.nonsense(
                "--teach is of photographs (.jsonl) and chooses what is held back itself; leave out "
                    + "--fold, --try, --also, --test, --split and --record")
        }
        guard
            let seen = try PhotographOptions.seen(arguments, list: list, log, subject: .people)
        else { return Signals.exitCode ?? .interrupted }
        guard let people = KnownLooks(seen), people.suffices else { throw LooksError(data: list) }
        var study = TeachingStudy()
        study.draws = arguments[draws]
        study.threads = arguments[CommonOptions.threads]
        let display = CommonOptions.progress("teach", total: 1000, unit: "thousandths", arguments)
        defer { display.finish() }
        guard
            let result = try study.run(
                on: people, progress: { display.update(done: 1000 * $0 / max($1, 1)) },
                shouldStop: { Signals.isStopRequested })
        else { return Signals.exitCode ?? .interrupted }
        display.finish()
        return try TeachingReport(result: result, draws: study.draws).say(arguments)
    }

    private static func variants(_ texts: [String]) throws -> [PredicateVariant] {
        try texts.map { text in
            guard let variant = PredicateVariant(text) else {
                throw UsageError.nonsense("'\(text)' is no variant; klprior:lambda=0.1 is one")
            }
            return variant
        }
    }

    private static func study(
        on ground: some StudyGround, _ settings: PredicateSettings, madeOf made: String,
        _ path: String, _ arguments: Arguments, _ log: Log
    ) throws -> ExitCode {
        let given = try variants(arguments[tried])
        let study = PredicateStudy(
            given.isEmpty ? PredicateVariant.usual : given,
            companions: try variants(arguments[companions]), settings: settings,
            seedCount: arguments[seeds])
        let fingerprint =
            "\(made) steps \(settings.steps) \(settings.regions?.description ?? "boxes")"
        var record = StudyRecord(fingerprint: fingerprint)
        if access(path.fileName, F_OK) == 0 {
            record = try StudyRecord(contentsOf: path)
            guard record.fingerprint == fingerprint else {
                throw NoPicturesError(
                    problem: "\(path) is a study of other data or another length; name another "
                        + "file with -o")
            }
        }
        let total = study.runCount(on: ground)
        let display = CommonOptions.progress("study", total: total, unit: "runs", arguments)
        defer { display.finish() }
        display.update(done: record.outcomes.count)
        let isComplete = try study.run(
            on: ground, record: &record,
            isDone: { record, trial, outcome in
                try CommonOptions.write(record.lines.joined(separator: "\n"), to: path)
                display.update(done: record.outcomes.count)
                log.info(
                    "\(trial.fold), \(trial.variant), seed \(trial.seed): unseen "
                        + "\(StudyReport.percent(outcome.unseen)), seen "
                        + StudyReport.percent(outcome.seen))
            }, shouldStop: { Signals.isStopRequested })
        display.finish()
        guard isComplete else {
            log.info("stopped; the same command goes on from \(path)")
            return Signals.exitCode ?? .interrupted
        }
        return try StudyReport(study, ground, record).say(arguments)
    }
}
