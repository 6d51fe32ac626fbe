// What training is told, whatever it aims at, and what all kinds of it do.
import Compute
import Glibc
import Learning
import Networks
import Tensors

/// How long and with what a network is trained.
public struct TrainingSettings: Sendable {
    /// Steps in all, patches a step and positions each way of a patch (half its luma size).
    public var steps: Int, batch = 16, patchSize = 32
    /// How networks learn.
    public var rule = RuleChoice.backpropagation
    /// Peak of the learning rate, which rises over the warm-up and falls along a cosine.
    public var peakRate = 1e-3, warmUp = 200
    /// Decay of the averaged weights, which are the ones that are kept.
    public var averageDecay = 0.999
    /// Seed of first weights and of all draws.
    public var seed: UInt64 = 1
    /// Type of activations in the step, and threads.
    public var precision: Precision = .automatic, threads = 2
    /// Where the run can go on from, and the log of every step.
    public var checkpointPath: String?, logPath: String?

    /// A run of so many steps.
    public init(steps: Int) { self.steps = steps }

    /// The state at the checkpoint, if there is one, else the first.
    ///
    /// - Throws: `TrainingDataError` where the checkpoint is of other data, `SafetensorsError`.
    func resuming(
        _ parameters: Parameters, of module: some Module, with optimiser: Adam,
        on tiles: [String], count: Int
    ) throws -> TrainingState {
        var state = TrainingState(
            parameters: parameters, optimiser: optimiser, averageDecay: averageDecay, seed: seed)
        state.notes["data"] = fingerprint(of: tiles, count)
        let rule = "\(rule)"
        state.notes["rule"] = rule
        guard let checkpointPath, access(checkpointPath, F_OK) == 0 else { return state }
        let saved = try TrainingState(
            contentsOf: checkpointPath, for: module, optimiser: optimiser)
        guard saved.notes["data"] == state.notes["data"] else {
            throw TrainingDataError(
                item: checkpointPath,
                problem: "was made with other training data; name another --checkpoint")
        }
        // Checkpoints from before there was a choice say nothing.
        guard saved.notes["rule"] ?? "\(RuleChoice.backpropagation)" == rule else {
            throw TrainingDataError(
                item: checkpointPath,
                problem: "was made with another --rule; name another --checkpoint")
        }
        return saved
    }

    /// A trainer that goes on from `state`.
    func trainer(
        _ state: TrainingState, clipNorm: Double?,
        progress: @escaping (TrainingProgress) -> Void, watch: TrainingWatch?,
        shouldStop: @escaping () -> Bool
    ) -> Trainer {
        var options = TrainingOptions(
            steps: steps,
            schedule: .cosine(peak: peakRate, final: peakRate / 100, warmUp: warmUp, steps: steps))
        options.clipNorm = clipNorm
        options.checkpointPath = checkpointPath
        options.logPath = logPath
        options.progressInterval = 200
        options.sampleInterval = watch?.interval
        var trainer = Trainer(state, options: options)
        if let watch { trainer.sample = { try watch.look($0.step, $0.result) } }
        trainer.progress = progress
        trainer.shouldStop = shouldStop
        return trainer
    }

    /// Names and number of tiles: a resumed run must draw from the same data.
    private func fingerprint(of tiles: [String], _ count: Int) -> String {
        let names = tiles.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
        let text = Array((names.joined(separator: "\n") + "\n\(count)").utf8)
        return text.withUnsafeBytes { SHA256(of: $0).hexadecimal }
    }
}
