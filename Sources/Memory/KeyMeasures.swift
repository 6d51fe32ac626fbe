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
        products = MatrixProducts(side.patterns, isTurned: true, threads: threads)
    }

    /// Number of keys.
    var count: Int { keys.shape[0] }

    /// Queries that are compared at a time: a power of two, so many that the sums fit in 128 MB.
    private var rowsAtOnce: Int {
        var rows = 256
        while rows > 1, rows * count > 32 << 20 { rows /= 2 }
        return rows
    }

    /// Sums of some queries: a row for each, or a column for each.
    struct Sums {
        let values: UnsafePointer<Float>
        let rows: Int, keys: Int
        /// How far apart the sums of two keys are, where those of a query lie in a column; nil: they lie in a row.
        var stride: Int?
    }

    /// Calls `body` with the number of each query, the sums for it, and what the query adds.
    func forEachQuery(
        _ queries: Tensor<Float>,
        _ body: (Int, UnsafeBufferPointer<Float>, Double) throws -> Void
    ) throws {
        try forEachGroup(queries) { range, sums, numbers in
            try sums.inRows(threads: threads) { rows in
                for row in range {
                    let first = (row - range.lowerBound) * count
                    try body(
                        row, UnsafeBufferPointer(rebasing: rows[first..<first + count]),
                        numbers[row])
                }
            }
        }
    }

    /// Calls `body` with the numbers of some queries at a time, the sums for them, and what each query of all adds.
    func forEachGroup(
        _ queries: Tensor<Float>, _ body: (Range<Int>, Sums, [Double]) throws -> Void
    ) throws {
        let prepared = pairing.queries(queries)
        let rows = queries.shape[0]
        for start in stride(from: 0, to: rows, by: rowsAtOnce) {
            let range = start..<min(start + rowsAtOnce, rows)
            try sums(prepared.patterns, range) { try body(range, $0, prepared.numbers) }
        }
    }

    /// The largest of `scale` times a sum plus what its key adds (nothing, where `addsNumbers` is false, else that number
    /// negated), for each query of a group: values and positions, `wanted` for each, and how many there are.
    func largest(
        of sums: Sums, scale: Float, addsNumbers: Bool, wanted: Int
    ) -> (values: [Float], positions: [Int], found: [Int]) {
        var values = [Float](repeating: 0, count: sums.rows * wanted)
        var positions = [Int](repeating: 0, count: values.count)
        var found = [Int](repeating: 0, count: sums.rows)
        let offsets = addsNumbers ? negatedNumbers : nil
        if let stride = sums.stride {
            percept_largest_columns(
                sums.values, stride, sums.rows, offsets, scale, sums.keys, wanted, &values,
                &positions, &found, Int32(threads))
            return (values, positions, found)
        }
        values.withUnsafeMutableBufferPointer { values in
            positions.withUnsafeMutableBufferPointer { positions in
                for row in 0..<sums.rows {
                    found[row] = percept_largest(
                        sums.values + row * sums.keys, offsets, scale, sums.keys, wanted,
                        values.baseAddress! + row * wanted, positions.baseAddress! + row * wanted)
                }
            }
        }
        return (values, positions, found)
    }

    /// The sums for some rows of queries.
    private func sums(
        _ queries: Tensor<Float>, _ rows: Range<Int>, _ body: (Sums) throws -> Void
    ) throws {
        let width = queries.shape[1]
        // Below that a plan costs more to make than it saves.
        // One query waits for memory alone, and the kernel waits least.
        if pairing.term == .product, rows.count > 1, rows.count * count * width >= 1 << 22 {
            try products(queries, rows) {
                try body(Sums(values: $0, rows: rows.count, keys: count, stride: $1))
            }
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
        try result.withUnsafeBufferPointer {
            guard let values = $0.baseAddress else { return }
            try body(Sums(values: values, rows: rows.count, keys: count))
        }
    }
}

extension KeyMeasures.Sums {
    /// The same, `[rows, keys]`.
    fileprivate func inRows(
        threads: Int, _ body: (UnsafeBufferPointer<Float>) throws -> Void
    ) throws {
        guard let stride else {
            return try body(UnsafeBufferPointer(start: values, count: rows * keys))
        }
        let turned = Tensor<Float>(shape: [rows, keys]) {
            percept_columns(values, stride, rows, keys, $0.baseAddress, Int32(threads))
        }
        try turned.withUnsafeBufferPointer(body)
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
    private let isTurned: Bool

    /// Products x M with M `[width, columns]`; or, where `isTurned`, M xᵀ with M `[columns, width]`: where M is tall that is
    /// the faster way to x Mᵀ.
    init(_ matrix: Tensor<Float>, isTurned: Bool = false, threads: Int) {
        let graph = Graph.build { builder in
            let (x, matrix) = (builder.input("x"), builder.parameter("matrix"))
            builder.output(
                isTurned ? matrix.times(x, transposed: false, true) : x.times(matrix), "y")
        }
        plans = PlanCache(
            graph, parameters: ["matrix": matrix], options: PlanOptions(threads: threads), limit: 2)
        self.isTurned = isTurned
        (columns, width) =
            isTurned
            ? (matrix.shape[0], matrix.shape[1]) : (matrix.shape[1], matrix.shape[0])
    }

    /// The product of some rows of x: `[rows, columns]`; turned, `[columns, n]` with n at least the number of rows.
    ///
    /// - Parameter body: Gets it, and the length of its rows.
    /// - Throws: What `Plan` throws.
    func callAsFunction(
        _ x: Tensor<Float>, _ rows: Range<Int>,
        _ body: (UnsafePointer<Float>, Int) throws -> Void
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
        guard let output = plan.output("y").bindMemory(to: Float.self).baseAddress else { return }
        try body(output, isTurned ? padded : columns)
    }
}
