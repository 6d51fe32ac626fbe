import Tensors
import Testing

@testable import Memory

@Suite struct WeightedCentresTests {
    @Test(
        "A centre is more alike to the weighted keys than other states are",
        arguments: Similarity.Measure.allCases.filter { $0 != .dotProduct && $0 != .jensenShannon })
    func best(measure: Similarity.Measure) throws {
        var random = RandomSource(seed: 1)
        let similarity = Similarity(measure)
        for _ in 0..<10 {
            let keys =
                measure == .hamming
                ? randomSigns(6, 9, using: &random) : randomPatterns(6, 9, using: &random)
            let memory = try AssociativeMemory(
                keys, similarity: similarity, separation: .softmax(1))
            let weights = Tensor<Float>.uniform([1, 6], in: 0..<1, using: &random)
            func likeness(_ state: [Double]) -> Double {
                (0..<6).reduce(0) {
                    $0 + Double(weights[0, $1])
                        * similarity.score(similarity.referenceMeasure(state, keys.row($1)))
                }
            }
            let centre = try memory.centres(of: weights, from: keys.gathered(rows: [0]))
            let reached = likeness(centre.row(0))
            for key in 0..<6 { #expect(likeness(keys.row(key)) <= reached + 1e-5) }
            for _ in 0..<50 {
                let other = centre.row(0).map { entry in
                    measure == .hamming
                        ? (random.uniform() < 0.2 ? -entry : entry)
                        : max(entry + 0.05 * random.normal(), 0)
                }
                #expect(likeness(other) <= reached + 1e-5, "\(measure)")
            }
        }
    }

    @Test("Where no key has a weight, the state stays")
    func stays() throws {
        var random = RandomSource(seed: 2)
        let keys = randomPatterns(3, 5, using: &random)
        let state = randomPatterns(1, 5, using: &random)
        let memory = try AssociativeMemory(
            keys, similarity: .manhattan, separation: .threshold(0.5))
        let centre = try memory.centres(of: Tensor(shape: [1, 3]), from: state)
        #expect(centre == state)
    }
}
