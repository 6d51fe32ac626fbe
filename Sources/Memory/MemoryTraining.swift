// How pictures get into the weights of a generative network.
import Learning
import Networks
import Tensors

/// How long and how fast a predictive-coding memory learns.
public struct MemoryTraining: Sendable, Hashable {
    /// Times that all pictures are shown.
    public var epochs: Int
    /// Pictures that are shown at once.
    public var batch: Int
    /// Adam's learning rate at the beginning; it falls along half a cosine to 0.
    public var rate: Double
    /// Steps of inference before weights learn, from where the last epoch left a picture's activities.
    public var steps: Int

    /// Training for some epochs.
    public init(epochs: Int = 2000, batch: Int = 500, rate: Double = 1e-3, steps: Int = 10) {
        precondition(epochs > 0 && batch > 0 && rate > 0 && steps > 0)
        (self.epochs, self.batch, self.rate, self.steps) = (epochs, batch, rate, steps)
    }
}

/// What an epoch of training left behind.
public struct MemoryEpoch: Sendable, Hashable {
    /// Epochs done.
    public let number: Int
    /// The mean energy of a picture after inference.
    public let energy: Double
}

extension PredictiveCodingMemory {
    /// Stores pictures: held at the bottom, they teach the weights to predict them.
    ///
    /// Each picture keeps its activities from epoch to epoch. Started anew each time they would have to come all the way
    /// from the one memory vector that all share, weights would grow to get them there, and inference diverge.
    ///
    /// - Parameters:
    ///   - pictures: `[N, d]`. All that are to be kept: what was stored before is forgotten little by little.
    ///   - observe: Told of every epoch.
    /// - Throws: ``MemoryError``, ``LearningRuleError`` where inference diverges, and what compiling throws.
    public mutating func store(
        _ pictures: Tensor<Float>, _ training: MemoryTraining = MemoryTraining(),
        observe: (MemoryEpoch) -> Void = { _ in }
    ) throws {
        precondition(
            pictures.shape.rank == 2 && pictures.shape[1] == network.pictureWidth,
            "pictures \(pictures.shape) for a memory of [N, \(network.pictureWidth)]")
        let count = pictures.shape[0]
        guard count > 0 else { throw MemoryError.empty }
        try pictures.checkFinite()
        // Batches of one size, each always of the same pictures.
        let batches = (count + training.batch - 1) / training.batch
        let rows = (count + batches - 1) / batches
        let starts = (0..<batches).map { min($0 * rows, count - rows) }
        let parts = starts.map { pictures.gathered(rows: $0..<$0 + rows) }
        let inferences = try parts.map { _ in
            try GenerativeInference(
                network, rule(Options(steps: training.steps, momentum: 0)), rows: rows,
                threads: threads)
        }
        let all = Tensor<Float>(repeating: 1, shape: [rows, network.pictureWidth])
        let schedule = Schedule.cosine(peak: training.rate, steps: training.epochs)
        var latents = [GenerativeInference.Latents?](repeating: nil, count: batches)
        var adam = Adam()
        for epoch in 0..<training.epochs {
            var energy = 0.0
            for (index, inference) in inferences.enumerated() {
                inference.setParameters(parameters)
                let outcome = try inference.settle(
                    parts[index], knowing: all, from: latents[index])
                latents[index] = outcome.latents
                energy += outcome.energy
                adam.step(&parameters, outcome.gradients, rate: schedule.rate(at: epoch))
            }
            observe(MemoryEpoch(number: epoch + 1, energy: energy / Double(batches * rows)))
        }
    }
}
