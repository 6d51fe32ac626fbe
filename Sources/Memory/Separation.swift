// How similarities become weights: what sets the best key apart from the others.
import Glibc

/// How the similarities of a query to all keys become weights: the second of the three operations of a retrieval.
///
/// - SeeAlso: Millidge et al., "Universal Hopfield Networks" (arXiv:2202.04557), section 3.
public enum Separation: Sendable, Hashable {
    /// s.
    case identity
    /// sⁿ, n at least 1.
    case polynomial(Int)
    /// log s, of what is at least the least positive number.
    case logarithm
    /// √s, 0 below 0.
    case squareRoot
    /// exp(β s) divided by its sum over the keys.
    case softmax(Double)
    /// 1 for the largest, the first of several, and 0 for the others.
    case maximum
    /// 1/k for each of the k largest, the first of equal ones, and 0 for the others.
    case top(Int)
    /// 1 where s is at least so large, else 0.
    case threshold(Double)

    /// Replaces similarities by weights.
    func apply(to s: inout [Double]) {
        switch self {
        case .identity: break
        case .polynomial(let exponent):
            precondition(exponent >= 1, "a power of \(exponent)")
            for index in s.indices { s[index] = pow(s[index], Double(exponent)) }
        case .logarithm:
            for index in s.indices { s[index] = log(max(s[index], .leastNormalMagnitude)) }
        case .squareRoot:
            for index in s.indices { s[index] = max(s[index], 0).squareRoot() }
        case .softmax(let beta): softmax(&s, beta)
        case .maximum: keepLargest(&s, 1)
        case .top(let count): keepLargest(&s, count)
        case .threshold(let least):
            for index in s.indices { s[index] = s[index] >= least ? 1 : 0 }
        }
    }

    /// How many keys have a weight at most, where that is known: 1 for the maximum, k for the k largest.
    var limit: Int? {
        switch self {
        case .maximum: 1
        case .top(let count): count
        default: nil
        }
    }

    private func softmax(_ s: inout [Double], _ beta: Double) {
        let largest = s.max() ?? 0
        var sum = 0.0
        for index in s.indices {
            s[index] = exp(beta * (s[index] - largest))
            sum += s[index]
        }
        for index in s.indices { s[index] /= sum }
    }

    private func keepLargest(_ s: inout [Double], _ count: Int) {
        precondition(count >= 1, "the \(count) largest")
        let kept = largestPositions(of: s, count)
        for index in s.indices { s[index] = 0 }
        for index in kept { s[index] = 1 / Double(kept.count) }
    }

    // MARK: - Energy

    /// The convex function L of similarities of which the weights are the gradient; nil where there is none on all
    /// numbers.
    func lagrangian(_ s: [Double]) -> Double? {
        switch self {
        case .identity: return s.reduce(0) { $0 + $1 * $1 / 2 }
        case .polynomial(let n) where n % 2 == 1:
            return s.reduce(0) { $0 + pow($1, Double(n + 1)) / Double(n + 1) }
        case .softmax(let beta):
            let largest = s.max() ?? 0
            return largest + log(s.reduce(0) { $0 + exp(beta * ($1 - largest)) }) / beta
        case .maximum: return s.max()
        case .top(let count):
            let kept = largestPositions(of: s, count)
            return kept.reduce(0) { $0 + s[$1] } / Double(kept.count)
        case .threshold(let least): return s.reduce(0) { $0 + max($1 - least, 0) }
        case .polynomial, .logarithm, .squareRoot: return nil
        }
    }

    /// Whether weights are a gradient, and whether none is ever negative.
    var isGradient: Bool { lagrangian([1]) != nil }
    var isNeverNegative: Bool {
        switch self {
        case .softmax, .maximum, .top, .threshold, .squareRoot: true
        case .identity, .polynomial, .logarithm: false
        }
    }
    /// Whether weights have the sum 1.
    var isNormalised: Bool {
        switch self {
        case .softmax, .maximum, .top: true
        default: false
        }
    }
}

/// The positions of the `count` largest numbers, the largest first; of equal ones the earlier first.
func largestPositions(of numbers: [Double], _ count: Int) -> [Int] {
    guard count > 1 else {
        // `max` would give the last of equal ones.
        return numbers.indices.first.map { first in
            [numbers.indices.reduce(first) { numbers[$1] > numbers[$0] ? $1 : $0 }]
        } ?? []
    }
    return Array(
        numbers.indices.sorted { (numbers[$0], $1) > (numbers[$1], $0) }.prefix(count))
}
