// The exponential moving average of weights, which is what gets used after training.
import Networks
import Tensors

/// Weights averaged over the last steps; smoother than those of any one step.
///
/// - SeeAlso: Polyak and Juditsky, "Acceleration of stochastic approximation by averaging" (1992).
public struct MovingAverage: Sendable, Equatable {
    /// Part of the average kept from step to step, once there were enough steps.
    public let decay: Double
    /// The averaged weights.
    public internal(set) var parameters: Parameters
    /// Steps averaged so far.
    public internal(set) var steps: Int

    /// An average that starts at `parameters`.
    public init(of parameters: Parameters, decay: Double = 0.999) {
        precondition(decay >= 0 && decay < 1, "a decay of \(decay)")
        self.decay = decay
        self.parameters = parameters
        steps = 0
    }

    /// Takes in the weights after one more step.
    ///
    /// Early on the average forgets faster, (1 + n) / (10 + n), so that the start fades soon.
    public mutating func update(with current: Parameters) {
        precondition(current.paths == parameters.paths, "weights of another network")
        let kept = min(decay, Double(1 + steps) / Double(10 + steps))
        let share = Float(1 - kept)
        steps += 1
        for position in 0..<parameters.count {
            let tensor = current[position]
            parameters.withElements(at: position) { average in
                tensor.withUnsafeBufferPointer { value in
                    for i in 0..<average.count { average[i] += share * (value[i] - average[i]) }
                }
            }
        }
    }
}
