// Retrieval again and again: a state that descends the general energy of the memory.
import Tensors

extension AssociativeMemory {
    /// Whether there is an energy that iterated retrieval never raises.
    ///
    /// Weights must be the gradient of a convex function of similarities; where similarities are distances, they must
    /// not be negative either, and the distances themselves be similarities, not their reciprocals.
    public var hasEnergy: Bool {
        guard isAutoassociative, separation.isGradient, !similarity.scalesScores,
            !similarity.scalesPatterns
        else { return false }
        switch similarity.measure {
        case .dotProduct: return projection != .mean || separation.isNormalised
        case .cosine: return projection != .sign
        default:
            return similarity.form == .negated && separation.isNeverNegative
                && (projection != .sign || similarity.measure == .hamming)
        }
    }

    /// The general energy of each query: E(q) = R(q) - L(similarity(M, q)).
    ///
    /// L is the convex function whose gradient is the separation: (1/β) log Σ exp(β s) for the softmax, the maximum for
    /// the maximum. R is ½|q|² for dot products, with which the energy is Hopfield's or the modern Hopfield network's,
    /// and 0 for all others.
    ///
    /// - Precondition: ``hasEnergy``.
    /// - Throws: ``MemoryError``, and what compiling throws.
    /// - SeeAlso: Krotov and Hopfield (arXiv:2008.06996); Millidge et al. (arXiv:2202.04557), section 3.1.
    public func energies(of queries: Tensor<Float>) throws -> [Double] {
        precondition(hasEnergy, "\(similarity) with \(separation) has no energy")
        let similarities = try similarities(to: queries)
        let halves = queries.rowSums { $0 * $0 / 2 }
        return similarities.withUnsafeBufferPointer { s in
            queries.shape[0].indices.map { row in
                let scores = s[row * count..<(row + 1) * count].map { Double($0) }
                let part = separation.lagrangian(scores) ?? .nan
                return (similarity.measure == .dotProduct ? halves[row] : 0) - part
            }
        }
    }

    /// Retrieves from what was retrieved, and so on, until nothing moves any more.
    ///
    /// Each step goes to the state in which the weighted similarities to all keys are largest. For dot products that is
    /// P · separation(similarity(M, q)) itself, for Euclidean distances the weighted mean, for Manhattan distances the
    /// weighted median of each entry. So no step ever raises the energy: L is convex and lies above its tangents.
    ///
    /// - Parameters:
    ///   - steps: The most steps.
    ///   - tolerance: A state has settled where no entry moves further.
    /// - Precondition: ``hasEnergy``.
    /// - Throws: ``MemoryError``, and what compiling throws.
    public func settle(
        _ queries: Tensor<Float>, steps: Int = 20, tolerance: Float = 1e-6
    ) throws -> Settled {
        precondition(hasEnergy, "\(similarity) with \(separation) has no energy")
        var settled = Settled(states: queries, energies: [try energies(of: queries)])
        for _ in 0..<steps {
            let next = try centres(of: try weights(for: settled.states), from: settled.states)
            let moved = zip(next.elements, settled.states.elements).reduce(Float(0)) {
                max($0, abs($1.0 - $1.1))
            }
            settled.states = next
            settled.energies.append(try energies(of: next))
            if moved <= tolerance { break }
        }
        return settled
    }

    /// Where iterated retrieval led.
    public struct Settled: Sendable {
        /// The last states: `[rows, d]`.
        public fileprivate(set) var states: Tensor<Float>
        /// The energy of each row before the first step and after each one.
        public fileprivate(set) var energies: [[Double]]
    }
}

extension Int {
    fileprivate var indices: Range<Int> { 0..<self }
}
