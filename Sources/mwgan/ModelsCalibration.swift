// mwgan models calibrate: what int8 must know of a model, and what it costs.
import Batch
import Compute
import Enhancement
import Networks
import Terminal

enum ModelsCalibration {
    /// Clips that ranges are measured on, evenly over the list, and frames of each clip that the loss
    /// is measured on.
    private static let clips = 96, frames = 16

    /// Measures ranges on training clips and the loss on those for choosing; writes both beside the
    /// weights.
    static func run(_ arguments: Arguments) throws -> ExitCode {
        let words = arguments[ModelsCommand.action]
        guard words.count == 3 else {
            throw UsageError.nonsense("calibrate: a model and a folder with pairs.jsonl are wanted")
        }
        let log = try CommonOptions.log(arguments)
        let loaded = try LoadedModel(words[1])
        var model = try loaded.trainable()
        // Each file is calibrated by itself.
        model.perceptual = nil
        let list = try PairList(folder: words[2])
        let training = evenly(list.pairs.filter { $0.set == "train" }, count: clips)
        let trials = list.pairs.filter { $0.set == "select" }
        guard !training.isEmpty else {
            throw PairListError(
                path: words[2], problem: "no pairs of the set train", code: .badData)
        }
        let progress = CommonOptions.progress(
            "calibrate", total: training.count + trials.count, arguments)
        defer { progress.finish() }
        let threads = CommonOptions.threads(arguments)
        let calibrator = ModelCalibrator(model, threads: threads)
        for (index, listed) in training.enumerated() {
            if let code = Signals.exitCode { return code }
            do {
                try calibrator.observe(listed.pair.degraded)
            } catch {
                log.warning("\(listed.pair.name): \(error)")
            }
            progress.update(done: index + 1)
        }
        guard let ranges = calibrator.calibration else {
            throw PairListError(
                path: words[2], problem: "no training clip could be used", code: .badData)
        }
        model.calibration = ModelCalibration(ranges: ranges)
        var done = training.count
        let loss = try loss(of: model, on: trials, threads: threads, log: log) {
            done += 1
            progress.update(done: done)
        }
        if let code = Signals.exitCode { return code }
        progress.finish()
        model.calibration = ModelCalibration(ranges: ranges, loss: loss)
        let target = arguments[ModelsCommand.output] ?? "\(model.name).safetensors"
        try model.write(to: target)
        CommonOptions.output(target)
        if let loss {
            let verdict =
                loss <= ModelCalibration.tolerableLoss ? "auto uses it" : "auto does not use it"
            log.info("int8 loses \(fixed(loss, decimals: 4)) dB; \(verdict)")
        }
        return .success
    }

    /// Decibels of luma that int8 loses on average, over the clips that the network changes.
    private static func loss(
        of model: EnhancementModel, on trials: [ListedPair], threads: Int, log: Log,
        observe: () -> Void
    ) throws -> Double? {
        guard !trials.isEmpty else {
            log.warning(
                "no pairs of the set select: the loss is not measured, and auto will not use int8")
            return nil
        }
        try model.require(.int8)
        func gain(_ precision: Precision, _ listed: ListedPair) throws -> Double {
            var evaluation = PairEvaluation(
                model, options: EnhancementOptions(precision: precision, threads: threads))
            evaluation.frameLimit = frames
            return try evaluation(listed.pair).lumaGain ?? 0
        }
        var losses: [Double] = []
        for listed in trials where !Signals.isStopRequested {
            let exact = try gain(.f32, listed)
            if exact != 0 { losses.append(exact - (try gain(.int8, listed))) }
            observe()
        }
        return losses.isEmpty ? 0 : losses.reduce(0, +) / Double(losses.count)
    }

    /// So many of a list, evenly spread.
    private static func evenly<Element>(_ list: [Element], count: Int) -> [Element] {
        guard list.count > count else { return list }
        return (0..<count).map { list[$0 * list.count / count] }
    }
}
