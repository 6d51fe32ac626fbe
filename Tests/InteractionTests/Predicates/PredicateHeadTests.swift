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
    values["features"] = .normal([pairs, head.featureCount], using: &random)
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
        values["geometry.mean"] = Tensor(repeating: 3, shape: [count])
        values["geometry.deviation"] = Tensor(repeating: 2, shape: [count])
        func logits(_ feature: Float) throws -> [Float] {
            var features = [Float](repeating: 3, count: count)
            features[5] = feature
            values["features"] = Tensor(features, shape: [1, count])
            return try graph.evaluate(values)["logits"]!.elements
        }
        #expect(try logits(13) == logits(1e6) && logits(-7) == logits(-1e6))
        #expect(try logits(12) != logits(13) && logits(3) != logits(4))
    }

    private static let regions = RegionShape(
        channels: 6, cells: 2, parts: [.human, .union])

    @Test("The appearance branch has weights of its own, and hangs on all that it is told")
    func appearance() throws {
        let head = PredicateHead(verbCount: 3, widths: [32, 16], regions: Self.regions)
        #expect(head.featureCount == 36 + 2 * 4 * 6)
        #expect(head.declarations.allSatisfy { $0.path.hasPrefix("appearance.") })
        #expect(head.declarations.count { !$0.isLearned } == 4)
        var (graph, values) = headGraph(head, pairs: 1, seed: 3)
        #expect(Set(graph.parameters.keys) == Set(head.declarations.map(\.path)))
        let first = try graph.evaluate(values)["logits"]!
        let features = values["features"]!.elements
        // Geometry, the human's first cell, the last cell of the union.
        for column in [4, 36 + 1, 36 + 47] {
            var other = features
            other[column] += 1
            values["features"] = Tensor(other, shape: [1, head.featureCount])
            #expect(try graph.evaluate(values)["logits"]! != first, "\(column)")
        }
    }

    @Test("Channels are brought to deviations, each over all cells and parts")
    func channelStatistics() {
        let head = PredicateHead(verbCount: 2, regions: Self.regions)
        var pairs = LabelledPairs(verbNames: ["eat", "hold"], regions: Self.regions)
        for index in 0..<10 {
            // Channel c of cell k is 100 c + k + the pair's number.
            let numbers = (0..<48).map { Float(100 * ($0 % 6) + $0 / 6 + index) }
            pairs.append(
                .init(picture: index, pair: HumanObjectPair(human: 0, object: 1)), object: 0,
                verbs: [0], features: .init(repeating: 1, count: 36), appearance: numbers)
        }
        let found = Dictionary(uniqueKeysWithValues: head.statistics(of: pairs).map { ($0, $1) })
        let means = found["appearance.regions.mean"]!.elements
        #expect(means == [8, 108, 208, 308, 408, 508])
        // Variances of 0...7 and of 0...9 add up: 5.25 + 8.25.
        for deviation in found["appearance.regions.deviation"]!.elements {
            #expect(abs(deviation - Float(13.5).squareRoot()) < 1e-4)
        }
    }

    @Test("Compiled it says what the reference says", arguments: [false, true], [false, true])
    func compiled(readsObject: Bool, looks: Bool) throws {
        let head = PredicateHead(
            verbCount: 117, readsObject: readsObject, regions: looks ? Self.regions : nil)
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
