import Tensors
import Testing

@testable import Memory

@Suite struct RetrievalEnergyTests {
    private static let separations: [Separation] = [
        .identity, .polynomial(3), .softmax(0.5), .softmax(20), .maximum, .top(3),
        .threshold(-4), .threshold(0.5),
    ]

    @Test(
        "Iterated retrieval never raises the general energy, for every measure that has one",
        arguments: Similarity.Measure.allCases)
    func law(measure: Similarity.Measure) throws {
        var random = RandomSource(seed: 1)
        var (trials, falls) = (0, 0)
        for separation in Self.separations {
            for trial in 0..<4 {
                let isBipolar = measure == .hamming
                let keys =
                    isBipolar
                    ? randomSigns(20, 15, using: &random) : randomPatterns(20, 15, using: &random)
                let queries =
                    isBipolar
                    ? randomSigns(6, 15, using: &random) : randomPatterns(6, 15, using: &random)
                let memory = try AssociativeMemory(
                    // Polynomials of large products grow without end: only directions settle.
                    measure == .dotProduct ? keys.map { $0 / 10 } : keys,
                    similarity: Similarity(measure), separation: separation,
                    projection: measure == .dotProduct && trial % 2 == 0 ? .sum : .mean)
                guard memory.hasEnergy else { continue }
                let settled = try memory.settle(queries, steps: 8)
                trials += 1
                for (before, after) in zip(settled.energies, settled.energies.dropFirst()) {
                    for (a, b) in zip(before, after) {
                        #expect(b <= a + 2e-5 * max(1, abs(a)), "\(measure), \(separation)")
                        if b < a - 1e-4 { falls += 1 }
                    }
                }
            }
        }
        #expect(trials >= 8 && falls >= 20, "\(trials) trials, \(falls) falls")
    }

    @Test("Hopfield networks and dense memories settle without the energy rising")
    func bipolar() throws {
        var random = RandomSource(seed: 2)
        for degree in [2, 4] {
            let patterns = randomSigns(10, 60, using: &random)
            let memory = try AssociativeMemory.dense(patterns, degree: degree)
            #expect(memory.hasEnergy)
            let settled = try memory.settle(randomSigns(20, 60, using: &random))
            for (before, after) in zip(settled.energies, settled.energies.dropFirst()) {
                for (a, b) in zip(before, after) { #expect(b <= a + 1e-5 * abs(a)) }
            }
            #expect(settled.states.elements.allSatisfy { abs($0) == 1 })
        }
    }

    @Test("The modern Hopfield network's energy is the published one")
    func modern() throws {
        var random = RandomSource(seed: 3)
        let keys = Tensor<Float>.normal([12, 9], using: &random)
        let queries = Tensor<Float>.normal([5, 9], using: &random)
        let beta = 1.7
        let energies = try AssociativeMemory.modernHopfield(keys, beta: beta).energies(of: queries)
        for row in 0..<5 {
            let q = queries.row(row)
            let products = (0..<12).map { key in
                zip(keys.row(key), q).reduce(0) { $0 + $1.0 * $1.1 }
            }
            let exact =
                -Double.log(products.reduce(0) { $0 + Double.exp(beta * $1) }) / beta
                + q.reduce(0) { $0 + $1 * $1 } / 2
            #expect(agree(energies[row], exact, to: 1e-5))
        }
    }

    @Test("A damaged pattern settles at the stored one")
    func settles() throws {
        var random = RandomSource(seed: 4)
        let keys = randomPatterns(15, 40, using: &random)
        let noisy = Tensor<Float>(shape: keys.shape) { to in
            for index in to.indices {
                to[index] = max(keys.elements[index] + Float(0.15 * random.normal()), 0)
            }
        }
        for similarity in [Similarity.euclidean, .manhattan] {
            let memory = try AssociativeMemory(
                keys, similarity: similarity, separation: .softmax(30))
            let settled = try memory.settle(noisy).states
            for (a, b) in zip(settled.elements, keys.elements) { #expect(abs(a - b) < 1e-3) }
        }
    }

    @Test("What has no energy says so")
    func without() throws {
        let keys = Tensor<Float>(repeating: 1, shape: [2, 3])
        func has(_ similarity: Similarity, _ separation: Separation) throws -> Bool {
            try AssociativeMemory(keys, similarity: similarity, separation: separation).hasEnergy
        }
        #expect(try !has(.published(.manhattan), .maximum))
        #expect(try !has(.manhattan, .identity))
        #expect(try !has(.dotProduct, .logarithm))
        #expect(try !has(.dotProduct, .polynomial(2)))
        #expect(try !has(.dotProduct, .identity), "a mean is no gradient")
        #expect(try has(.manhattan, .softmax(1)))
        let hetero = try AssociativeMemory(keys, values: keys, separation: .softmax(1))
        #expect(!hetero.hasEnergy)
    }
}
