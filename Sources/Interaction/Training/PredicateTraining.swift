// Training of the predicate head from annotated pairs to a model.
import Compute
import Learning
import Networks
import Tensors
import Terminal

/// Trains a predicate head on pairs of boxes with verbs; no pixels are needed.
public struct PredicateTraining: Sendable {
    /// How long and with what.
    public var settings: PredicateSettings

    /// A run of the given settings.
    public init(_ settings: PredicateSettings) { self.settings = settings }

    /// How far a run is.
    public struct Report: Sendable {
        /// Steps, pace, and the whole loss.
        public let progress: TrainingProgress
        /// The parts of the last step's loss; see ``PredicateStep/lastLosses``.
        public let losses: [String: Double]
    }

    /// Trains; goes on from the checkpoint if there is one.
    ///
    /// - Parameters:
    ///   - pairs: without the combinations of `unseen`, as ``CompositionSplit/withholding(from:)`` makes them.
    ///   - triplets: all combinations that there are.
    ///   - unseen: those that are kept from training.
    ///   - watch: told the steps done and the averaged weights, every so many steps.
    /// - Returns: The model with averaged weights, and whether all steps were done.
    /// - Throws: ``PredicateTrainingError``, `SafetensorsError`, `TrainingError`, `FileWriteError`, `PlanError`.
    public func run(
        on pairs: LabelledPairs, triplets: [Triplet], unseen: Set<Triplet> = [],
        progress: @escaping (Report) -> Void = { _ in },
        watch: (interval: Int, look: (Int, PredicateModel) throws -> Void)? = nil,
        shouldStop: @escaping () -> Bool = { false }
    ) throws -> (model: PredicateModel, isComplete: Bool) {
        let split = CompositionSplit(triplets, unseen: unseen)
        precondition(
            settings.regions.map { pairs.regions?.begins(with: $0) ?? false } ?? true,
            "pairs that are described otherwise")
        precondition(
            pairs.triplets.isDisjoint(with: unseen), "training shows what is kept from it")
        precondition(pairs.subject == settings.subject, "pairs of something else")
        let sampler = PredicateSampler(pairs, split, settings)
        guard !sampler.isEmpty else {
            throw PredicateTrainingError(problem: "nothing happens in the pictures for training")
        }
        guard !settings.objective.aligns || !sampler.cells.isEmpty else {
            throw PredicateTrainingError(
                problem: "no verb is seen with two kinds of objects, so that "
                    + "\(settings.objective.rawValue) has nothing to align")
        }
        let networks = PredicateNetworks(settings, verbCount: pairs.verbNames.count)
        var random = RandomSource(seed: settings.seed)
        var initial = Parameters(initialising: networks, using: &random)
        for (path, tensor) in networks.head.statistics(of: pairs) {
            initial[initial.position(of: path)!] = tensor
        }
        for _ in 0..<20 {
            let next = initial.singularDirections(of: networks.discriminator?.spectralLayers ?? [])
            for (path, vector) in next.vectors { initial[initial.position(of: path)!] = vector }
        }
        let step = try PredicateStep(networks, parameters: initial, settings)
        func model(_ state: TrainingState) -> PredicateModel {
            let result = state.result
            return PredicateModel(
                networks.head,
                parameters: Parameters(
                    networks.head.declarations.map { ($0.path, result[$0.path]!) }),
                verbNames: pairs.verbNames, unseen: unseen,
                metadata: [
                    "percept.objective": settings.objective.rawValue,
                    "percept.lambda": "\(settings.alignment.lambda)",
                    "percept.steps": "\(state.step)", "percept.seed": "\(settings.seed)",
                    "percept.pairs": "\(pairs.count)",
                ])
        }
        var trainer = Trainer(
            try resuming(initial, of: networks, on: pairs, unseen: unseen),
            options: options(watch?.interval))
        trainer.progress = { progress(Report(progress: $0, losses: step.lastLosses)) }
        if let watch { trainer.sample = { try watch.look($0.step, model($0)) } }
        trainer.shouldStop = shouldStop
        var batch: [String: Tensor<Float>] = [:]
        let ending = try trainer.run(
            batch: { number, random in
                if step.needsBatch { batch = sampler.draw(step: number, using: &random) }
            },
            step: { parameters, _ in try step(parameters, batch) })
        return (model(trainer.state), ending == .finished)
    }

    private func options(_ sampleInterval: Int?) -> TrainingOptions {
        var options = TrainingOptions(
            steps: settings.steps,
            schedule: .cosine(
                peak: settings.peakRate, final: settings.peakRate / 100,
                warmUp: min(settings.warmUp, settings.steps / 10), steps: settings.steps))
        options.checkpointPath = settings.checkpointPath
        options.logPath = settings.logPath
        options.progressInterval = settings.progressInterval
        options.sampleInterval = sampleInterval
        return options
    }

    /// The state at the checkpoint, if there is one, else the first.
    private func resuming(
        _ initial: Parameters, of networks: PredicateNetworks, on pairs: LabelledPairs,
        unseen: Set<Triplet>
    ) throws -> TrainingState {
        var state = TrainingState(
            parameters: initial, optimiser: Adam(decay: settings.decay),
            averageDecay: settings.averageDecay,
            seed: settings.seed)
        guard let path = settings.checkpointPath else { return state }
        state.notes["settings"] = settings.fingerprint
        state.notes["data"] = fingerprint(of: pairs, unseen)
        return try state.resumed(from: path, for: networks) { PredicateTrainingError(problem: $0) }
    }

    /// Says whether pairs are the same, verb by verb and number by number.
    private func fingerprint(of pairs: LabelledPairs, _ unseen: Set<Triplet>) -> String {
        let names = pairs.verbNames + unseen.map(\.description).sorted()
        var bytes = Array(names.joined(separator: "\n").utf8)
        pairs.features.withUnsafeBytes { bytes += $0 }
        for (object, verbs) in zip(pairs.objects, pairs.verbs) {
            for number in [object, verbs.count] + verbs {
                bytes += [
                    UInt8(truncatingIfNeeded: number), UInt8(truncatingIfNeeded: number >> 8),
                ]
            }
        }
        return bytes.withUnsafeBytes { SHA256(of: $0).hexadecimal }
    }
}

/// Training of a predicate head that cannot be done.
public struct PredicateTrainingError: ExitCodeProviding, Equatable {
    /// What is wrong.
    public let problem: String

    /// 65.
    public var exitCode: Int32 { ExitCode.badData.rawValue }
    /// The problem.
    public var description: String { problem }
}
