// mwgan train: fits a model to pairs of pristine and compressed video.
import Enhancement
import Glibc
import Learning
import Tensors
import Terminal

/// The networks that can be trained.
enum Design: String, CaseIterable {
    case live, studio

    var shape: GeneratorShape { GeneratorShape.named[rawValue]! }
}

enum TrainCommand {
    static let data = Operand(
        "DATA",
        help: "Folder with pairs.jsonl, as Scripts/make-pairs.py writes it.",
        completion: .folder)
    static let output = Option.path(
        "output", short: "o", placeholder: "FILE.safetensors", help: "Where the weights go.",
        group: "Output")
    static let checkpoint = Option.path(
        "checkpoint", help: "Written every 5 minutes; resumed from, bit for bit, if it exists.",
        group: "Output")
    static let steps = Option.integer(
        "steps", in: 1...100_000_000, placeholder: "N", help: "Stop after so many steps; 20000.",
        group: "Training")
    static let duration = Option.time(
        "duration", help: "Stop after so long, the schedule fitted to it.", group: "Training")
    static let batch = Option.integer(
        "batch", in: 1...1024, default: 16, help: "Crops a step.", group: "Training")
    static let crop = Option.integer(
        "crop", in: 32...96, default: 64, help: "Side of a crop in pixels.", group: "Training")
    static let rate = Option.real(
        "learning-rate", in: 0...1, default: 0.001, help: "The schedule's peak.", group: "Training")
    static let chroma = Option.real(
        "chroma-weight", in: 0...100, default: 0,
        help: "What an error of chroma counts beside one of luma; 0 leaves chroma as it is.",
        group: "Training")
    static let maximumPSNR = Option.real(
        "max-psnr", in: 0...100, default: 100, placeholder: "DB",
        help:
            "Leave out pairs whose Y-PSNR is higher: what is left alone in use needs no training.",
        group: "Training")
    static let often = Option.pairs(
        "often", placeholder: "CONTENT=N",
        help: "Draw pairs whose content is CONTENT N times as often: video=4.", group: "Training")
    static let model = Option.choice(
        "model", default: Design.live, help: "What is trained.", group: "Model")
    static let start = Option.string(
        "from", placeholder: "NAME|FILE",
        help: "Weights to begin with, instead of new ones; they say the size, too.",
        group: "Model", completion: .wordsOrFile(["live"]))
    static let seed = Option.integer(
        "seed", in: 0...Int.max, default: 1, help: "Seed of all random choices.", group: "Training")

    static let command = Command(
        "train", summary: "Train a model on pristine and compressed video.", operands: [data],
        options: [
            output, checkpoint, CommonOptions.report, steps, duration, batch, crop, rate, chroma,
            maximumPSNR, often, seed, model, start, CommonOptions.precision, CommonOptions.threads,
            CommonOptions.progress, CommonOptions.logFile, CommonOptions.verbose,
            CommonOptions.quiet,
        ],
        examples: [
            Example(
                "mwgan train pairs/ --model live --duration 6h -o live.safetensors",
                "Six hours of training."),
            Example(
                "mwgan train pairs/ --from first.safetensors --often video=4",
                "Go on from first weights, mostly with what people film."),
        ], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        let log = try CommonOptions.log(arguments)
        let folder = arguments[data][0]
        guard !(arguments.isGiven(steps) && arguments.isGiven(duration)) else {
            throw UsageError.exclusive("--steps", "--duration")
        }
        let tiles = try pack(PairList(folder: folder), in: folder, arguments, log)
        if let code = Signals.exitCode { return code }
        let start = try arguments[start].map { try LoadedModel($0) }
        let name = arguments[model].rawValue
        let path = arguments[output] ?? "\(name).safetensors"
        var training = FidelityTraining(
            start?.model.generator.shape ?? arguments[model].shape, name: name,
            steps: arguments[steps] ?? 20_000)
        training.batch = arguments[batch]
        training.patchSize = arguments[crop] / 2
        training.peakRate = arguments[rate]
        training.chromaWeight = arguments[chroma]
        training.seed = UInt64(arguments[seed])
        training.precision = CommonOptions.precision(arguments)
        training.threads = CommonOptions.threads(arguments)
        training.checkpointPath = arguments[checkpoint]
        training.logPath = arguments[CommonOptions.report]
        if let seconds = arguments[duration] {
            training.steps = try stepsWithin(seconds, training, tiles)
            log.info("\(training.steps) steps fit into \(humanDuration(seconds))")
        }
        let display = CommonOptions.progress("train", total: training.steps, arguments)
        let result = try training.run(
            on: tiles, from: start?.model.parameters,
            progress: { progress in
                display.update(done: progress.step)
                log.info(
                    "step \(progress.step) of \(progress.steps): loss \(fixed(progress.loss, decimals: 6)), "
                        + "\(fixed(progress.stepsPerSecond, decimals: 1)) steps/s, "
                        + "\(humanDuration(progress.secondsLeft)) left")
            }, shouldStop: { Signals.isStopRequested })
        display.finish()
        guard result.isComplete else {
            if let place = arguments[checkpoint] {
                log.info("stopped; the same command goes on from \(place)")
            }
            return Signals.exitCode ?? .interrupted
        }
        try result.model.write(to: path)
        CommonOptions.output(path)
        return .success
    }

