// Everything that a training run is at one moment: what a resume needs.
import Networks
import Tensors

/// A training run between two steps. Two equal states go on to equal bits, given equal batches,
/// threads and processor.
public struct TrainingState: Sendable {
    /// The weights and running statistics.
    public var parameters: Parameters
    /// How steps are made, with its memory.
    public var optimiser: any Optimiser
    /// The averaged weights, where they are kept.
    public var average: MovingAverage?
    /// Steps done; the schedule's position.
    public var step = 0
    /// Steps that were refused because something was not finite.
    public var refusals = 0
    /// Seconds of training so far.
    public var seconds: Double = 0
    /// What batches are drawn with.
    public var random: RandomSource
    /// The sampler's own state and anything else a caller wants back.
    public var notes: [String: String] = [:]

    /// A run that has not begun.
    public init(
        parameters: Parameters, optimiser: any Optimiser, averageDecay: Double? = 0.999,
        seed: UInt64 = 1
    ) {
        self.parameters = parameters
        self.optimiser = optimiser
        average = averageDecay.map { MovingAverage(of: parameters, decay: $0) }
        random = RandomSource(seed: seed)
    }

    /// The weights to use: the average where there is one.
    public var result: Parameters { average?.parameters ?? parameters }

    /// Takes one step, or refuses it where loss or gradients are not finite.
    ///
    /// - Parameter clipNorm: The most that all gradients together may measure; nil for no limit.
    /// - Parameter momentum: How much of a batch's statistics enters the running ones.
    /// - Returns: The norm of the gradients, and whether the step was taken.
    public mutating func advance(
        by outcome: StepOutcome, rate: Double, clipNorm: Double? = nil,
        statisticsMomentum momentum: Double = 0.1
    ) -> (norm: Double, isTaken: Bool) {
        var gradients = outcome.gradients
        let norm =
            clipNorm.map { clip(&gradients, toNorm: $0) } ?? globalNorm(of: gradients)
        step += 1
        guard outcome.loss.isFinite, norm.isFinite else {
            refusals += 1
            return (norm, false)
        }
        optimiser.step(&parameters, gradients, rate: rate)
        for (path, statistic) in outcome.statistics {
            guard let position = parameters.position(of: path) else {
                preconditionFailure("no parameter '\(path)' to keep a statistic in")
            }
            let share = Float(momentum)
            parameters.withElements(at: position) { running in
                statistic.withUnsafeBufferPointer { batch in
                    for i in 0..<running.count { running[i] += share * (batch[i] - running[i]) }
                }
            }
        }
        average?.update(with: parameters)
        return (norm, true)
    }
}
