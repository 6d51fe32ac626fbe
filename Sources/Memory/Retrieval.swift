// Asking an associative memory: values, weights, similarities, and the nearest keys.
import Learning
import Tensors

extension AssociativeMemory {
    /// What is stored under each query: z = P · separation(similarity(M, q)).
    ///
    /// - Parameters:
    ///   - queries: `[rows, d]`.
    ///   - known: `[1, d]` or `[rows, d]`, not 0 where an entry is known: only those are compared. Nil for all.
    /// - Returns: `[rows, o]`.
    /// - Throws: ``MemoryError``, and what compiling throws.
    public func retrieve(
        _ queries: Tensor<Float>, knowing known: Tensor<Float>? = nil
    ) throws -> Tensor<Float> {
        if let limit = separation.limit {
            let found = try nearest(to: queries, count: limit, knowing: known)
            let weights = found.map { row in
                row.map { (position: $0.position, weight: 1 / Double(row.count)) }
            }
            return answered(weights)
        }
        var answer = [Tensor<Float>]()
        let rows = queries.shape[0]
        // Weights of as many queries as 64 MB hold.
        let step = min(max((16 << 20) / max(count, 1), 1), 256)
        for start in stride(from: 0, to: rows, by: step) {
            let range = start..<min(start + step, rows)
            let part = queries.gathered(rows: range)
            let mask = known.map { $0.shape[0] == 1 ? $0 : $0.gathered(rows: range) }
            answer.append(try answered(weights(for: part, knowing: mask)))
        }
        return answer.dropFirst().reduce(
            answer.first ?? Tensor(shape: [0, values.shape[1]])
        ) { $0.appending(rows: $1) }
    }

    /// The similarity of each query to each key: `[rows, N]`.
    ///
    /// - Throws: ``MemoryError``, and what compiling throws.
    public func similarities(
        to queries: Tensor<Float>, knowing known: Tensor<Float>? = nil
    ) throws -> Tensor<Float> {
        try rows(queries, known) { _ in }
    }

    /// The weight of each key for each query, `[rows, N]`: separation(similarity(M, q)), with the sum 1 where the
    /// projection is a mean.
    ///
    /// - Throws: ``MemoryError``, and what compiling throws.
    public func weights(
        for queries: Tensor<Float>, knowing known: Tensor<Float>? = nil
    ) throws -> Tensor<Float> {
        try rows(queries, known) { scores in
            separation.apply(to: &scores)
            guard projection == .mean else { return }
            let sum = scores.reduce(0, +)
            if sum != 0 { for index in scores.indices { scores[index] /= sum } }
        }
    }

    /// The keys that are most alike, the most alike first.
    ///
    /// - Parameter count: How many for each query; all where there are fewer.
    /// - Throws: ``MemoryError``, and what compiling throws.
    public func nearest(
        to queries: Tensor<Float>, count wanted: Int = 1, knowing known: Tensor<Float>? = nil
    ) throws -> [[Match]] {
        precondition(wanted > 0, "the \(wanted) nearest")
        let isDistance = similarity.measure.isDistance
        var matches = [[Match]](repeating: [], count: queries.shape[0])
        let wanted = min(wanted, count)
        try forEachGroup(queries, known) { rows, measures, sums, numbers in
            let scale = Float(measures.pairing.scale)
            let largest = measures.largest(
                of: sums, scale: isDistance ? -scale : scale, addsNumbers: isDistance,
                wanted: wanted)
            for (index, row) in rows.enumerated() {
                matches[row] = (0..<largest.found[index]).map { rank in
                    let place = index * wanted + rank
                    let value = Double(largest.values[place])
                    return Match(
                        position: largest.positions[place],
                        // Products leave rounding behind where a distance is 0.
                        measure: isDistance ? max(numbers[index] - value, 0) : value)
                }
            }
        }
        return matches
    }

    /// A key that was found.
    public struct Match: Sendable, Hashable {
        /// Its position among the keys.
        public let position: Int
        /// The measure between it and the query: a product, a cosine, or a distance.
        public let measure: Double
    }

    // MARK: - Parts

    /// A matrix of similarities, changed row by row.
    private func rows(
        _ queries: Tensor<Float>, _ known: Tensor<Float>?, _ change: (inout [Double]) -> Void
    ) throws -> Tensor<Float> {
        var result = Tensor<Float>(shape: [queries.shape[0], count])
        var scores = [Double](repeating: 0, count: count)
        try forEach(queries, known) { row, measures, sums, number in
            score(sums, number, measures, into: &scores)
            change(&scores)
            result.withUnsafeMutableBufferPointer { result in
                for index in scores.indices { result[row * count + index] = Float(scores[index]) }
            }
        }
        return result
    }

