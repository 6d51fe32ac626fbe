// Plans for several sizes.
import Compute
import Graphs
import TestSupport
import Tensors
import Testing

@Suite("The cache of plans")
struct PlanCacheTests {
    private func cache(limit: Int) -> PlanCache {
        let graph = Graph.build { builder in
            builder.output(2 * builder.input("x") + builder.parameter("offset"), "y")
        }
        return PlanCache(graph, parameters: ["offset": Tensor([1], shape: [1])], limit: limit)
    }

    @Test("Equal shapes get the same plan, other shapes another that fits them")
    func reuse() throws {
        let cache = cache(limit: 2)
        let small = try cache.plan(for: ["x": [2]])
        let large = try cache.plan(for: ["x": [3]])
        #expect(try cache.plan(for: ["x": [2]]) === small)
        #expect(small !== large)
        let y = try large.run(["x": Tensor([0, 1, 2], shape: [3])])["y"]
        #expect(y == Tensor([1, 3, 5], shape: [3]))
    }

    @Test("The least recently used plan is given up first")
    func eviction() throws {
        let cache = cache(limit: 2)
        let first = try cache.plan(for: ["x": [1]])
        let second = try cache.plan(for: ["x": [2]])
        _ = try cache.plan(for: ["x": [1]])
        _ = try cache.plan(for: ["x": [3]])
        #expect(cache.count == 2)
        #expect(try cache.plan(for: ["x": [1]]) === first)
        #expect(try cache.plan(for: ["x": [2]]) !== second)
    }

    @Test("New parameters reach plans that exist and plans to come")
    func parameters() throws {
        let cache = cache(limit: 2)
        let existing = try cache.plan(for: ["x": [1]])
        cache.setParameters(["offset": Tensor([10], shape: [1])])
        #expect(try existing.run(["x": Tensor([1], shape: [1])])["y"]?.elements == [12])
        let later = try cache.plan(for: ["x": [2]])
        #expect(try later.run(["x": Tensor([1, 2], shape: [2])])["y"]?.elements == [12, 14])
    }
}
