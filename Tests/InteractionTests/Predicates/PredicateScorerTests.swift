import Tensors
import TestSupport
import Testing

@testable import Interaction

/// Pairs without photographs, whose numbers are drawn at random.
func randomPairs(
    _ count: Int, verbs: [String] = ["eat", "hold"], seed: UInt64 = 1,
    labels: (Int, inout RandomSource) -> (object: Int, verbs: [Int]) = { index, random in
        (index % 5, index % 3 == 0 ? [index % 2] : [])
    }
) -> LabelledPairs {
    var random = RandomSource(seed: seed)
    var pairs = LabelledPairs(verbNames: verbs)
    for index in 0..<count {
        let label = labels(index, &random)
        pairs.append(
            .init(picture: index, pair: HumanObjectPair(human: 0, object: 1)),
            object: label.object, verbs: label.verbs,
            features: (0..<SpatialFeatures.count).map { _ in random.normal() })
    }
    return pairs
}

@Suite("Scoring pairs")
struct PredicateScorerTests {
    @Test("Pairs of several batches get what the reference gives them", arguments: [false, true])
    func batches(readsObject: Bool) throws {
        let model = randomModel(["eat", "hold", "ride"], readsObject: readsObject)
        let pairs = randomPairs(1100, verbs: model.verbNames)
        let found = try PredicateScorer(model).probabilities(of: pairs)
        #expect(found.shape == [1100, 3])
        var (graph, values) = headGraph(model.head, pairs: 1100)
        values.merge(model.parameters.values) { $1 }
        values["features"] = Tensor(pairs.features, shape: [1100, SpatialFeatures.count])
        if readsObject {
            values["objects"] = Tensor(shape: [1100, COCO.categories.count]) { target in
                target.update(repeating: 0)
                for (row, object) in pairs.objects.enumerated() { target[row * 80 + object] = 1 }
            }
        }
        let logits = try graph.evaluate(values)["logits"]!
        let expected = logits.map { 1 / (1 + Float.exp(-$0)) }
        #expect(relativeError(found, expected.converted(to: Double.self)) <= 1e-5)
    }

    @Test("Encodings are as wide as the head says, and none is negative")
    func encodings() throws {
        let model = randomModel(["eat", "hold"])
        let encodings = try PredicateScorer(model).encodings(of: randomPairs(7))
        #expect(encodings.shape == [7, 16] && encodings.elements.allSatisfy { $0 >= 0 })
        #expect(encodings.elements.contains { $0 > 0 })
    }

    @Test("No pairs, no probabilities")
    func none() throws {
        let model = randomModel(["eat", "hold"])
        #expect(
            try PredicateScorer(model).probabilities(of: randomPairs(0)).shape == [0, 2])
    }
}
