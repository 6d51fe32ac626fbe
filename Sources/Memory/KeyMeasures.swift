// Measures between queries and a fixed set of keys: by products of matrices, or by the kernel for distances.
import CKernels
import Compute
import Graphs
import Tensors

/// Computes sums over columns for every query and key, many queries at a time.
///
/// Belongs to the thread that uses it, as its plans do.
final class KeyMeasures {
    /// The keys' side of the pairing.
    let pairing: Pairing, keys: Tensor<Float>
    /// The number that each key adds, and that number negated.
    let numbers: [Float], negatedNumbers: [Float]
    private let threads: Int
    private let products: MatrixProducts
    private let side: Tensor<Float>

    init(_ similarity: Similarity, _ keys: Tensor<Float>, threads: Int) {
        pairing = Pairing(similarity)
        self.keys = keys
        self.threads = threads
        let side = pairing.keys(keys)
        self.side = side.patterns
        numbers = side.numbers.map { Float($0) }
        negatedNumbers = numbers.map { -$0 }
        products = MatrixProducts(side.patterns, threads: threads)
    }

    /// Number of keys.
    var count: Int { keys.shape[0] }

    /// Queries that are compared at a time: a power of two, so many that the sums fit in 128 MB.
    private var rowsAtOnce: Int {
        var rows = 256
        while rows > 1, rows * count > 32 << 20 { rows /= 2 }
        return rows
    }

    /// Calls `body` with the number of each query, the sums for it, and what the query adds.
    func forEachQuery(
        _ queries: Tensor<Float>,
        _ body: (Int, UnsafeBufferPointer<Float>, Double) throws -> Void
    ) throws {
        let prepared = pairing.queries(queries)
        let rows = queries.shape[0]
        for start in stride(from: 0, to: rows, by: rowsAtOnce) {
            let range = start..<min(start + rowsAtOnce, rows)
            try sums(prepared.patterns, range) { sums in
                for row in range {
                    let first = (row - start) * count
                    try body(
                        row, UnsafeBufferPointer(rebasing: sums[first..<first + count]),
                        prepared.numbers[row])
                }
            }
        }
    }

    /// The sums for some rows of queries `[rows, N]`.
    private func sums(
        _ queries: Tensor<Float>, _ rows: Range<Int>,
        _ body: (UnsafeBufferPointer<Float>) throws -> Void
    ) throws {
        let width = queries.shape[1]
        // Below that a plan costs more to make than it saves.
        // One query waits for memory alone, and the kernel waits least.
        if pairing.term == .product, rows.count > 1, rows.count * count * width >= 1 << 22 {
            try products(queries, rows, body)
            return
        }
        let result = Tensor<Float>(shape: [rows.count, count]) { result in
            queries.withUnsafeBufferPointer { queries in
                side.withUnsafeBufferPointer { keys in
                    guard let first = queries.baseAddress, let to = result.baseAddress else {
                        return
                    }
                    percept_distances(
                        pairing.term.kind, first + rows.lowerBound * width, rows.count,
                        keys.baseAddress, count, width, to, Int32(threads))
                }
            }
        }
        try result.withUnsafeBufferPointer(body)
    }
}

extension Pairing.Term {
    /// The kernel's name for it.
    fileprivate var kind: percept_distance {
        switch self {
        case .product: PERCEPT_DOT
        case .absoluteDifference: PERCEPT_MANHATTAN
        case .difference: PERCEPT_HAMMING
        case .mixtureEntropy: PERCEPT_MIXTURE_ENTROPY
        }
    }
}

/// Products of changing rows with a fixed matrix, compiled.
final class MatrixProducts {
    private let plans: PlanCache
    private let width: Int, columns: Int

    /// Products x Mᵀ with M `[columns, width]`; or x M with M `[width, columns]` where `transposed` is false.
    init(_ matrix: Tensor<Float>, transposed: Bool = true, threads: Int) {
        let graph = Graph.build { builder in
            builder.output(
                builder.input("x").times(
                    builder.parameter("matrix"), transposed: false, transposed),
                "y")
        }
        plans = PlanCache(
            graph, parameters: ["matrix": matrix], options: PlanOptions(threads: threads), limit: 2)
        (columns, width) =
            transposed
            ? (matrix.shape[0], matrix.shape[1]) : (matrix.shape[1], matrix.shape[0])
    }

    /// The product of some rows of x, `[rows, columns]`.
    ///
    /// - Throws: What `Plan` throws.
    func callAsFunction(
        _ x: Tensor<Float>, _ rows: Range<Int>, _ body: (UnsafeBufferPointer<Float>) throws -> Void
    ) throws {
        // Few sizes, so that few plans are made; rows that are too many are zeros.
        var padded = 1
        while padded < rows.count { padded *= 2 }
        let plan = try plans.plan(for: ["x": [padded, width]])
        let input = plan.input("x").bindMemory(to: Float.self)
        x.withUnsafeBufferPointer { x in
            let count = rows.count * width
            for index in 0..<count { input[index] = x[rows.lowerBound * width + index] }
            for index in count..<padded * width { input[index] = 0 }
        }
        try plan.run()
        let output = plan.output("y").bindMemory(to: Float.self)
        try body(UnsafeBufferPointer(rebasing: output[..<(rows.count * columns)]))
    }
}
