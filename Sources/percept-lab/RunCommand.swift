// percept-lab run: measures claims, as a table of options.
import Laboratory
import Media
import Terminal

enum RunCommand {
    static let experiments = Operand(
        "EXPERIMENT", help: "What to measure; 'percept-lab list' names all.", isVariadic: true,
        completion: .words(Laboratory.experiments.map(\.name)))

    // MARK: Output

    static let output = Option.path(
        "output", short: "o", placeholder: "DIR",
        help: "Write DIR/NAME.json with all figures in full, and DIR/NAME.svg; of several pictures "
            + "DIR/NAME-1.svg and so on.", group: "Output", completion: .folder)

    // MARK: Experiment

    static let seeds = Option.integer(
        "seeds", in: 1...1000, default: 3, help: "Starts per measurement: seeds 1, 2, ...",
        group: "Experiment")
    static let precision = Option.choice(
        "precision", of: NumberPrecision.allCases.map(\.rawValue), placeholder: "f64|f32",
        help: "Numbers to compute with, where an experiment leaves the choice: "
            + "\(Laboratory.choosingPrecision.joined(separator: ", ")); f64 unless said.",
        group: "Experiment")
    static let data = Option.path(
        "data", placeholder: "FOLDER",
        help: "Folder with mnist/ (the four idx files, plain or gzip) and cifar10/ (*.bin), or "
            + "with small/ that has them, and hoi/train.jsonl; without it, digits are rendered.",
        group: "Experiment",
        completion: .folder)
    static let full = Option.flag(
        "full", help: "Measure at the size of the paper, even if that takes hours.",
        group: "Experiment")
    static let steps = Option.integer(
        "steps", in: 100...10_000_000,
        help: "Steps in the world of zospi-maze and zospi-locomotion, instead of their usual ones.",
        group: "Experiment")
    static let pictures = Option.integer(
        "pictures", in: 2...5000,
        help: "Pictures that are stored by memory-completion, memory-denoising, memory-depth and "
            + "memory-hetero, or all of a set that has fewer; instead of 50, or 25 textures.",
        group: "Experiment")

    static let command = Command(
        "run", summary: "Measure claims, and say whether they hold.",
        discussion: [
            "Prints figures, then for each finding what was expected and what was found. The status is "
                + "0 where all findings hold, and 1 where one does not, or where one of several "
                + "experiments cannot be run.",
            "With -o, what an experiment found is written as soon as it is done.",
        ], operands: [experiments],
        options: [
            output, seeds, precision, data, full, steps, pictures, CommonOptions.threads,
            CommonOptions.logFile,
            CommonOptions.verbose, CommonOptions.quiet,
        ],
        examples: [
            Example("percept-lab run zil-exact", "Takes minutes."),
            Example(
                "percept-lab run zil-exact --seeds 10 --full -o results/",
                "As thorough as the paper; writes figures and pictures."),
        ], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        let log = try CommonOptions.log(arguments)
        let chosen = try Laboratory.experiments.named(arguments[experiments])
        let setting = try setting(arguments)
        for experiment in chosen { try setting.check(experiment) }
        let run = ExperimentRun(
            setting, folder: arguments[output], log: log,
            showsSteps: !arguments[CommonOptions.quiet])
        return try run.measure(chosen)
    }

    /// What the options say, the data found.
    static func setting(_ arguments: Arguments) throws -> ExperimentSetting {
        var setting = ExperimentSetting()
        setting.seeds = arguments[seeds]
        setting.precision = arguments[precision].flatMap { NumberPrecision(rawValue: $0) }
        if let folder = arguments[data], !Folder.exists(folder) {
            throw DataError(folder, .unreadable(reason: "no such folder"))
        }
        setting.data = arguments[data]
        setting.isFull = arguments[full]
        setting.steps = arguments[steps]
        setting.pictures = arguments[pictures]
        setting.threads = arguments[CommonOptions.threads]
        return setting
    }
}