    /// Packs the pairs of the set "train" that are not packed yet; pairs that do not fit are
    /// reported and left out.
    ///
    /// - Returns: Files of tiles, as often as each is to be drawn from.
    private static func pack(
        _ list: PairList, in folder: String, _ arguments: Arguments, _ log: Log
    ) throws -> [String] {
        let often = try repetitions(arguments, of: list)
        let pairs = list.pairs.filter {
            $0.set == "train" && $0.decibels ?? 0 <= arguments[maximumPSNR]
        }
        var packer = PairPacker()
        packer.threads = CommonOptions.threads(arguments)
        let packed = folder + "/packed"
        mkdir(packed, 0o777)
        let display = CommonOptions.progress("pack", total: pairs.count, arguments)
        defer { display.finish() }
        var paths: [String] = []
        for (index, listed) in pairs.enumerated() where !Signals.isStopRequested {
            let path = "\(packed)/\(listed.pair.name).tiles"
            if access(path, F_OK) != 0 {
                var random = RandomSource(
                    seed: listed.pair.name.utf8.reduce(5381) { $0 &* 33 &+ UInt64($1) })
                do {
                    try packer.pack(listed.pair, to: path, using: &random)
                } catch {
                    log.warning("left out: \(error)")
                    continue
                }
            }
            let count = listed.content.flatMap { often[$0] } ?? 1
            paths += [String](repeating: path, count: count)
            display.update(done: index + 1)
        }
        guard !paths.isEmpty || Signals.isStopRequested else {
            throw PairListError(
                path: folder, problem: "no pair of the set train can be used", code: .badData)
        }
        return paths
    }

    /// How often pairs of a kind of content are drawn.
    private static func repetitions(
        _ arguments: Arguments, of list: PairList
    ) throws -> [String: Int] {
        let known = Set(list.pairs.compactMap(\.content))
        var result: [String: Int] = [:]
        for wish in arguments[often] {
            guard let count = Int(wish.value), (0...100).contains(count) else {
                throw UsageError.nonsense(
                    "--often \(wish.key)=\(wish.value): a whole number from 0 to 100 is wanted")
            }
            guard known.contains(wish.key) else {
                throw UsageError.nonsense(
                    "--often \(wish.key): no pair has this content; there are "
                        + known.sorted().joined(separator: ", "))
            }
            result[wish.key] = count
        }
        return result
    }

    /// How many steps the time allows, from the speed of a few.
    private static func stepsWithin(
        _ seconds: Double, _ training: FidelityTraining, _ tiles: [String]
    ) throws -> Int {
        var trial = training
        trial.steps = 12
        trial.checkpointPath = nil
        trial.logPath = nil
        var marks: [Double] = []
        _ = try trial.run(
            on: tiles,
            shouldStop: {
                marks.append(Terminal.monotonicSeconds())
                return Signals.isStopRequested
            })
        // The first steps make plans and fill caches.
        guard marks.count > 4 else { return 1 }
        let pace = (marks.last! - marks[2]) / Double(marks.count - 3)
        return max(1, Int(seconds / max(pace, 1e-6)))
    }
}
