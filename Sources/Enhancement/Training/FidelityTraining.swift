// Fidelity training from packed pairs to a weights file.
import Compute
import Glibc
import Learning
import Networks
import Tensors

/// How a generator is trained for fidelity.
public struct FidelityTraining: Sendable {
    /// Size and name of the model.
    public var shape: GeneratorShape, name: String
    /// Steps in all, patches a step and positions each way of a patch (half its luma size).
    public var steps: Int, batch = 16, patchSize = 32
    /// Peak of the learning rate, which rises over the warm-up and falls along a cosine.
    public var peakRate = 1e-3, warmUp = 200
    /// What an error of chroma counts beside one of luma; at 0 chroma passes untouched.
    public var chromaWeight = 0.0
    /// Decay of the averaged weights, which are the ones that are kept.
    public var averageDecay = 0.999
    /// Seed of first weights and of all draws.
    public var seed: UInt64 = 1
    /// Type of activations in the step, and threads.
    public var precision: Precision = .automatic, threads = 2
    /// Where the run can go on from, and the log of every step.
    public var checkpointPath: String?, logPath: String?

    /// A run of so many steps.
    public init(_ shape: GeneratorShape, name: String, steps: Int) {
        self.shape = shape
        self.name = name
        self.steps = steps
    }

    /// Trains on the given files of tiles (one that is named twice counts twice); goes on from the
    /// checkpoint if there is one.
    ///
    /// - Parameter start: Weights to begin with; nil draws new ones.
    /// - Returns: The model with averaged weights, and whether all steps were done.
    /// - Throws: `TrainingDataError`, `SafetensorsError`, `TrainingError`, `FileWriteError`.
    public func run(
        on tiles: [String], from start: Parameters? = nil,
        progress: @escaping (TrainingProgress) -> Void = { _ in },
        shouldStop: @escaping () -> Bool = { false }
    ) throws -> (model: EnhancementModel, isComplete: Bool) {
        let generator = Generator(shape)
        let sampler = try TileSampler(tiles, patchSize: patchSize)
        var random = RandomSource(seed: seed)
        let initial = start ?? Parameters(initialising: generator, using: &random)
        let step = try FidelityStep(
            generator, parameters: initial, batch: batch, patchSize: patchSize,
            precision: precision, threads: threads, chromaWeight: chromaWeight)
        var state = TrainingState(
            parameters: initial, optimiser: Adam(), averageDecay: averageDecay, seed: seed)
        state.notes["data"] = fingerprint(of: tiles, sampler.tileCount)
        if let checkpointPath, access(checkpointPath, F_OK) == 0 {
            let saved = try TrainingState(
                contentsOf: checkpointPath, for: generator, optimiser: Adam())
            guard saved.notes["data"] == state.notes["data"] else {
                throw TrainingDataError(
                    item: checkpointPath,
                    problem: "was made with other training data; name another --checkpoint")
            }
            state = saved
        }
        var options = TrainingOptions(
            steps: steps,
            schedule: .cosine(peak: peakRate, final: peakRate / 100, warmUp: warmUp, steps: steps))
        options.clipNorm = 1
        options.checkpointPath = checkpointPath
        options.logPath = logPath
        options.progressInterval = 200
        var trainer = Trainer(state, options: options)
        trainer.progress = progress
        trainer.shouldStop = shouldStop
        let ending = try trainer.run(
            batch: { _, random in step.draw(from: sampler, using: &random) },
            step: { parameters, _ in try step(parameters) })
        let model = EnhancementModel(
            name: name, generator: generator, parameters: trainer.state.result,
            metadata: [
                "percept.steps": "\(trainer.state.step)", "percept.tiles": "\(sampler.tileCount)",
                "percept.pairs": "\(Set(tiles).count)", "percept.phase": "fidelity",
            ])
        return (model, ending == .finished)
    }

    /// Names and number of tiles: a resumed run must draw from the same data.
    private func fingerprint(of tiles: [String], _ count: Int) -> String {
        let names = tiles.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
        let text = Array((names.joined(separator: "\n") + "\n\(count)").utf8)
        return text.withUnsafeBytes { SHA256(of: $0).hexadecimal }
    }
}
