// Perceptual training: from fidelity weights, against discriminators of wavelet packets.
import Compute
import Learning
import Networks
import Tensors

/// How a generator is trained for what people see.
public struct PerceptualTraining: Sendable {
    /// The generator that is trained for fidelity already.
    public var start: EnhancementModel
    /// How long and with what.
    public var settings: TrainingSettings
    /// What each part of the loss counts.
    public var weights = PerceptualWeights()
    /// Weights of ``CSPDarknet`` for the distance of deep features; nil leaves it out.
    public var features: Parameters?
    /// Channels that the discriminators begin with.
    public var discriminatorWidth = 32
    /// Steps in which the discriminators learn alone.
    public var discriminatorSteps = 300

    /// A run that goes on from `start`.
    public init(from start: EnhancementModel, _ settings: TrainingSettings) {
        self.start = start
        self.settings = settings
    }

    /// Trains on the given files of tiles; goes on from the checkpoint if there is one.
    ///
    /// - Parameter losses: Told the parts of the loss with each report of progress.
    /// - Returns: The model with averaged weights, and whether all steps were done.
    /// - Throws: `TrainingDataError`, `SafetensorsError`, `TrainingError`, `FileWriteError`.
    public func run(
        on tiles: [String],
        progress: @escaping (TrainingProgress, _ losses: [String: Double]) -> Void = { _, _ in },
        watch: TrainingWatch? = nil, shouldStop: @escaping () -> Bool = { false }
    ) throws -> (model: EnhancementModel, isComplete: Bool) {
        let networks = AdversarialNetworks(
            start.generator, PacketDiscriminators(width: discriminatorWidth))
        let sampler = try TileSampler(
            tiles, patchSize: settings.patchSize,
            surroundings: start.generator.shape.surroundings)
        let initial = firstParameters(networks)
        let step = try PerceptualStep(
            networks, parameters: initial, features: features, weights: weights,
            batch: settings.batch, patchSize: settings.patchSize, precision: settings.precision,
            threads: settings.threads, rule: settings.rule.rule)
        let state = try settings.resuming(
            initial, of: networks, with: Adam(beta1: 0.9, beta2: 0.99), on: tiles,
            count: sampler.tileCount)
        var trainer = settings.trainer(
            state, clipNorm: nil, progress: { progress($0, step.lastLosses) }, watch: watch,
            shouldStop: shouldStop)
        if state.step == 0 { try watch?.look(0, state.result) }
        let ending = try trainer.run(
            batch: { number, random in
                step.draw(from: sampler, using: &random)
                return number
            },
            step: { parameters, number in
                try step(parameters, isWarmingUp: number < discriminatorSteps)
            })
        let result = trainer.state.result
        let model = EnhancementModel(
            name: start.name, generator: start.generator,
            parameters: Parameters(
                start.generator.declarations.map { ($0.path, result[$0.path]!) }),
            metadata: [
                "percept.steps": "\(trainer.state.step)", "percept.tiles": "\(sampler.tileCount)",
                "percept.pairs": "\(Set(tiles).count)", "percept.phase": "perceptual",
            ])
        return (model, ending == .finished)
    }

    /// The generator's weights beside fresh discriminators, whose largest singular values are known.
    private func firstParameters(_ networks: AdversarialNetworks) -> Parameters {
        var random = RandomSource(seed: settings.seed)
        let critics = Parameters(initialising: networks.discriminators, using: &random)
        var all = Parameters(
            start.generator.declarations.map { ($0.path, start.parameters[$0.path]!) })
        for (path, tensor) in critics { all.append(tensor, at: path) }
        for _ in 0..<20 {
            let next = all.singularDirections(of: networks.discriminators.spectralLayers)
            for (path, vector) in next.vectors { all[all.position(of: path)!] = vector }
        }
        return all
    }
}
