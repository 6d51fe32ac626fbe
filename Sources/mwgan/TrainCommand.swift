// mwgan train: fits a model to pairs of pristine and compressed video.
import Batch
import Compute
import Enhancement
import Glibc
import Learning
import LearningOptions
import Networks
import Tensors
import Terminal

/// What training aims at.
enum Phase: String, CaseIterable { case fidelity, perceptual }

/// The networks that can be trained.
enum Design: String, CaseIterable {
    case fast, live, studio

    var shape: GeneratorShape { GeneratorShape.named[rawValue]! }
}

/// The arithmetic of training.
enum TrainingPrecision: String, CaseIterable { case auto, f32, bf16 }

enum TrainCommand {
    static let data = Operand(
        "DATA",
        help: "Folder with pairs.jsonl, as 'mwgan degrade' writes it.",
        completion: .folder)
    static let output = Option.path(
        "output", short: "o", placeholder: "FILE.safetensors", help: "Where the weights go.",
        group: "Output")
    static let checkpoint = Option.path(
        "checkpoint", help: "Written every 5 minutes; resumed from, bit for bit, if it exists.",
        group: "Output")
    static let report = Option.path(
        "report", placeholder: "FILE.csv",
        help: "Write every step, and the curves beside it as FILE.svg.", group: "Reports")
    static let heldOut = Option.integer(
        "held-out", in: 0...100_000, default: 64,
        help:
            "With --report or --samples: measure so many tiles of the set select every 500 steps.",
        group: "Reports")
    static let samples = Option.path(
        "samples", placeholder: "DIR",
        help: "Write pictures of held-out tiles: compressed, restored, pristine.", group: "Reports",
        completion: .folder)
    static let sampleInterval = Option.integer(
        "samples-every", in: 1...100_000_000, default: 1000,
        help: "Steps from one picture to the next.", group: "Reports")
    static let steps = Option.integer(
        "steps", in: 1...100_000_000, placeholder: "N", help: "Stop after so many steps; 20000.",
        group: "Training")
    static let duration = Option.time(
        "duration", help: "Stop after so long, the schedule fitted to it.", group: "Training")
    static let phase = Option.choice(
        "phase", default: Phase.fidelity,
        help: "What for: PSNR, or, from such weights, what people see.", group: "Training")
    static let batch = Option.integer(
        "batch", in: 1...1024, help: "Crops a step; 16, perceptual 4.", group: "Training")
    static let crop = Option.integer(
        "crop", in: 32...192, help: "Side of a crop in pixels; 64, perceptual 160.",
        group: "Training")
    static let rate = Option.real(
        "learning-rate", in: 0...1, help: "The schedule's peak; 0.001, perceptual 0.0002.",
        group: "Training")
    static let loss = Option.pairs(
        "loss", placeholder: "PART=WEIGHT",
        help: "What a part of the perceptual loss counts: adversarial=0.01.", group: "Training")
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
    static let shape = Option.string(
        "shape", placeholder: "SHAPE",
        help: "Another size: channels x blocks, + those at half the size, @ frames: 32x4+96x6@5; "
            + "features behind it align what the network makes of neighbours, not their pixels.",
        group: "Model")
    static let without = Option.choice(
        "without", of: Ablation.allCases.map(\.rawValue), placeholder: "PART",
        help: "Leave out a part of the design, to see what it is worth: "
            + "neighbours, alignment, packets or damage.", group: "Model")
    static let start = Option.string(
        "from", placeholder: "NAME|FILE",
        help: "Weights to begin with, instead of new ones; they say the size, too.",
        group: "Model", completion: CommonOptions.modelNames)
    static let precision = Option.choice(
        "precision", default: TrainingPrecision.auto,
        help: "Arithmetic of training; auto is bf16 where the processor has it.", group: "Training")
    static let seed = Option.integer(
        "seed", in: 0...Int.max, default: 1, help: "Seed of all random choices.", group: "Training")

