import Tensors
import TestSupport
import Testing

@testable import Interaction

@Suite("Probing for the object", .serialized)
struct ObjectProbeTests {
    /// Verb 0 happens to one object mostly, verb 1 to four alike.
    private let pairs = randomPairs(1200) { _, random in
        let verb = random.index(below: 2)
        let object = verb == 0 ? (random.uniform() < 0.9 ? 7 : 8) : 10 + random.index(below: 4)
        return (object, [verb])
    }

    private func probe(
        _ feature: (Int, inout RandomSource) -> [Float]
    ) throws -> ObjectProbe {
        var random = RandomSource(seed: 8)
        let rows = (0..<pairs.count).map { feature($0, &random) }
        return try ObjectProbe(
            Tensor(rows.flatMap { $0 }, shape: [rows.count, rows[0].count]), of: pairs, steps: 400)
    }

    @Test("Features that say the object are found out")
    func told() throws {
        let objects = pairs.objects
        let result = try probe { index, _ in (0..<20).map { objects[index] == $0 ? 3 : 0 } }
        #expect(result.features > 0.99 && result.featuresGivenVerb > 0.99)
        #expect(result.trained == 600 && result.measured == 600)
    }

    @Test("Noise says no more than the most frequent object, and the verb as much as it does")
    func noise() throws {
        let result = try probe { _, random in (0..<4).map { _ in Float(random.normal()) } }
        // A classifier may also take noise for a clue.
        #expect(result.features < result.chance + 0.05)
        #expect(abs(result.chance - 0.45) < 0.05)
        // 0.9 of one half of all, a quarter of the other.
        #expect(abs(result.chanceGivenVerb - 0.575) < 0.06)
        #expect(result.featuresGivenVerb < result.chanceGivenVerb + 0.05)
    }

    @Test("Features that say the verb say its object, and nothing beyond the verb")
    func verb() throws {
        let verbs = pairs.verbs
        let result = try probe { index, random in
            [Float(verbs[index][0]), Float(random.normal())]
        }
        #expect(abs(result.features - result.chanceGivenVerb) < 0.05)
        #expect(abs(result.featuresGivenVerb - result.chanceGivenVerb) < 0.05)
    }

    @Test("Where nothing happens there is nothing to be told")
    func nothing() {
        let idle = randomPairs(10) { _, _ in (0, []) }
        #expect(throws: PredicateTrainingError.self) {
            try ObjectProbe(Tensor<Float>(shape: [10, 2]) { $0.update(repeating: 0) }, of: idle)
        }
    }
}
