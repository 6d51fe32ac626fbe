// How a predictive-coding graph learns: vertices are held at data, the rest settle, weights follow.
import Networks
import Tensors

/// How long and how fast a predictive-coding graph learns.
public struct PCTraining: Sendable {
    /// Times that all data are shown.
    public var epochs: Int
    /// Rows that are shown at once.
    public var batch: Int
    /// Adam's learning rate.
    public var rate: Double
    /// Part of every weight that is taken away per update. A dense graph needs it to answer all
    /// queries: without it pictures are completed worse than by their mean.
    public var decay: Double
    /// How activities settle before weights learn.
    public var inference: PCInferenceOptions
    /// Updates after which the automatic rate of inference is measured anew.
    public var rateInterval: Int

    /// Training for some epochs.
    public init(
        epochs: Int = 15, batch: Int = 50, rate: Double = 1e-3, decay: Double = 1e-2,
        inference: PCInferenceOptions = PCInferenceOptions(steps: 20, tolerance: 0),
        rateInterval: Int = 50
    ) {
        precondition(epochs > 0 && batch > 0 && rate > 0 && rateInterval > 0)
        precondition(decay >= 0 && decay < 1, "a decay of \(decay)")
        (self.epochs, self.batch, self.rate, self.decay) = (epochs, batch, rate, decay)
        (self.inference, self.rateInterval) = (inference, rateInterval)
    }
}

/// What an epoch of training left behind.
public struct PCEpoch: Sendable, Hashable {
    /// Epochs done.
    public let number: Int
    /// The mean energy of each group after inference, in the order of groups.
    public let energies: [Double]
}

extension PredictiveCodingGraph {
    /// Learns from data: the given groups are held, the others settle.
    ///
    /// Data are shuffled in every epoch; rows that fill no batch wait for another one.
    ///
    /// - Parameters:
    ///   - data: Values by group, each `[rows, vertices of the group]`.
    ///   - observe: Told of every epoch.
    /// - Throws: ``PCError``, and what compiling throws.
    /// - SeeAlso: Salvatori et al. (arXiv:2201.13180), learning of PC graphs.
    public mutating func train(
        clamped data: [String: Tensor<Float>], _ training: PCTraining = PCTraining(),
        using random: inout RandomSource, observe: (PCEpoch) -> Void = { _ in }
    ) throws {
        let count = rowCount(of: data)
        let rows = min(training.batch, count)
        // Adam's own decay is counted per unit of learning rate.
        var adam = Adam(decay: training.decay / training.rate)
        let inference = try PCInference(
            compiling: energy, weights: weights, rows: rows, options: training.inference,
            threads: threads)
        let learning = try PCEvaluator.compiled(
            energy.learningGraph, of: energy, rows: rows, threads: threads)
        learning.setWeights(weights)
        var rates: [Double]?
        var updates = 0
        for epoch in 1...training.epochs {
            let order = (0..<count).shuffled(using: &random)
            var sums = [Double](repeating: 0, count: topology.groups.count)
            let batches = count / rows
            for start in stride(from: 0, to: batches * rows, by: rows) {
                var query = PCQuery<Float>(topology, rows: rows)
                for (group, values) in data {
                    query.condition(
                        group, on: values.gathered(rows: order[start..<start + rows]))
                }
                if training.inference.rate == .automatic, updates % training.rateInterval == 0 {
                    // Other rows come at the next update: the smallest rate serves them all.
                    let smallest = try inference.automaticRates(of: query).min()!
                    rates = [Double](repeating: smallest, count: rows)
                }
                let settled = try inference.settle(query, rates: rates)
                let outputs = try learning.evaluate(["activities": settled.all])
                step(
                    &adam, outputs["gradient.\(PCEnergy.weightsPath)"]!, rate: training.rate)
                inference.weights = weights
                learning.setWeights(weights)
                updates += 1
                for (index, energy) in settled.trace[settled.trace.count - 1].enumerated() {
                    sums[index] += energy / Double(batches)
                }
            }
            observe(PCEpoch(number: epoch, energies: sums))
        }
    }
}

extension Tensor where Scalar == Float {
    /// The given rows of a matrix, in order.
    package func gathered(rows: some Collection<Int>) -> Tensor {
        let width = shape[1]
        return Tensor(shape: [rows.count, width]) { result in
            withUnsafeBufferPointer { source in
                for (position, row) in rows.enumerated() {
                    for column in 0..<width {
                        result[position * width + column] = source[row * width + column]
                    }
                }
            }
        }
    }
}