    /// The similarities of one query.
    private func score(
        _ sums: UnsafeBufferPointer<Float>, _ number: Double, _ measures: KeyMeasures,
        into scores: inout [Double]
    ) {
        let scale = measures.pairing.scale
        let isDistance = similarity.measure.isDistance
        for index in scores.indices {
            let value = scale * Double(sums[index]) + number + Double(measures.numbers[index])
            scores[index] = similarity.score(isDistance ? max(value, 0) : value)
        }
        guard similarity.scalesScores else { return }
        let sum = scores.reduce(0, +).magnitude
        if sum != 0 { for index in scores.indices { scores[index] /= sum } }
    }

    /// Calls `body` with each query's number, what measures it, its sums, and what it adds.
    private func forEach(
        _ queries: Tensor<Float>, _ known: Tensor<Float>?,
        _ body: (Int, KeyMeasures, UnsafeBufferPointer<Float>, Double) throws -> Void
    ) throws {
        try forEachPart(queries, known) { rows, measures, part in
            try measures.forEachQuery(part) { try body(rows[$0], measures, $1, $2) }
        }
    }

    /// Calls `body` with the numbers of some queries at a time, what measures them, their sums, and what each of them adds.
    private func forEachGroup(
        _ queries: Tensor<Float>, _ known: Tensor<Float>?,
        _ body: (ArraySlice<Int>, KeyMeasures, KeyMeasures.Sums, [Double]) throws -> Void
    ) throws {
        try forEachPart(queries, known) { rows, measures, part in
            try measures.forEachGroup(part) { range, sums, numbers in
                try body(rows[range], measures, sums, Array(numbers[range]))
            }
        }
    }

    /// Calls `body` with queries of which the same is known: their numbers, what measures them, and what is known.
    private func forEachPart(
        _ queries: Tensor<Float>, _ known: Tensor<Float>?,
        _ body: ([Int], KeyMeasures, Tensor<Float>) throws -> Void
    ) throws {
        precondition(
            queries.shape.rank == 2 && queries.shape[1] == width,
            "queries \(queries.shape) for keys of \(width)")
        guard count > 0 else { throw MemoryError.empty }
        try check(queries)
        for group in KnownEntries(known, rows: queries.shape[0], width: width).groups {
            guard let first = group.rows.first else { continue }
            guard !group.columns.isEmpty else { throw MemoryError.nothingKnown(row: first) }
            let isWhole = group.columns.count == width
            let measures = isWhole ? prepared.measures : measures(of: group.columns)
            let part =
                group.rows.count == queries.shape[0] ? queries : queries.gathered(rows: group.rows)
            try body(
                group.rows, measures, isWhole ? part : part.gathered(columns: group.columns))
        }
    }

    /// What measures some columns alone.
    private func measures(of columns: [Int]) -> KeyMeasures {
        if let known = prepared.known, known.columns == columns { return known.measures }
        let measures = KeyMeasures(
            similarity, keys.gathered(columns: columns), threads: threads)
        prepared.known = (columns, measures)
        return measures
    }

    /// Weighted values, for few weights each.
    private func answered(_ weights: [[(position: Int, weight: Double)]]) -> Tensor<Float> {
        let values = values
        let width = values.shape[1]
        return Tensor(shape: [weights.count, width]) { result in
            values.withUnsafeBufferPointer { values in
                for (row, weights) in weights.enumerated() {
                    let to = UnsafeMutableBufferPointer(
                        rebasing: result[row * width..<(row + 1) * width])
                    to.update(repeating: 0)
                    for (position, weight) in weights {
                        let weight = Float(weight)
                        for column in 0..<width {
                            to[column] += weight * values[position * width + column]
                        }
                    }
                }
            }
            projection.finish(result)
        }
    }

    /// Weighted values, for weights `[rows, N]`.
    func answered(_ weights: Tensor<Float>) throws -> Tensor<Float> {
        let products =
            prepared.products ?? MatrixProducts(values, threads: threads)
        prepared.products = products
        let rows = weights.shape[0]
        return try Tensor(shape: [rows, values.shape[1]]) { result in
            try products(weights, 0..<rows) { found, _ in
                for index in result.indices { result[index] = found[index] }
            }
            projection.finish(result)
        }
    }
}

extension AssociativeMemory.Projection {
    fileprivate func finish(_ values: UnsafeMutableBufferPointer<Float>) {
        guard self == .sign else { return }
        for index in values.indices { values[index] = values[index] < 0 ? -1 : 1 }
    }
}
