import CKernels
import Tensors
import Testing

@testable import Memory

@Suite struct KeyMeasuresTests {
    @Test("Products of matrices and the kernel give the same sums")
    func paths() throws {
        var random = RandomSource(seed: 1)
        let keys = Tensor<Float>.normal([700, 100], using: &random)
        let queries = Tensor<Float>.normal([75, 100], using: &random)
        // 75 rows make a product, 3 at a time do not.
        let measures = KeyMeasures(.euclidean, keys, threads: 2)
        var large: [[Float]] = []
        try measures.forEachQuery(queries) { _, sums, _ in large.append(Array(sums)) }
        for start in stride(from: 0, to: 75, by: 3) {
            let part = queries.gathered(rows: start..<start + 3)
            try measures.forEachQuery(part) { row, sums, _ in
                for (a, b) in zip(large[start + row], sums) {
                    #expect(agree(Double(a), Double(b), to: 1e-4))
                }
            }
        }
        #expect(large.count == 75)
    }

    @Test("The kernel's sums are those of the definition, at any width and number of rows")
    func kernel() {
        var random = RandomSource(seed: 2)
        let kinds: [(percept_distance, (Double, Double) -> Double)] = [
            (PERCEPT_DOT, { $0 * $1 }), (PERCEPT_SQUARES, { ($0 - $1) * ($0 - $1) }),
            (PERCEPT_MANHATTAN, { abs($0 - $1) }), (PERCEPT_HAMMING, { $0 == $1 ? 0 : 1 }),
            (
                PERCEPT_MIXTURE_ENTROPY,
                {
                    let m = ($0 + $1) / 2
                    return m > 0 ? m * Double.log(m) : 0
                }
            ),
        ]
        for trial in 0..<25 {
            let width = 1 + random.index(below: trial < 5 ? 200 : 40)
            let (rows, count) = (1 + random.index(below: 5), 1 + random.index(below: 37))
            let queries = randomPatterns(rows, width, using: &random)
            // Some keys share entries with a query.
            var keys = randomPatterns(count, width, using: &random)
            for column in 0..<width where random.uniform() < 0.5 {
                keys[0, column] = queries[0, column]
            }
            for (kind, term) in kinds {
                let found = Self.sums(kind, queries, keys, threads: 1 + trial % 2)
                for row in 0..<rows {
                    for key in 0..<count {
                        let exact = zip(queries.row(row), keys.row(key)).reduce(0) {
                            $0 + term($1.0, $1.1)
                        }
                        #expect(agree(Double(found[row, key]), exact, to: 1e-5))
                    }
                }
            }
        }
    }

    @Test("Sums do not depend on the number of threads")
    func threads() {
        var random = RandomSource(seed: 3)
        let keys = randomPatterns(3000, 33, using: &random)
        let queries = randomPatterns(4, 33, using: &random)
        #expect(
            Self.sums(PERCEPT_MANHATTAN, queries, keys, threads: 1)
                == Self.sums(PERCEPT_MANHATTAN, queries, keys, threads: 2))
    }

    @Test("The largest scores are found in order, scaled and shifted, numbers only")
    func largest() {
        var random = RandomSource(seed: 4)
        for _ in 0..<60 {
            let count = random.index(below: 200)
            // Few values, so that many are equal.
            var scores = (0..<count).map { _ in Float(random.index(below: 30)) }
            let offsets = (0..<count).map { _ in Float(random.index(below: 3)) }
            if count > 3 { scores[random.index(below: count)] = .nan }
            let wanted = random.index(below: 12)
            for (scale, shifts) in [(Float(1), nil), (-2, offsets)] {
                let shifted = scores.indices.map { scale * scores[$0] + (shifts?[$0] ?? 0) }
                let expected = shifted.indices.filter { !shifted[$0].isNaN }
                    .sorted { (shifted[$0], $1) > (shifted[$1], $0) }.prefix(wanted)
                var values = [Float](repeating: 0, count: wanted)
                var positions = [Int](repeating: 0, count: wanted)
                let found = percept_largest(
                    scores, shifts, scale, count, wanted, &values, &positions)
                #expect(Array(positions[..<found]) == Array(expected))
                #expect(Array(values[..<found]) == expected.map { shifted[$0] })
            }
        }
    }

    @Test(
        "The largest of scores side by side are those of each set alone, for any number of threads")
    func largestOfColumns() {
        var random = RandomSource(seed: 5)
        for trial in 0..<60 {
            let (count, rows) = (random.index(below: 120), 1 + random.index(below: 40))
            let stride = rows + random.index(below: 9)
            var scores = (0..<count * stride).map { _ in Float(random.index(below: 30)) }
            for _ in 0..<count / 8 { scores[random.index(below: scores.count)] = .nan }
            for _ in 0..<count / 8 { scores[random.index(below: scores.count)] = -.infinity }
            let offsets = (0..<count).map { _ in Float(random.index(below: 3)) }
            let wanted = random.index(below: 12)
            var turned = [Float](repeating: -1, count: rows * count)
            percept_columns(scores, stride, rows, count, &turned, Int32(1 + trial % 3))
            for (scale, shifts) in [(Float(1), nil), (-2, offsets)] {
                var values = [Float](repeating: 0, count: rows * wanted)
                var positions = [Int](repeating: 0, count: values.count)
                var found = [Int](repeating: -1, count: rows)
                percept_largest_columns(
                    scores, stride, rows, shifts, scale, count, wanted, &values, &positions,
                    &found, Int32(1 + trial % 3))
                for row in 0..<rows {
                    let set = (0..<count).map { scores[$0 * stride + row] }
                    #expect(
                        zip(set, turned[row * count..<(row + 1) * count]).allSatisfy {
                            $0 == $1 || $0.isNaN && $1.isNaN
                        })
                    var expected = [Float](repeating: 0, count: wanted)
                    var places = [Int](repeating: 0, count: wanted)
                    let there = percept_largest(
                        set, shifts, scale, count, wanted, &expected, &places)
                    let part = row * wanted..<row * wanted + there
                    #expect(found[row] == there)
                    #expect(Array(values[part]) == Array(expected[..<there]))
                    #expect(Array(positions[part]) == Array(places[..<there]))
                }
            }
        }
    }

    private static func sums(
        _ kind: percept_distance, _ queries: Tensor<Float>, _ keys: Tensor<Float>, threads: Int
    ) -> Tensor<Float> {
        Tensor(shape: [queries.shape[0], keys.shape[0]]) { result in
            queries.withUnsafeBufferPointer { queries in
                keys.withUnsafeBufferPointer { all in
                    percept_distances(
                        kind, queries.baseAddress, result.count / keys.shape[0], all.baseAddress,
                        keys.shape[0], keys.shape[1], result.baseAddress, Int32(threads))
                }
            }
        }
    }
}
