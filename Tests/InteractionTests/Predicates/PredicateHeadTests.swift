import Compute
import Graphs
import Networks
import Tensors
import TestSupport
import Testing

@testable import Interaction

/// The graph of a head, and values for all of it.
func headGraph(
    _ head: PredicateHead, pairs: Int, seed: UInt64 = 1
) -> (graph: Graph, values: [String: Tensor<Float>]) {
    let graph = Graph.build { builder in
        let objects = head.readsObject ? builder.input("objects") : nil
        builder.output(head(builder.input("features"), objects: objects), "logits")
    }
    var random = RandomSource(seed: seed)
    var values = Parameters(initialising: head, using: &random).values
    values["features"] = .normal([pairs, SpatialFeatures.count], using: &random)
    if head.readsObject {
        values["objects"] = Tensor(shape: [pairs, COCO.categories.count]) { target in
            for index in target.indices {
                target[index] = index % COCO.categories.count == index % 7 ? 1 : 0
            }
        }
    }
    return (graph, values)
}

@Suite("Predicate head")
struct PredicateHeadTests {
    private let head = PredicateHead(verbCount: 7, widths: [32, 16])

    @Test("It declares what it uses, statistics of its features not to be learned")
    func declarations() throws {
        #expect(
            head.declarations.map(\.path) == [
                "geometry.mean", "geometry.deviation", "geometry.encoder.0.weight",
                "geometry.encoder.0.bias", "geometry.encoder.1.weight",
                "geometry.encoder.1.bias", "geometry.verbs.weight", "geometry.verbs.bias",
            ])
        #expect(head.declarations.count { !$0.isLearned } == 2)
        let (graph, values) = headGraph(head, pairs: 3)
        #expect(Set(graph.parameters.keys) == Set(head.declarations.map(\.path)))
        #expect(try graph.evaluate(values)["logits"]!.shape == [3, 7])
    }

    @Test("The kind of object enters only where it is asked for")
    func objects() throws {
        #expect(Set(headGraph(head, pairs: 1).graph.inputs.keys) == ["features"])
        let told = PredicateHead(verbCount: 7, widths: [32, 16], readsObject: true)
        var (graph, values) = headGraph(told, pairs: 2)
        let first = try graph.evaluate(values)["logits"]!
        var objects = [Float](repeating: 0, count: 2 * COCO.categories.count)
        (objects[17], objects[80 + 3]) = (1, 1)
        values["objects"] = Tensor(objects, shape: [2, COCO.categories.count])
        #expect(try graph.evaluate(values)["logits"]! != first)
    }

    @Test("Features count in deviations from their mean, and no more than five of them")
    func standard() throws {
        var (graph, values) = headGraph(head, pairs: 1)
        let count = SpatialFeatures.count
        values[PredicateHead.meanPath] = Tensor(repeating: 3, shape: [count])
        values[PredicateHead.deviationPath] = Tensor(repeating: 2, shape: [count])
        func logits(_ feature: Float) throws -> [Float] {
            var features = [Float](repeating: 3, count: count)
            features[5] = feature
            values["features"] = Tensor(features, shape: [1, count])
            return try graph.evaluate(values)["logits"]!.elements
        }
        #expect(try logits(13) == logits(1e6) && logits(-7) == logits(-1e6))
        #expect(try logits(12) != logits(13) && logits(3) != logits(4))
    }

    @Test("Compiled it says what the reference says", arguments: [false, true])
    func compiled(readsObject: Bool) throws {
        let head = PredicateHead(verbCount: 117, readsObject: readsObject)
        let (graph, values) = headGraph(head, pairs: 33)
        let plan = try Plan(graph, shapes: values.mapValues(\.shape))
        plan.setParameters(values)
        let found = try plan.run(values.filter { graph.inputs[$0.key] != nil })["logits"]!
        let expected = try graph.evaluate(
            values.mapValues { $0.converted(to: Double.self) })["logits"]!
        #expect(relativeError(found, expected) <= 1e-5)
        #expect(!plan.listing.contains { $0.hasSuffix("reference") })
    }
}