    static let command = Command(
        "train", summary: "Train a model on pristine and compressed video.", operands: [data],
        options: [
            output, checkpoint, report, heldOut, samples, sampleInterval, phase, steps, duration,
            batch, crop, rate,
            chroma,
            loss, EvaluateCommand.features, maximumPSNR, often, seed, model, shape, without, start,
            TrainingBlend.option, precision, CommonOptions.threads,
            CommonOptions.progress, CommonOptions.logFile, CommonOptions.verbose,
            CommonOptions.quiet,
        ] + RuleOptions.all,
        examples: [
            Example(
                "mwgan train pairs/ --model live --duration 6h -o live.safetensors",
                "Six hours of training."),
            Example(
                "mwgan train pairs/ --from first.safetensors --often video=4",
                "Go on from first weights, mostly with what people film."),
            Example(
                "mwgan train pairs/ --phase perceptual --from live --features yolox_nano.safetensors",
                "From fidelity to what people see."),
            Example(
                "mwgan train pairs/ --rule pc --pc-nudge 100 --pc-steps 30",
                "The same network by predictive coding."),
            Example(
                "mwgan train pairs/ --report run.csv --samples looks/ --samples-every 2000",
                "Curves in run.svg, and what held-out clips look like on the way."),
        ], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        let log = try CommonOptions.log(arguments)
        let folder = arguments[data][0]
        guard !(arguments.isGiven(steps) && arguments.isGiven(duration)) else {
            throw UsageError.exclusive("--steps", "--duration")
        }
        guard !(arguments.isGiven(without) && arguments.isGiven(start)) else {
            throw UsageError.exclusive("--without", "--from")
        }
        let isPerceptual = arguments[phase] == .perceptual
        let side = arguments[crop] ?? (isPerceptual ? 160 : 64)
        // Perceptual training goes on from fidelity weights.
        let begin = arguments[start] ?? (isPerceptual ? arguments[model].rawValue : nil)
        let first = try begin.map { try LoadedModel($0).trainable() }
        let design = try first?.generator.shape ?? wantedShape(arguments)
        let blend = try TrainingBlend.wanted(
            arguments, isPerceptual: isPerceptual, from: begin)
        var packer = PairPacker(
            tileSize: max(48, side / 2), surroundings: design.surroundings)
        packer.threads = CommonOptions.threads(arguments)
        let list = try PairList(folder: folder)
        let often = try repetitions(arguments, of: list)
        let packing = PackingRun(folder: folder, packer: packer, arguments: arguments, log: log)
        // First: a long packing of what is trained on should not end in a refusal.
        let showsTiles = arguments.isGiven(report) || arguments.isGiven(samples)
        let heldOutFiles =
            (showsTiles || blend == .best) && arguments[heldOut] > 0
            ? try packing.pack(PackingRun.few(list.pairs.filter { $0.set == "select" })) : []
        if let code = Signals.exitCode { return code }
        guard blend != .best || !heldOutFiles.isEmpty else {
            throw PairListError(
                path: folder,
                problem: "no pairs of the set select, on which --blend auto could choose",
                code: .badData)
        }
        let tiles = try packing.pack(
            list.pairs.filter {
                $0.set == "train" && $0.decibels ?? 0 <= arguments[maximumPSNR]
            }, often: often)
        guard !tiles.isEmpty || Signals.isStopRequested else {
            throw PairListError(
                path: folder, problem: "no pair of the set train can be used", code: .badData)
        }
        if let code = Signals.exitCode { return code }
        var settings = TrainingSettings(steps: arguments[steps] ?? 20_000)
        settings.batch = arguments[batch] ?? (isPerceptual ? 4 : 16)
        settings.patchSize = side / 2
        settings.peakRate = arguments[rate] ?? (isPerceptual ? 0.0002 : 0.001)
        settings.seed = UInt64(arguments[seed])
        settings.precision = Precision(rawValue: arguments[precision].rawValue) ?? .automatic
        settings.threads = CommonOptions.threads(arguments)
        settings.rule = try RuleOptions.choice(arguments)
        settings.checkpointPath = arguments[checkpoint]
        settings.logPath = arguments[report]
        let tilesHeldOut = try heldOutTiles(
            heldOutFiles, design, packer.tileSize, settings, arguments, log)
        let watching = try TrainingReport(
            showsTiles ? tilesHeldOut : nil, path: arguments[report], samples: arguments[samples],
            every: arguments[sampleInterval], say: { log.info($0) })
        let trained =
            isPerceptual
            ? try perceptual(first!, settings, tiles, watching, arguments, log)
            : try fidelity(design, first, settings, tiles, watching, arguments, log)
        guard var model = trained else {
            if let place = arguments[checkpoint] {
                log.info("stopped; the same command goes on from \(place)")
            }
            return Signals.exitCode ?? .interrupted
        }
        // What is trained further is as good for fine quantisers as what it came from.
        model.gate = first?.gate ?? .standard
        let learned = model.parameters
        if let blend, let first {
            try TrainingBlend.apply(
                blend, to: &model, from: first.parameters, measuring: tilesHeldOut, log)
        }
        let path = arguments[output] ?? "\(model.name).safetensors"
        try model.write(to: path)
        if let steps = model.metadata["percept.steps"].flatMap({ Int($0) }) {
            try watching.finish(steps, learned)
        }
        CommonOptions.output(path)
        return .success
    }

    /// The size of new weights.
    private static func wantedShape(_ arguments: Arguments) throws -> GeneratorShape {
        var wanted = try size(arguments)
        wanted.ablation = arguments[without].flatMap { Ablation(rawValue: $0) }
        guard wanted.ablation == nil || !wanted.alignsFeatures else {
            throw UsageError.nonsense("--without is for shapes that align pixels, not features")
        }
        return wanted
    }

    private static func size(_ arguments: Arguments) throws -> GeneratorShape {
        guard let text = arguments[shape] else { return arguments[model].shape }
        guard let shape = GeneratorShape(text) else {
            throw UsageError.nonsense(
                "--shape \(text): channels, a multiple of 16, and blocks are wanted, as in 48x8, "
                    + "32x4+96x6, 32x4+96x6@5, 48x8@5best or 16x6@3features")
        }
        return shape
    }

