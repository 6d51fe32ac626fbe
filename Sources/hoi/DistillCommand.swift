// hoi distill: teaches a small detector to see what another one sees.
import Interaction
import Learning
import Media
import Networks
import Terminal

enum DistillCommand {
    static let teacher = Operand(
        "TEACHER.safetensors", help: "Weights of a YOLOX detector of COCO's kinds of things.")
    static let inputs = Operand(
        "PICTURES", help: "Photographs, videos, and folders of them.", isVariadic: true)
    static let output = Option.path(
        "output", short: "o", placeholder: "FILE.safetensors",
        help: "Where the weights go; detector.safetensors.", group: "Output")
    static let steps = Option.integer(
        "steps", in: 1...100_000_000, default: 100_000, help: "Stop after so many steps.",
        group: "Training")
    static let batch = Option.integer(
        "batch", in: 1...1024, default: 8, help: "Pictures of a step.", group: "Training")
    static let side = Option.integer(
        "side", in: 32...2048, default: 320, help: "Their side in pixels, a multiple of 32.",
        group: "Training")
    static let rate = Option.real(
        "learning-rate", in: 0...1, default: 0.002, help: "The schedule's peak.",
        group: "Training")
    static let hints = Option.real(
        "hints", in: 0...1000, default: 1,
        help: "How much it also learns what the teacher computes on its way to its answers.",
        group: "Training")
    static let closeUps = Option.real(
        "close-ups", in: 0...1, default: 0,
        help:
            "How many of the photographs are cut to a thing in them, rare kinds of things as often as others.",
        group: "Training")
    static let start = Option.path(
        "from", placeholder: "FILE.safetensors",
        help: "Weights of a student to begin with, instead of random ones.", group: "Training")
    static let interval = Option.integer(
        "every", in: 1...1_000_000, default: 12, help: "Take every N-th frame of videos.",
        group: "Training")
    static let watch = Option.integer(
        "held-out-every", in: 1...100_000_000, default: 2000,
        help: "Steps from one look at the pictures that are held out to the next; a fiftieth is.",
        group: "Selection")

    static let command = Command(
        "distill", summary: "Teach a small detector what another one sees.",
        discussion: [
            "The student begins with random weights and learns from pictures that nobody has "
                + "annotated: parts of them, mixed and recoloured, are shown to both, and the "
                + "student is corrected by what the teacher says of each place."
        ], operands: [teacher, inputs],
        options: [
            output, TrainingRun.checkpoint, TrainingRun.report, steps, batch, side, rate,
            hints, closeUps, start, TrainingRun.seed, interval, watch,
            CommonOptions.threads, CommonOptions.progress, CommonOptions.logFile,
            CommonOptions.verbose, CommonOptions.quiet,
        ],
        examples: [
            Example(
                "hoi distill yolox_nano.safetensors photos/ videos/ -o detector.safetensors",
                "Makes a detector of one's own.")
        ], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        let log = try CommonOptions.log(arguments)
        let settings = try settings(arguments)
        let place = arguments[teacher][0], path = arguments[output] ?? "detector.safetensors"
        try checkCanWrite(path)
        let detector = try DetectorWeights(contentsOf: place)
        let first = try arguments[start].map { try DetectorWeights(contentsOf: $0) }
        let all = try collection(arguments[inputs], every: arguments[interval])
        let things: [[Detection]?]
        let looking = CommonOptions.progress(
            "survey", total: all.count, unit: "pictures", arguments)
        do {
            things = try Teacher.survey(
                all, with: place, side: settings.side, threads: settings.threads,
                progress: { looking.update(done: $0) }, shouldStop: { Signals.isStopRequested })
            looking.finish()
        } catch is CancellationError {
            looking.finish()
            return Signals.exitCode ?? .interrupted
        }
        let unreadable = things.count { $0 == nil }
        if unreadable > 0 {
            log.warning("\(unreadable) of \(all.count) pictures cannot be read, and are left out")
        }
        let (some, held) = all.knowing(things).divided(every: 50)
        guard some.count > 0 else {
            throw NoPicturesError(problem: "no pictures to learn from")
        }
        log.info("pictures: \(some.count) to learn from, \(held.count) held out")
        let found = Set(things.compactMap { $0 }.joined().map(\.category)).count
        log.info("kinds that the teacher finds in them: \(found)")
        let training = some.favouringRareKinds()

        let display = CommonOptions.progress(
            "distill", total: arguments[steps], unit: "steps", arguments)
        defer { display.finish() }
        let agreement = try DetectorAgreement(with: place, on: held, side: settings.side)
        let result = try DetectorDistillation(settings).run(
            taughtBy: detector, from: first, on: training,
            progress: { say($0, display, log) },
            watch: (
                arguments[watch],
                { step, weights in
                    let figures = try agreement.figures(of: weights)
                    log.info("step \(step), held out: \(figures)")
                }
            ), shouldStop: { Signals.isStopRequested })
        guard result.isComplete else {
            if let place = arguments[TrainingRun.checkpoint] {
                log.info("stopped; the same command goes on from \(place)")
            }
            return Signals.exitCode ?? .interrupted
        }
        try result.weights.write(
            to: path,
            metadata: [
                DetectorInput.key: DetectorInput.normalised.rawValue,
                "percept.kind": "detector", "percept.steps": "\(settings.steps)",
                "percept.seed": "\(settings.seed)",
            ])
        display.finish()
        let figures = try agreement.figures(of: result.weights)
        CommonOptions.output("held out: \(figures)")
        CommonOptions.output(path)
        return .success
    }

    private static func settings(_ arguments: Arguments) throws -> DistillationSettings {
        var settings = DistillationSettings(steps: arguments[steps])
        settings.batch = arguments[batch]
        if settings.batch % settings.group != 0 { settings.group = settings.batch }
        settings.side = try FindingOptions.side(arguments, side)
        settings.peakRate = arguments[rate]
        settings.hintWeight = arguments[hints]
        settings.closeUps = arguments[closeUps]
        settings.seed = UInt64(arguments[TrainingRun.seed])
        settings.threads = arguments[CommonOptions.threads]
        settings.checkpointPath = arguments[TrainingRun.checkpoint]
        settings.logPath = arguments[TrainingRun.report]
        return settings
    }

    /// All pictures that operands name.
    private static func collection(
        _ paths: [String], every interval: Int
    ) throws -> PictureCollection {
        var collection = PictureCollection()
        for path in paths {
            for file in try files(path) {
                if StillReader.Kind(path: file) != nil {
                    collection.append(photograph: file)
                } else {
                    try collection.append(video: file, every: interval)
                }
            }
        }
        return collection
    }

    private static func files(_ path: String) throws -> [String] {
        guard Folder.exists(path) else { return [path] }
        return try Folder.names(in: path).map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
    }

    private static func say(_ report: DetectorDistillation.Report, _ display: Progress, _ log: Log)
    {
        let progress = report.progress
        display.update(done: progress.step)
        let parts = report.losses.sorted { $0.key < $1.key }.map {
            "\($0.key) \(fixed($0.value, decimals: 3))"
        }
        log.info(
            "step \(progress.step) of \(progress.steps): loss "
                + "\(fixed(progress.loss, decimals: 3)), "
                + "\(fixed(progress.stepsPerSecond, decimals: 2)) steps/s, "
                + "\(humanDuration(progress.secondsLeft)) left; " + parts.joined(separator: ", "))
    }
}
