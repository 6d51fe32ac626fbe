// Fidelity training from packed pairs to a weights file.
import Compute
import Learning
import Networks
import Tensors

/// How a generator is trained for fidelity.
public struct FidelityTraining: Sendable {
    /// Size and name of the model.
    public var shape: GeneratorShape, name: String
    /// How long and with what.
    public var settings: TrainingSettings
    /// What an error of chroma counts beside one of luma; at 0 chroma passes untouched.
    public var chromaWeight = 0.0

    /// A run of the given settings.
    public init(_ shape: GeneratorShape, name: String, _ settings: TrainingSettings) {
        self.shape = shape
        self.name = name
        self.settings = settings
    }

    /// Trains on the given files of tiles (one that is named twice counts twice); goes on from the
    /// checkpoint if there is one.
    ///
    /// - Parameter start: Weights to begin with; nil draws new ones.
    /// - Returns: The model with averaged weights, and whether all steps were done.
    /// - Throws: `TrainingDataError`, `SafetensorsError`, `TrainingError`, `FileWriteError`.
    public func run(
        on tiles: [String], from start: Parameters? = nil,
        progress: @escaping (TrainingProgress) -> Void = { _ in }, watch: TrainingWatch? = nil,
        shouldStop: @escaping () -> Bool = { false }
    ) throws -> (model: EnhancementModel, isComplete: Bool) {
        let generator = Generator(shape)
        let sampler = try TileSampler(
            tiles, patchSize: settings.patchSize, surroundings: shape.surroundings)
        var random = RandomSource(seed: settings.seed)
        let initial = start ?? Parameters(initialising: generator, using: &random)
        let step = try FidelityStep(
            generator, parameters: initial, batch: settings.batch, patchSize: settings.patchSize,
            precision: settings.precision, threads: settings.threads, chromaWeight: chromaWeight,
            rule: settings.rule.rule)
        let state = try settings.resuming(
            initial, of: generator, with: Adam(), on: tiles, count: sampler.tileCount)
        var trainer = settings.trainer(
            state, clipNorm: 1, progress: progress, watch: watch, shouldStop: shouldStop)
        if state.step == 0 { try watch?.look(0, state.result) }
        let ending = try trainer.run(
            batch: { _, random in
                if step.needsBatch { step.draw(from: sampler, using: &random) }
            },
            step: { parameters, _ in try step(parameters) })
        let model = EnhancementModel(
            name: name, generator: generator, parameters: trainer.state.result,
            metadata: [
                "percept.steps": "\(trainer.state.step)", "percept.tiles": "\(sampler.tileCount)",
                "percept.pairs": "\(Set(tiles).count)", "percept.phase": "fidelity",
            ])
        return (model, ending == .finished)
    }
}
