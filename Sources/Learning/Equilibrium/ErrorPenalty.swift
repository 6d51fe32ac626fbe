// What an error costs in a predictive coding energy: its square, or less for large ones.
import Graphs

/// The cost of one prediction error.
///
/// The theory asks of it no more than a minimum at 0 that is not flat: there the free phase rests,
/// and there the nudged phase of a small λ stays. Every such penalty leads to the gradient of
/// backpropagation, whatever it does to large errors.
public enum ErrorPenalty: Sendable, Hashable {
    /// e² / 2, predictive coding's own: errors of a normal distribution.
    case squared
    /// log cosh e: a square for small errors, a line for large ones, smooth between. Its slope
    /// tanh e is an error neuron that saturates.
    case logCosh
    /// e² / 2 up to a width δ, δ (|e| - δ / 2) beyond: Huber's. Below δ it is the square exactly.
    case huber(Double)

    /// The sum of the costs of all elements.
    public func callAsFunction(_ error: Value) -> Value {
        switch self {
        case .squared:
            return 0.5 * (error * error).sum()
        case .logCosh:
            // log cosh e = |e| + log(1 + e^(-2|e|)) - log 2, written with softplus(-2e) so that it
            // is smooth at 0: e + softplus(-2e) - log 2.
            let logarithm = error + (-2 * error).softplus
            return (logarithm - 0.693_147_180_559_945_3).sum()
        case .huber(let width):
            // With c the error clamped to ±δ, the cost is c (e - c / 2).
            let clamped = error.clamped(to: -width...width)
            return (clamped * (error - 0.5 * clamped)).sum()
        }
    }
}
