import Tensors
import Testing

@testable import Memory

/// Each named memory against the update that its textbook gives, written out plainly.
@Suite struct NamedMemoriesTests {
    private func product(_ a: [Double], _ b: [Double]) -> Double {
        zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    }

    @Test("The Hopfield network is sign(W q) with W the sum of outer products")
    func hopfield() throws {
        var random = RandomSource(seed: 1)
        // An odd number of patterns and units leaves no sum at 0.
        let patterns = randomSigns(7, 31, using: &random)
        var weights = [[Double]](repeating: [Double](repeating: 0, count: 31), count: 31)
        for pattern in 0..<7 {
            let x = patterns.row(pattern)
            for i in 0..<31 { for j in 0..<31 { weights[i][j] += x[i] * x[j] } }
        }
        let queries = randomSigns(40, 31, using: &random)
        let found = try AssociativeMemory.hopfield(patterns).retrieve(queries)
        for row in 0..<40 {
            let expected = weights.map { product($0, queries.row(row)) < 0 ? -1.0 : 1.0 }
            #expect(found.row(row) == expected)
        }
    }

    @Test("The Hopfield network restores few stored patterns, and not many")
    func hopfieldCapacity() throws {
        var random = RandomSource(seed: 2)
        func restored(_ count: Int) throws -> Int {
            let patterns = randomSigns(count, 200, using: &random)
            let damaged = patterns.map { random.uniform() < 0.1 ? -$0 : $0 }
            let settled = try AssociativeMemory.hopfield(patterns).settle(damaged).states
            return (0..<count).count { settled.row($0) == patterns.row($0) }
        }
        #expect(try restored(8) == 8)
        #expect(try restored(100) < 20)
    }

    @Test(
        "Dense associative memory is sign(Σ x (x·q)ⁿ⁻¹), and holds more patterns than the network")
    func dense() throws {
        var random = RandomSource(seed: 3)
        for degree in 2...5 {
            let patterns = randomSigns(9, 25, using: &random)
            let queries = randomSigns(30, 25, using: &random)
            let found = try AssociativeMemory.dense(patterns, degree: degree).retrieve(queries)
            for row in 0..<30 {
                var sums = [Double](repeating: 0, count: 25)
                for pattern in 0..<9 {
                    let x = patterns.row(pattern)
                    var power = 1.0
                    for _ in 0..<degree - 1 { power *= product(x, queries.row(row)) }
                    for i in 0..<25 { sums[i] += power * x[i] }
                }
                for (value, sum) in zip(found.row(row), sums) where sum != 0 {
                    #expect(value == (sum < 0 ? -1 : 1))
                }
            }
        }
        let many = randomSigns(100, 200, using: &random)
        let damaged = many.map { random.uniform() < 0.1 ? -$0 : $0 }
        #expect(try AssociativeMemory.dense(many, degree: 4).settle(damaged).states == many)
    }

    @Test("The modern Hopfield network is Xᵀ softmax(β X q)")
    func modern() throws {
        var random = RandomSource(seed: 4)
        let patterns = Tensor<Float>.normal([14, 10], using: &random)
        let queries = Tensor<Float>.normal([6, 10], using: &random)
        let found = try AssociativeMemory.modernHopfield(patterns, beta: 0.8).retrieve(queries)
        for row in 0..<6 {
            let powers = (0..<14).map {
                Double.exp(0.8 * product(patterns.row($0), queries.row(row)))
            }
            let sum = powers.reduce(0, +)
            for column in 0..<10 {
                let exact = (0..<14).reduce(0) {
                    $0 + powers[$1] / sum * Double(patterns[$1, column])
                }
                #expect(agree(Double(found[row, column]), exact, to: 1e-5))
            }
        }
    }

    @Test("Attention is softmax(Q Kᵀ / √d) V, small and large")
    func attention() throws {
        var random = RandomSource(seed: 5)
        for (count, rows) in [(5, 3), (900, 200)] {
            let keys = Tensor<Float>.normal([count, 24], using: &random)
            let values = Tensor<Float>.normal([count, 7], using: &random)
            let queries = Tensor<Float>.normal([rows, 24], using: &random)
            let found = try AssociativeMemory.attention(keys: keys, values: values, threads: 2)
                .retrieve(queries)
            for row in stride(from: 0, to: rows, by: 17) {
                let powers = (0..<count).map {
                    Double.exp(product(keys.row($0), queries.row(row)) / 24.0.squareRoot())
                }
                let sum = powers.reduce(0, +)
                for column in 0..<7 {
                    let exact = (0..<count).reduce(0) {
                        $0 + powers[$1] / sum * Double(values[$1, column])
                    }
                    #expect(agree(Double(found[row, column]), exact, to: 1e-5))
                }
            }
        }
    }

    @Test("Sparse distributed memory keeps counters at hard locations and reads the sign of sums")
    func sparseDistributed() throws {
        var random = RandomSource(seed: 6)
        let addresses = randomSigns(400, 21, using: &random)
        let patterns = randomSigns(9, 21, using: &random)
        let radius = 6
        func distance(_ a: [Double], _ b: [Double]) -> Int { zip(a, b).count { $0 != $1 } }
        var counters = [[Double]](repeating: [Double](repeating: 0, count: 21), count: 400)
        for pattern in 0..<9 {
            for location in 0..<400
            where distance(addresses.row(location), patterns.row(pattern)) <= radius {
                for i in 0..<21 { counters[location][i] += Double(patterns[pattern, i]) }
            }
        }
        let memory = try AssociativeMemory.sparseDistributed(
            addresses: addresses, storing: patterns, radius: radius)
        let queries = randomSigns(25, 21, using: &random)
        let found = try memory.retrieve(queries)
        for row in 0..<25 {
            var sums = [Double](repeating: 0, count: 21)
            for location in 0..<400
            where distance(addresses.row(location), queries.row(row)) <= radius {
                for i in 0..<21 { sums[i] += counters[location][i] }
            }
            #expect(found.row(row) == sums.map { $0 < 0 ? -1 : 1 })
        }
        #expect(
            memory.values.elements.contains { abs($0) >= 2 } && memory.count == 400)
    }
}
