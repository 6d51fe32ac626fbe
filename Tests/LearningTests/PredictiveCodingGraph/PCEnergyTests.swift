import Learning
import Tensors
import Testing

@Suite struct PCEnergyTests {
    @Test("The slope sums over edges that leave a vertex: 5 in the smallest example, not 1")
    func orientation() throws {
        // One edge 0 → 1 of weight 2 and x = (1, 0): errors 1 and -2, so 1 - 2 (-2) = 5.
        // Over edges that arrive, as printed, it would be 1 - 0 (-2) = 1.
        let energy = PCEnergy(
            PCTopology(["v": 2]) { i, j in (i, j) == (0, 1) }, activation: .identity)
        let outputs = try energy.stepGraph().evaluate([
            "activities": Tensor<Double>([1, 0], shape: [1, 2]),
            "free": Tensor([1, 1], shape: [1, 2]), "rate": Tensor([0], shape: [1, 1]),
            "weights": Tensor([0, 2, 0, 0], shape: [2, 2]),
        ])
        #expect(outputs["slope"]!.elements == [5, -2])
        #expect(outputs["energies"]!.elements == [0.5, 2])
    }

    @Test("Slopes follow the corrected formula", arguments: [1, 2, 3] as [UInt64])
    func formula(seed: UInt64) throws {
        let graph = RandomCyclicGraph(seed: seed, precision: ["b": 2.5, "c": 0.5])
        let outputs = try graph.evaluate()
        let learned = try graph.evaluate(graph.energy.learningGraph)
        let (n, rows, theta) = (graph.width, 3, graph.maskedWeights)
        let x = graph.activities.elements
        let precisions = (0..<n).map { $0 < 4 ? 1.0 : $0 < 7 ? 2.5 : 0.5 }
        let f = x.map { Double.tanh($0) }
        var errors = x
        for row in 0..<rows {
            for j in 0..<n {
                for i in 0..<n { errors[row * n + j] -= f[row * n + i] * theta[i * n + j] }
                errors[row * n + j] *= precisions[j]
            }
        }
        var slopes = errors
        var gradient = [Double](repeating: 0, count: n * n)
        for row in 0..<rows {
            for i in 0..<n {
                for j in 0..<n {
                    let (fi, error) = (f[row * n + i], errors[row * n + j])
                    slopes[row * n + i] -= (1 - fi * fi) * theta[i * n + j] * error
                    if graph.energy.topology.hasEdge(i, j) { gradient[i * n + j] -= fi * error }
                }
            }
        }
        #expect(distance(outputs["slope"]!, slopes) < 1e-13)
        #expect(distance(learned["gradient.weights"]!, gradient) < 1e-13)
    }

    @Test("Slopes equal finite differences of the energy", arguments: [4, 5, 6] as [UInt64])
    func finiteDifferences(seed: UInt64) throws {
        let graph = RandomCyclicGraph(seed: seed, rows: 2, precision: ["a": 3])
        let slopes = try graph.evaluate()["slope"]!.elements
        let gradient = try graph.evaluate(graph.energy.learningGraph)["gradient.weights"]!.elements
        let step = 1e-5
        for index in slopes.indices {
            func energy(_ change: Double) throws -> Double {
                var x = graph.activities.elements
                x[index] += change
                return try graph.total(at: Tensor(x, shape: graph.activities.shape))
            }
            let expected = try (energy(step) - energy(-step)) / (2 * step)
            #expect(abs(slopes[index] - expected) < 1e-8)
        }
        for index in gradient.indices {
            func energy(_ change: Double) throws -> Double {
                var weights = graph.weights.elements
                weights[index] += change
                let values = ["weights": Tensor(weights, shape: graph.weights.shape)]
                return try graph.evaluate(with: values)["energies"]!.elements.reduce(0, +)
            }
            let expected = try (energy(step) - energy(-step)) / (2 * step)
            #expect(abs(gradient[index] - expected) < 1e-8)
        }
    }

