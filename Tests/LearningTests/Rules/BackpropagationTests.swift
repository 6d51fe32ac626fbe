import Graphs
import Learning
import Networks
import Tensors
import Testing

@Suite("Backpropagation")
struct BackpropagationTests {
    let network = SmallNetwork()

    @Test("Gradients by path equal finite differences of the loss in Double")
    func differences() throws {
        var random = RandomSource(seed: 2)
        let parameters = network.parameters().values.mapValues { $0.converted(to: Double.self) }
        let batch = SmallNetwork.batch(&random).mapValues { $0.converted(to: Double.self) }
        let values = parameters.merging(batch) { $1 }
        let rule = Backpropagation()
        let results = try rule.gradientGraph(of: network.graph, loss: "loss").evaluate(values)
        #expect(Set(results.keys) == Set(parameters.keys.map { "gradient.\($0)" } + ["loss"]))
        for (path, value) in parameters {
            let gradient = results["gradient.\(path)"]!
            #expect(gradient.shape == value.shape)
            for index in [0, value.count / 2, value.count - 1] {
                func loss(_ shift: Double) throws -> Double {
                    var values = values
                    values[path]!.withUnsafeMutableBufferPointer { $0[index] += shift }
                    return try network.graph.evaluate(values)["loss"]!.item
                }
                let slope = try (loss(1e-6) - loss(-1e-6)) / 2e-6
                #expect(abs(slope - gradient.elements[index]) < 1e-6 * max(1, abs(slope)))
            }
        }
    }

    @Test("Only the parameters asked for get gradients; kept outputs stay")
    func selection() {
        let graph = Backpropagation().gradientGraph(
            of: network.graph, loss: "loss", learning: ["head.weight"], keeping: ["y"])
        #expect(Set(graph.outputs.map(\.name)) == ["loss", "y", "gradient.head.weight"])
    }

    @Test("A compiled step yields the reference's loss and gradients")
    func compiled() throws {
        var random = RandomSource(seed: 3)
        let batch = SmallNetwork.batch(&random)
        let parameters = network.parameters()
        let shapes = parameters.values.merging(batch) { $1 }.mapValues(\.shape)
        let compiled = try TrainingStep(
            Backpropagation(), of: network.graph, [TrainingObjective("loss")], shapes: shapes)
        let (a, b) = try (network.step()(parameters, batch), compiled(parameters, batch))
        #expect(abs(a.loss - b.loss) <= 1e-5 * abs(a.loss))
        #expect(Set(a.gradients.keys) == Set(b.gradients.keys))
        for (path, gradient) in a.gradients {
            let other = b.gradients[path]!.elements
            let largest = gradient.elements.reduce(0) { max($0, abs($1)) }
            for (a, b) in zip(gradient.elements, other) { #expect(abs(a - b) <= 1e-5 * largest) }
        }
    }
}

/// A rule in two phases: a state is inferred by descent first, then weights learn from it.
private struct InferThenLearn: LearningRule {
    let repetitions: Int

    func phases(of graph: Graph, loss: String, learning paths: [String]?) -> [Phase] {
        let infer = Graph.build { builder in
            let state = builder.input("state")
            let error = state - builder.input("x") * builder.parameter("w")
            builder.output(state - 0.25 * error, "next")
        }
        let learn = Graph.build { builder in
            let error = builder.input("state") - builder.parameter("w")
            builder.output((error * error).sum(), loss)
            builder.output(-2 * error, "gradient.w")
        }
        return [
            Phase(infer, repetitions: repetitions, carried: ["next": "state"]), Phase(learn),
        ]
    }
}

@Suite("Learning rules")
struct LearningRuleTests {
    @Test("State is carried through the repetitions of a phase and into the next phase")
    func phases() throws {
        let step = try TrainingStep(
            InferThenLearn(repetitions: 3), of: Graph.build { _ in }, [TrainingObjective("l")]
        ) { graph, _ in graph }
        let outcome = try step(
            Parameters([("w", Tensor(2))]), ["x": Tensor(4), "state": Tensor(0)])
        // The state moves a quarter of the way to x w = 8 three times: 8 (1 - 0.75^3) = 4.625.
        #expect(outcome.loss == (4.625 - 2) * (4.625 - 2))
        #expect(outcome.gradients == ["w": Tensor(-2 * (4.625 - 2))])
    }
}