    /// Trains for fidelity; nil where a stop was asked for.
    private static func fidelity(
        _ design: GeneratorShape, _ first: EnhancementModel?, _ settings: TrainingSettings,
        _ tiles: [String], _ watching: TrainingReport, _ arguments: Arguments, _ log: Log
    ) throws -> EnhancementModel? {
        var training = FidelityTraining(
            design,
            name: arguments.isGiven(model)
                ? arguments[model].rawValue : first?.name ?? arguments[model].rawValue, settings)
        training.chromaWeight = arguments[chroma]
        training.settings.steps = try steps(settings, arguments, log) { settings, shouldStop in
            var trial = training
            trial.settings = settings
            _ = try trial.run(on: tiles, shouldStop: shouldStop)
        }
        let display = CommonOptions.progress("train", total: training.settings.steps, arguments)
        defer { display.finish() }
        let result = try training.run(
            on: tiles, from: first?.parameters,
            progress: { say($0, "", display, log) }, watch: watching.watch,
            shouldStop: { Signals.isStopRequested })
        return result.isComplete ? result.model : nil
    }

    /// Trains against discriminators; nil where a stop was asked for.
    private static func perceptual(
        _ first: EnhancementModel, _ settings: TrainingSettings, _ tiles: [String],
        _ watching: TrainingReport,
        _ arguments: Arguments, _ log: Log
    ) throws -> EnhancementModel? {
        var training = PerceptualTraining(from: first, settings)
        training.features = try EvaluateCommand.featureWeights(arguments, log)
        for wish in arguments[loss] {
            guard let path = PerceptualWeights.parts[wish.key] else {
                throw UsageError.nonsense(
                    "--loss \(wish.key): the parts are "
                        + PerceptualWeights.parts.keys.sorted().joined(separator: ", "))
            }
            guard let weight = Double(wish.value), weight >= 0, weight.isFinite else {
                throw UsageError.nonsense(
                    "--loss \(wish.key)=\(wish.value): a number of 0 or more is wanted")
            }
            training.weights[keyPath: path] = weight
        }
        training.settings.steps = try steps(settings, arguments, log) { settings, shouldStop in
            var trial = training
            trial.settings = settings
            _ = try trial.run(on: tiles, shouldStop: shouldStop)
        }
        let display = CommonOptions.progress("train", total: training.settings.steps, arguments)
        defer { display.finish() }
        let result = try training.run(
            on: tiles,
            progress: { progress, losses in
                let parts = losses.sorted { $0.key < $1.key }.map {
                    "\($0.key) \(fixed($0.value, decimals: 4))"
                }
                say(progress, "; " + parts.joined(separator: ", "), display, log)
            }, watch: watching.watch, shouldStop: { Signals.isStopRequested })
        return result.isComplete ? result.model : nil
    }

    private static func say(
        _ progress: TrainingProgress, _ parts: String, _ display: Progress, _ log: Log
    ) {
        display.update(done: progress.step)
        log.info(
            progress.line(decimals: 6) + parts)
        if let energies = progress.energyLine { log.detail(energies) }
    }

    /// Tiles of the set select that are measured and drawn; nil where none are wanted or there are none.
    private static func heldOutTiles(
        _ files: [String], _ shape: GeneratorShape, _ tileSize: Int, _ settings: TrainingSettings,
        _ arguments: Arguments, _ log: Log
    ) throws -> HeldOutTiles? {
        guard !files.isEmpty else {
            let wantsTiles = arguments.isGiven(report) || arguments.isGiven(samples)
            if wantsTiles, arguments[heldOut] > 0 {
                log.warning(
                    "no pairs of the set select: held-out tiles are neither measured nor drawn")
            }
            return nil
        }
        let generator = Generator(shape)
        var random = RandomSource(seed: 1)
        return try HeldOutTiles(
            files, count: arguments[heldOut], tileSize: tileSize, generator: generator,
            parameters: Parameters(initialising: generator, using: &random),
            precision: settings.precision, threads: settings.threads)
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

    /// As many steps as the settings say or, with `--duration`, as fit, from the speed of a trial's few.
    private static func steps(
        _ settings: TrainingSettings, _ arguments: Arguments, _ log: Log,
        _ run: (_ trial: TrainingSettings, _ shouldStop: @escaping () -> Bool) throws -> Void
    ) throws -> Int {
        guard let seconds = arguments[duration] else { return settings.steps }
        final class Marks { var times: [Double] = [] }
        let marks = Marks()
        try run(settings.trial) {
            marks.times.append(Terminal.monotonicSeconds())
            return Signals.isStopRequested
        }
        // The first steps make plans and fill caches.
        guard marks.times.count > 4 else { return 1 }
        let pace = (marks.times.last! - marks.times[2]) / Double(marks.times.count - 3)
        let steps = max(1, Int(seconds / max(pace, 1e-6)))
        log.info("\(steps) steps fit into \(humanDuration(seconds))")
        return steps
    }
}

extension TrainingSettings {
    /// A few steps that leave nothing behind.
    fileprivate var trial: TrainingSettings {
        var trial = self
        trial.steps = 12
        trial.checkpointPath = nil
        trial.logPath = nil
        return trial
    }
}
