// The memories that the field knows by name, each a choice of similarity, separation and projection.
import Tensors

extension AssociativeMemory {
    /// The classical Hopfield network on patterns of 1 and -1: z = sign(W q) with W = Σ x xᵀ.
    ///
    /// Units are connected to themselves, so that all may change at once without the energy ever rising.
    ///
    /// - Parameter patterns: `[N, d]` of 1 and -1.
    /// - Throws: ``MemoryError``.
    /// - SeeAlso: Hopfield (1982).
    public static func hopfield(
        _ patterns: Tensor<Float>, threads: Int = 1
    ) throws(MemoryError) -> AssociativeMemory {
        try AssociativeMemory(
            patterns, similarity: .dotProduct, separation: .identity, projection: .sign,
            threads: threads)
    }

    /// Dense associative memory on patterns of 1 and -1: z = sign(Σ x (x·q)ⁿ⁻¹), of the energy -Σ (x·q)ⁿ.
    ///
    /// - Parameter degree: n, at least 2; 2 is the classical network.
    /// - Throws: ``MemoryError``.
    /// - SeeAlso: Krotov and Hopfield, "Dense associative memory for pattern recognition" (arXiv:1606.01164).
    public static func dense(
        _ patterns: Tensor<Float>, degree: Int, threads: Int = 1
    ) throws(MemoryError) -> AssociativeMemory {
        precondition(degree >= 2, "an energy of degree \(degree)")
        return try AssociativeMemory(
            patterns, similarity: .dotProduct, separation: .polynomial(degree - 1),
            projection: .sign, threads: threads)
    }

    /// The modern continuous Hopfield network: z = Σ x softmax(β x·q).
    ///
    /// - Throws: ``MemoryError``.
    /// - SeeAlso: Ramsauer et al., "Hopfield networks is all you need" (arXiv:2008.02217), equation 3.
    public static func modernHopfield(
        _ patterns: Tensor<Float>, beta: Double, threads: Int = 1
    ) throws(MemoryError) -> AssociativeMemory {
        try AssociativeMemory(
            patterns, similarity: .dotProduct, separation: .softmax(beta), projection: .sum,
            threads: threads)
    }

    /// Attention: softmax(Q Kᵀ / √d) V.
    ///
    /// - Parameters:
    ///   - keys: `[N, d]`.
    ///   - values: `[N, o]`.
    /// - Throws: ``MemoryError``.
    /// - SeeAlso: Vaswani et al. (arXiv:1706.03762), equation 1.
    public static func attention(
        keys: Tensor<Float>, values: Tensor<Float>, threads: Int = 1
    ) throws(MemoryError) -> AssociativeMemory {
        try AssociativeMemory(
            keys, values: values, similarity: .dotProduct,
            separation: .softmax(1 / Double(keys.shape[1]).squareRoot()), projection: .sum,
            threads: threads)
    }

    /// Sparse distributed memory on patterns of 1 and -1: hard locations within a Hamming radius of where one writes
    /// or reads keep counters, and z is the sign of their sum.
    ///
    /// - Parameters:
    ///   - addresses: Those of the hard locations: `[N, d]` of 1 and -1.
    ///   - patterns: What is written, each at itself: `[n, d]`.
    ///   - radius: The most entries in which a location may differ from where one reads.
    /// - Throws: ``MemoryError``, and what compiling throws.
    /// - SeeAlso: Kanerva, "Sparse distributed memory" (1988).
    public static func sparseDistributed(
        addresses: Tensor<Float>, storing patterns: Tensor<Float>, radius: Int, threads: Int = 1
    ) throws -> AssociativeMemory {
        let active = Separation.threshold(-Double(radius))
        // What is written sums up at every location: a retrieval from the patterns with locations as queries.
        let writing = try AssociativeMemory(
            patterns, similarity: .hamming, separation: active, projection: .sum, threads: threads)
        return try AssociativeMemory(
            addresses, values: writing.retrieve(addresses), similarity: .hamming,
            separation: active, projection: .sign, threads: threads)
    }
}
