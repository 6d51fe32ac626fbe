// Retrieval by content in one formula: z = P · separation(similarity(M, q)).
import Learning
import Tensors

/// Stored patterns that are found again by what is left of them.
///
/// A query q is compared with all keys M, similarities become weights, and weights sum the values P:
///
///     z = P · separation(similarity(M, q))
///
/// Where values are the keys themselves, the memory is auto-associative, else hetero-associative. Hopfield networks,
/// sparse distributed memory, dense associative memory and attention are choices of the three operations: see
/// ``AssociativeMemory/hopfield(_:)`` and its kin.
///
///     let memory = try AssociativeMemory(pictures, similarity: .manhattan, separation: .maximum)
///     let whole = try memory.retrieve(halves, knowing: mask)
///
/// A memory belongs to the thread that uses it; copies share what is compiled.
///
/// - SeeAlso: Millidge et al., "Universal Hopfield Networks" (arXiv:2202.04557), section 3.
public struct AssociativeMemory {
    /// How weighted values become an answer: the last of the three operations.
    public enum Projection: String, Sendable, Hashable, CaseIterable {
        /// Their sum.
        case sum
        /// Their sum divided by the sum of weights.
        case mean
        /// 1 where their sum is not negative, else -1.
        case sign
    }

    /// What queries are compared with: `[N, d]`.
    public private(set) var keys: Tensor<Float>
    /// What is answered: `[N, o]`; the keys where the memory is auto-associative.
    public var values: Tensor<Float> { others ?? keys }
    /// The three operations.
    public let similarity: Similarity, separation: Separation, projection: Projection
    /// Threads to compute with.
    public let threads: Int

    private(set) var others: Tensor<Float>?
    private(set) var prepared: Prepared

    /// What is compiled for the keys and values as they are.
    final class Prepared {
        let measures: KeyMeasures
        /// For the entries that were known last.
        var known: (columns: [Int], measures: KeyMeasures)?
        var products: MatrixProducts?
        init(_ measures: KeyMeasures) { self.measures = measures }
    }

    /// A memory.
    ///
    /// - Parameters:
    ///   - keys: `[N, d]`; N may be 0.
    ///   - values: `[N, o]`; nil for the keys themselves.
    /// - Throws: ``MemoryError`` where an entry is not finite, or negative where distributions are compared.
    public init(
        _ keys: Tensor<Float>, values: Tensor<Float>? = nil, similarity: Similarity = .manhattan,
        separation: Separation = .maximum, projection: Projection = .mean, threads: Int = 1
    ) throws(MemoryError) {
        precondition(keys.shape.rank == 2 && keys.shape[1] > 0, "keys \(keys.shape)")
        if let values {
            precondition(
                values.shape.rank == 2 && values.shape[0] == keys.shape[0],
                "values \(values.shape) for keys \(keys.shape)")
        }
        (self.similarity, self.separation, self.projection) = (similarity, separation, projection)
        (self.keys, others, self.threads) = (keys, values, threads)
        prepared = Prepared(KeyMeasures(similarity, keys, threads: threads))
        try check(keys)
        if let values { try check(values, asDistributions: false) }
    }

    /// Number of stored patterns.
    public var count: Int { keys.shape[0] }
    /// Entries of a key.
    public var width: Int { keys.shape[1] }
    /// Whether values are the keys.
    public var isAutoassociative: Bool { others == nil }

    // MARK: - Storing

    /// Stores more patterns, behind those that are there.
    ///
    /// - Parameters:
    ///   - keys: `[n, d]`.
    ///   - values: `[n, o]`, where the memory is hetero-associative.
    /// - Throws: ``MemoryError``; then nothing is stored.
    public mutating func append(
        _ keys: Tensor<Float>, values: Tensor<Float>? = nil
    ) throws(MemoryError) {
        precondition((values == nil) == isAutoassociative, "values for some patterns only")
        precondition(values.map { $0.shape[0] == keys.shape[0] } ?? true, "keys without values")
        try check(keys)
        if let values { try check(values, asDistributions: false) }
        set(self.keys.appending(rows: keys), values.flatMap { others?.appending(rows: $0) })
    }

    /// Forgets the patterns at these positions; those behind them move up.
    ///
    /// - Throws: ``MemoryError`` where there is none; then nothing is forgotten.
    public mutating func remove(_ positions: some Collection<Int>) throws(MemoryError) {
        let gone = Set(positions)
        if let wrong = gone.first(where: { !(0..<count).contains($0) }) {
            throw .noSuchMemory(position: wrong, count: count)
        }
        let kept = (0..<count).filter { !gone.contains($0) }
        set(keys.gathered(rows: kept), others?.gathered(rows: kept))
    }

    private mutating func set(_ keys: Tensor<Float>, _ values: Tensor<Float>?) {
        (self.keys, others) = (keys, values)
        prepared = Prepared(KeyMeasures(similarity, keys, threads: threads))
    }

    // MARK: - Parts

    /// Refuses what no measure can take.
    func check(
        _ patterns: Tensor<Float>, asDistributions: Bool = true
    ) throws(MemoryError) {
        let width = max(patterns.shape[1], 1)
        let isPositive = asDistributions && similarity.measure.comparesDistributions
        let wrong = patterns.withUnsafeBufferPointer { x in
            x.firstIndex { !$0.isFinite || isPositive && $0 < 0 }
        }
        guard let wrong else { return }
        let isFinite = patterns.withUnsafeBufferPointer { $0[wrong].isFinite }
        guard isFinite else { throw .notFinite(row: wrong / width, column: wrong % width) }
        throw .negative(
            row: wrong / width, column: wrong % width, measure: similarity.measure.rawValue)
    }
}