    @Test("Curvature equals finite differences of the slope, among free vertices only")
    func curvature() throws {
        let graph = RandomCyclicGraph(seed: 7)
        var random = RandomSource(seed: 8)
        let free = graph.activities.map { $0 > 0 ? 1 : 0 }
        let direction = Tensor<Double>.normal(free.shape, using: &random)
        let product = try graph.evaluate(
            graph.energy.curvatureGraph, with: ["free": free, "direction": direction])["product"]!
        func slope(_ step: Double) throws -> [Double] {
            let moves = zip(free.elements, direction.elements).map { step * $0 * $1 }
            let x = zip(graph.activities.elements, moves).map { $0 + $1 }
            return try graph.evaluate(at: Tensor(x, shape: free.shape), with: ["free": free])[
                "slope"]!
                .elements
        }
        let (above, below) = (try slope(1e-5), try slope(-1e-5))
        #expect(distance(product, zip(above, below).map { ($0 - $1) / 2e-5 }) < 1e-8)
        #expect(product.elements.contains { abs($0) > 0.1 })
    }

    @Test("Weights without an edge change neither energies nor slopes")
    func masks() throws {
        let graph = RandomCyclicGraph(seed: 9)
        let masked = Tensor(graph.maskedWeights, shape: graph.weights.shape)
        #expect(masked != graph.weights)
        let (whole, part) = (try graph.evaluate(), try graph.evaluate(with: ["weights": masked]))
        #expect(whole["energies"] == part["energies"] && whole["slope"] == part["slope"])
        let gradient = try graph.evaluate(graph.energy.learningGraph)["gradient.weights"]!
        for (slope, edge) in zip(gradient.elements, graph.energy.topology.mask.elements) {
            #expect((slope == 0) == (edge == 0))
        }
    }

    @Test("The order of vertices means nothing to energies, gradients and what settles")
    func permutation() throws {
        let graph = RandomCyclicGraph(seed: 10)
        var random = RandomSource(seed: 11)
        let n = graph.width
        // Groups change places, and vertices within them: `origin[new]` is the old position.
        let origin =
            Array(7..<12).shuffled(using: &random) + Array(0..<4).shuffled(using: &random)
            + Array(4..<7).shuffled(using: &random)
        let topology = PCTopology(["c": 5, "a": 4, "b": 3]) { i, j in
            graph.energy.topology.hasEdge(origin[i], origin[j])
        }
        let energy = PCEnergy(topology)
        let old = graph.weights.elements
        let weights = Tensor(
            origin.flatMap { i in origin.map { j in old[i * n + j] } }, shape: [n, n])
        func permuted(_ x: Tensor<Double>) -> [Double] {
            let elements = x.elements
            return (0..<x.shape[0]).flatMap { row in origin.map { elements[row * n + $0] } }
        }
        let x = Tensor(permuted(graph.activities), shape: graph.activities.shape)
        let before = try graph.evaluate()
        let after = try graph.evaluate(energy.stepGraph(), at: x, with: ["weights": weights])
        #expect(distance(after["energies"]!, permuted(before["energies"]!)) < 1e-13)
        #expect(distance(after["slope"]!, permuted(before["slope"]!)) < 1e-13)

        let gradient = try graph.evaluate(graph.energy.learningGraph)["gradient.weights"]!.elements
        let moved = try graph.evaluate(energy.learningGraph, at: x, with: ["weights": weights])
        let expected = origin.flatMap { i in origin.map { j in gradient[i * n + j] } }
        #expect(distance(moved["gradient.weights"]!, expected) < 1e-13)

        let options = PCInferenceOptions(steps: 60, tolerance: 0)
        var query = PCQuery<Double>(topology, rows: 3)
        query.condition("a", on: columns(of: x, 5..<9))
        query.initialise("b", with: columns(of: x, 9..<12))
        query.initialise("c", with: columns(of: x, 0..<5))
        let there = try PCInference(reference: energy, weights: weights, rows: 3, options: options)
            .settle(query)
        let here = try PCInference(
            reference: graph.energy, weights: graph.weights, rows: 3, options: options
        ).settle(graph.query())
        #expect(distance(there.all, permuted(here.all)) < 1e-9)
    }
}
