import Tensors
import Testing

@testable import Memory

@Suite struct RetrievalTests {
    private static let separations: [Separation] = [
        .identity, .polynomial(3), .squareRoot, .softmax(3), .maximum, .top(4), .threshold(0.03),
    ]

    @Test("Retrieval is P · separation(similarity(M, q)), for every measure and separation")
    func formula() throws {
        var random = RandomSource(seed: 1)
        for measure in Similarity.Measure.allCases {
            for separation in Self.separations {
                let keys = randomPatterns(30, 11, using: &random)
                let values = Tensor<Float>.normal([30, 4], using: &random)
                let queries = randomPatterns(3, 11, using: &random)
                let similarity = Similarity(measure, .reciprocal, scalesScores: true)
                let memory = try AssociativeMemory(
                    keys, values: values, similarity: similarity, separation: separation)
                let found = try memory.retrieve(queries)
                for row in 0..<3 {
                    var weights = (0..<30).map {
                        similarity.score(
                            similarity.referenceMeasure(queries.row(row), keys.row($0)))
                    }
                    let sum = weights.reduce(0, +)
                    weights = weights.map { $0 / sum }
                    separation.apply(to: &weights)
                    let total = weights.reduce(0, +)
                    for column in 0..<4 {
                        let exact = (0..<30).reduce(0) {
                            $0 + (total == 0 ? 0 : weights[$1] / total)
                                * Double(values[$1, column])
                        }
                        #expect(
                            agree(Double(found[row, column]), exact, to: 2e-3),
                            "\(measure), \(separation)")
                    }
                }
            }
        }
    }

    @Test("The nearest are in order, with their distances, however many queries come at once")
    func nearest() throws {
        var random = RandomSource(seed: 2)
        for measure in Similarity.Measure.allCases {
            let keys = randomPatterns(400, 90, using: &random)
            let queries = randomPatterns(130, 90, using: &random)
            let memory = try AssociativeMemory(
                keys, similarity: Similarity(measure), threads: 2)
            let found = try memory.nearest(to: queries, count: 5)
            for row in stride(from: 0, to: 130, by: 13) {
                let exact = (0..<400).map {
                    memory.similarity.referenceMeasure(queries.row(row), keys.row($0))
                }
                let best = exact.sorted(by: measure.isDistance ? (<) : (>)).prefix(5)
                for (match, expected) in zip(found[row], best) {
                    #expect(agree(match.measure, expected, to: 1e-4), "\(measure)")
                    #expect(agree(exact[match.position], expected, to: 1e-4), "\(measure)")
                }
                #expect(Set(found[row].map(\.position)).count == 5)
            }
            #expect(try memory.nearest(to: queries, count: 1000)[0].count == 400)
        }
    }

    @Test("Where what is known is said, every picture is found, however much is missing")
    func masks() throws {
        var random = RandomSource(seed: 3)
        let keys = randomPatterns(300, 64, using: &random)
        for kept in [0.1, 0.3, 0.7] {
            let known = randomMask(300, 64, known: kept, using: &random)
            // What is unknown reads anything at all.
            let asked = Tensor<Float>(shape: [300, 64]) { to in
                for index in to.indices {
                    let value = keys.elements[index]
                    to[index] =
                        known.elements[index] == 1 ? value : Float(random.uniform(in: 0..<9))
                }
            }
            for similarity in [Similarity.manhattan, .euclidean] {
                let memory = try AssociativeMemory(keys, similarity: similarity)
                let found = try memory.retrieve(asked, knowing: known)
                let right = (0..<300).count { found.row($0) == keys.row($0) }
                // One known entry of 64 leaves doubts; with ten per cent some rows have few.
                #expect(right >= (kept < 0.2 ? 290 : 300), "\(right) with \(kept)")
                if kept < 0.2 { #expect(try memory.retrieve(asked) != keys) }
            }
        }
    }

    @Test("What is unknown does not matter: any value there gives the same answer, weights too")
    func unknownIsIgnored() throws {
        var random = RandomSource(seed: 4)
        let keys = randomPatterns(40, 20, using: &random)
        let queries = randomPatterns(6, 20, using: &random)
        let known = randomMask(1, 20, known: 0.5, using: &random)
        let other = Tensor<Float>(shape: [6, 20]) { to in
            for index in to.indices {
                to[index] =
                    known.elements[index % 20] == 1
                    ? queries.elements[index] : Float(random.uniform())
            }
        }
        for measure in Similarity.Measure.allCases {
            let memory = try AssociativeMemory(
                keys, similarity: Similarity(measure), separation: .softmax(2))
            #expect(
                try memory.weights(for: queries, knowing: known)
                    == memory.weights(for: other, knowing: known))
        }
    }

    @Test("Weights have the sum 1 where the projection is a mean")
    func weights() throws {
        var random = RandomSource(seed: 5)
        let memory = try AssociativeMemory(
            randomPatterns(25, 8, using: &random), similarity: .published(.manhattan),
            separation: .polynomial(10))
        let weights = try memory.weights(for: randomPatterns(7, 8, using: &random))
        for row in 0..<7 { #expect(abs(weights.row(row).reduce(0, +) - 1) < 1e-5) }
    }
}
