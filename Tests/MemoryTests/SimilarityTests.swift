import Tensors
import Testing

@testable import Memory

@Suite struct SimilarityTests {
    private func memory(
        _ keys: Tensor<Float>, _ similarity: Similarity, threads: Int = 1
    ) throws -> AssociativeMemory {
        try AssociativeMemory(
            keys, similarity: similarity, separation: .identity, projection: .sum, threads: threads)
    }

    @Test(
        "Each measure is what its definition says, for all entries and for known ones",
        arguments: Similarity.Measure.allCases)
    func definitions(measure: Similarity.Measure) throws {
        var random = RandomSource(seed: 1)
        for trial in 0..<6 {
            // Widths beside whole vectors, and large enough for products of matrices.
            let (count, width) = [(1, 1), (7, 5), (33, 16), (20, 47), (257, 64), (600, 130)][trial]
            let rows = [1, 3, 4, 5, 70, 64][trial]
            let keys = randomPatterns(count, width, using: &random)
            let queries = randomPatterns(rows, width, using: &random)
            let known = randomMask(rows, width, known: 0.4, using: &random)
            let similarity = Similarity(measure)
            for mask in [nil, known] {
                let found = try memory(keys, similarity, threads: trial % 2 + 1)
                    .similarities(to: queries, knowing: mask)
                for _ in 0..<40 {
                    let (row, key) = (random.index(below: rows), random.index(below: count))
                    let expected = similarity.score(
                        similarity.referenceMeasure(
                            queries.row(row), keys.row(key),
                            knowing: mask.map { $0.row(row).map { $0 != 0 } }))
                    #expect(
                        agree(Double(found[row, key]), expected, to: 3e-5),
                        "\(measure) \(count)x\(width): \(found[row, key]), not \(expected)")
                }
            }
        }
    }

    @Test("Distances are 0 between equal patterns and positive between others")
    func distances() throws {
        var random = RandomSource(seed: 2)
        for measure in Similarity.Measure.allCases where measure.isDistance {
            for _ in 0..<20 {
                let x = randomPatterns(2, 24, using: &random)
                let similarity = Similarity(measure)
                #expect(abs(similarity.referenceMeasure(x.row(0), x.row(0))) < 1e-12)
                #expect(similarity.referenceMeasure(x.row(0), x.row(1)) > 1e-4)
                let own = try memory(x, similarity).similarities(to: x)
                #expect(own[0, 0] > -1e-5 && own[0, 0] > own[0, 1] && own[1, 1] > own[1, 0])
            }
        }
    }

    @Test(
        "Reverse KL is KL with both exchanged; Jensen-Shannon does not care, and is log 2 at most")
    func divergences() {
        var random = RandomSource(seed: 3)
        for _ in 0..<50 {
            let x = randomPatterns(2, 30, using: &random)
            let (a, b) = (x.row(0), x.row(1))
            let forward = Similarity(.kullbackLeibler).referenceMeasure(a, b)
            #expect(
                agree(
                    forward, Similarity(.reverseKullbackLeibler).referenceMeasure(b, a), to: 1e-12))
            #expect(
                abs(forward - Similarity(.kullbackLeibler).referenceMeasure(b, a)) > 1e-6)
            let js = Similarity(.jensenShannon)
            #expect(agree(js.referenceMeasure(a, b), js.referenceMeasure(b, a), to: 1e-12))
            #expect(js.referenceMeasure(a, b) < 0.6932)
        }
        // Of patterns that share no entry it is log 2, but for the smoothing.
        let apart = Similarity(.jensenShannon).referenceMeasure([1, 1, 0, 0], [0, 0, 1, 1])
        #expect(apart > 0.68 && apart < 0.6932)
    }

    @Test("With the Jensen-Shannon divergence a memory finds what it stored, not the least alike")
    func findsByJensenShannon() throws {
        var random = RandomSource(seed: 4)
        let keys = randomPatterns(50, 40, using: &random)
        let memory = try AssociativeMemory(
            keys, similarity: .published(.jensenShannon), separation: .maximum)
        #expect(try memory.retrieve(keys) == keys)
    }

    @Test("Cosine does not change with a pattern's length, each key by its own")
    func cosine() throws {
        var random = RandomSource(seed: 5)
        let keys = randomPatterns(9, 20, using: &random)
        let queries = randomPatterns(4, 20, using: &random)
        let scales = (0..<9).map { _ in random.uniform(in: 0.1..<10) }
        let plain = try memory(keys, .cosine).similarities(to: queries)
        let scaled = try memory(keys.rowsDivided(by: scales), .cosine)
            .similarities(to: queries.map { 3 * $0 })
        for (a, b) in zip(plain.elements, scaled.elements) { #expect(abs(a - b) < 1e-5) }
        #expect(plain.elements.allSatisfy { $0 > 0 && $0 <= 1.00001 })
    }

    @Test("Published similarities have the sum 1 over the keys, and order keys as distances do")
    func published() throws {
        var random = RandomSource(seed: 6)
        let keys = randomPatterns(30, 25, using: &random)
        let queries = randomPatterns(5, 25, using: &random)
        for measure in Similarity.Measure.allCases where measure != .hamming {
            let found = try memory(keys, .published(measure)).similarities(to: queries)
            for row in 0..<5 {
                let scores = found.row(row)
                #expect(abs(scores.reduce(0, +) - 1) < 1e-5)
                let plain = Similarity(measure, scalesPatterns: measure == .dotProduct)
                let exact = (0..<30).map {
                    plain.score(plain.referenceMeasure(queries.row(row), keys.row($0)))
                }
                #expect(largestPositions(of: scores, 1) == largestPositions(of: exact, 1))
            }
        }
    }
}
