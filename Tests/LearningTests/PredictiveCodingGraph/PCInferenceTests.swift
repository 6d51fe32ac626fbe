import Networks
import Tensors
import Testing

@testable import Learning

@Suite struct PCInferenceTests {
    private func settle(
        _ graph: RandomCyclicGraph, _ options: PCInferenceOptions,
        asking query: PCQuery<Double>? = nil
    ) throws -> PCActivities<Double> {
        let query = query ?? graph.query()
        return try PCInference(
            reference: graph.energy, weights: graph.weights, rows: query.rows, options: options
        ).settle(query)
    }

    @Test(
        "Conditioning holds known values to the last bit, initialisation does not",
        arguments: [1, 2, 7, 50])
    func holding(steps: Int) throws {
        let graph = RandomCyclicGraph(seed: 1, deviation: 0.8)
        let known = columns(of: graph.activities, 0..<4)
        for momentum in [0, 0.9] {
            let options = PCInferenceOptions(steps: steps, momentum: momentum, tolerance: 0)
            #expect(try settle(graph, options)["a"] == known)
            var query = PCQuery<Double>(graph.energy.topology, rows: 3)
            query.initialise("a", with: known)
            let free = try settle(graph, options, asking: query)["a"]
            #expect(zip(free.elements, known.elements).allSatisfy { $0 != $1 })
        }
    }

    @Test("Single vertices can be held while the others of their group settle")
    func partialHolding() throws {
        let graph = RandomCyclicGraph(seed: 2)
        let known = columns(of: graph.activities, 0..<4)
        var query = PCQuery<Double>(graph.energy.topology, rows: 3)
        query.condition("a", on: known) { row, vertex in (row + vertex) % 2 == 0 }
        let settled = try settle(graph, PCInferenceOptions(steps: 20), asking: query)["a"].elements
        for row in 0..<3 {
            for vertex in 0..<4 {
                let index = row * 4 + vertex
                #expect((settled[index] == known.elements[index]) == ((row + vertex) % 2 == 0))
            }
        }
    }

    @Test("By the automatic rate no energy ever rises", arguments: 1...8)
    func descent(seed: Int) throws {
        // Weights so strong that curvature grows on the way: some steps have to be taken back.
        let graph = RandomCyclicGraph(
            seed: UInt64(seed), rows: 8, deviation: 0.3 * Double(seed), density: 0.9)
        let settled = try settle(graph, PCInferenceOptions(steps: 120, tolerance: 0))
        for (before, after) in zip(settled.energies, settled.energies.dropFirst()) {
            #expect(after <= before)
        }
        #expect(settled.energies.last! < 0.9 * settled.energies[0])
        // The energy that is reported is that of the activities that are returned.
        let found = try graph.total(at: settled.all) / 8
        #expect(abs(found - settled.energies.last!) < 1e-12 * max(1, found))
    }

    @Test("Rows whose steps are taken back get to the bottom all the same")
    func halving() throws {
        var halvings = 0
        for seed in 1...4 {
            let graph = RandomCyclicGraph(
                seed: UInt64(seed), rows: 8, deviation: 1, density: 0.9)
            let options = PCInferenceOptions(steps: 20000, tolerance: 1e-3)
            let settled = try settle(graph, options)
            halvings += settled.halvings
            let free = graph.query().free
            let slope = try graph.evaluate(at: settled.all, with: ["free": free])["slope"]!
            let largest = slope.elements.reduce(0) { max($0, abs($1)) }
            #expect(largest <= 1e-3 * Double(12).squareRoot())
        }
        #expect(halvings > 0)
    }

    @Test("The automatic rate is one over the largest curvature where the energy is a parabola")
    func rates() throws {
        // v ↔ w with weights 2 and 0.5: second derivative (I - Θ)(I - Θ)ᵀ.
        let energy = PCEnergy(.complete(["v": 1, "w": 1]), activation: .identity)
        var query = PCQuery<Double>(energy.topology, rows: 1)
        query.initialise("v", with: Tensor([1], shape: [1, 1]))
        query.initialise("w", with: Tensor([0.3], shape: [1, 1]))
        let weights = Tensor<Double>([0, 2, 0.5, 0], shape: [2, 2])
        let inference = try PCInference(reference: energy, weights: weights, rows: 1)
        // [[1 + 4, -0.5 - 2], [-2.5, 1 + 0.25]]: eigenvalues 0 and 6.25.
        #expect(abs(try inference.automaticRates(of: query)[0] - 1 / 6.25) < 1e-9)
    }

    @Test("Inference ends when all rows have settled, and then the slope is small")
    func tolerance() throws {
        let graph = RandomCyclicGraph(seed: 3, deviation: 0.2)
        let settled = try settle(graph, PCInferenceOptions(steps: 5000, tolerance: 1e-6))
        #expect(settled.steps < 5000 && settled.settledCount == 3)
        let free = graph.query().free
        let slope = try graph.evaluate(at: settled.all, with: ["free": free])["slope"]!
        #expect(slope.elements.allSatisfy { abs($0) <= 1e-6 * Double(12).squareRoot() })
        let loose = try settle(graph, PCInferenceOptions(steps: 5000, tolerance: 1e-2))
        #expect(loose.steps < settled.steps)
    }

