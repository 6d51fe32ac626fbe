// The functions that keep a Hopfield network's activities between 0 and 1.
import Graphs

/// A function that takes what drives a neuron to its activity.
public protocol Squashing: Sendable {
    /// The activity.
    func callAsFunction(_ drive: Value) -> Value
}

/// A squashing that is analytic, so that it continues to complex numbers near the real ones.
public protocol AnalyticSquashing: Squashing {}

/// 1 / (1 + exp(-4 (x - 1/2))): slope 1 in the middle, at 1/2.
public struct LogisticSquashing: AnalyticSquashing {
    /// The function.
    public init() {}
    public func callAsFunction(_ drive: Value) -> Value { (4 * drive - 2).sigmoid }
}

/// The nearest number from 0 to 1: settles in few steps, but is not analytic.
public struct HardSquashing: Squashing {
    /// The function.
    public init() {}
    public func callAsFunction(_ drive: Value) -> Value { drive.clamped(to: 0...1) }
}