    @Test("What a row settles to does not depend on the rest of its batch")
    func rowsApart() throws {
        let graph = RandomCyclicGraph(seed: 4, rows: 4, deviation: 1)
        let options = PCInferenceOptions(steps: 40)
        let together = try settle(graph, options)
        for row in 0..<4 {
            var query = PCQuery<Double>(graph.energy.topology, rows: 1)
            for group in graph.energy.topology.groups {
                let part = Tensor(
                    Array(
                        graph.activities.elements[row * 12..<(row + 1) * 12][
                            (row * 12 + group.range.lowerBound)..<(row * 12 + group.range.upperBound)
                        ]),
                    shape: [1, group.count])
                if group.name == "a" {
                    query.condition("a", on: part)
                } else {
                    query.initialise(group.name, with: part)
                }
            }
            let alone = try settle(graph, options, asking: query)
            let expected = Array(together.all.elements[row * 12..<(row + 1) * 12])
            #expect(distance(alone.all, expected) < 1e-12)
        }
    }

    @Test("A rate forced too large ends with the vertex group's name and a rate that works")
    func divergence() throws {
        // Only b → c: c is free, and its curvature is 1, so that rates above 2 diverge there.
        let energy = PCEnergy(
            PCTopology(["a": 2, "b": 2, "c": 2]) { i, j in (2..<4).contains(i) && j >= 4 },
            activation: .identity)
        var query = PCQuery<Double>(energy.topology, rows: 1)
        for name in ["a", "b"] { query.condition(name, on: Tensor([0.5, -0.5], shape: [1, 2])) }
        query.initialise("c", with: Tensor([3, 3], shape: [1, 2]))
        let weights = Tensor<Double>(repeating: 0.5, shape: [6, 6])
        func run(_ rate: Double) throws -> PCActivities<Double> {
            let options = PCInferenceOptions(steps: 500, rate: .fixed(rate), tolerance: 0)
            return try PCInference(reference: energy, weights: weights, rows: 1, options: options)
                .settle(query)
        }
        let error = #expect(throws: PCError.self) { try run(2.5) }
        guard case .diverged("c", let step, 2.5, let limit)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(step > 1 && abs(limit - 2) < 1e-6)
        #expect(error!.description.contains("'c'") && !error!.description.contains("\n"))
        #expect(try run(1.9).energies.last! < 1)
    }

    @Test("What is not finite is refused by name")
    func notFinite() throws {
        let graph = RandomCyclicGraph(seed: 5)
        var query = graph.query()
        query.condition("b", on: Tensor(repeating: .nan, shape: [3, 3]))
        #expect(throws: PCError.valuesNotFinite(group: "b")) {
            try settle(graph, PCInferenceOptions(), asking: query)
        }
        var weights = graph.weights
        let edge = graph.energy.topology.mask.elements.firstIndex(of: 1)!
        weights.withUnsafeMutableBufferPointer { $0[edge] = .nan }
        #expect(throws: PCError.weightsNotFinite) {
            try PCInference(reference: graph.energy, weights: weights, rows: 3)
                .settle(graph.query())
        }
    }

    @Test("Momentum gets farther down in the same number of steps")
    func momentum() throws {
        // Curvatures 4.2 and 0.02: a long valley.
        let energy = PCEnergy(.complete(["v": 1, "w": 1]), activation: .identity)
        let weights = Tensor<Double>([0, 1.4, 0.5, 0], shape: [2, 2])
        var query = PCQuery<Double>(energy.topology, rows: 1)
        query.initialise("v", with: Tensor([1], shape: [1, 1]))
        func energyAtTheEnd(momentum: Double) throws -> Double {
            try PCInference(
                reference: energy, weights: weights, rows: 1,
                options: PCInferenceOptions(steps: 100, momentum: momentum, tolerance: 0)
            ).settle(query).energies.last!
        }
        #expect(try energyAtTheEnd(momentum: 0.8) < 0.2 * energyAtTheEnd(momentum: 0))
    }

    @Test("Compiled inference comes to what the references come to")
    func compiled() throws {
        let graph = RandomCyclicGraph(seed: 7)
        let known = columns(of: graph.activities, 0..<4)
        var query = PCQuery<Float>(graph.energy.topology, rows: 3)
        query.condition("a", on: known.converted(to: Float.self))
        var exact = PCQuery<Double>(graph.energy.topology, rows: 3)
        exact.condition("a", on: known)
        for momentum in [0, 0.5] {
            let options = PCInferenceOptions(steps: 50, momentum: momentum, tolerance: 0)
            let fast = try PCInference(
                compiling: graph.energy, weights: graph.weights.converted(to: Float.self),
                rows: 3, options: options
            ).settle(query)
            let settled = try settle(graph, options, asking: exact)
            #expect(distance(fast.all.converted(to: Double.self), settled.all.elements) < 1e-4)
            #expect(abs(fast.energies.last! - settled.energies.last!) < 1e-5)
        }
    }
}
