// Z-IL is backpropagation, and what makes it so.
import Graphs
@testable import Learning
import Tensors
import TestSupport
import Testing

@Suite("Z-IL")
struct ZeroDivergenceTests {
    private func backpropagated(
        _ graph: Graph, _ values: [String: Tensor<Double>]
    ) throws -> [String: Tensor<Double>] {
        try Backpropagation().gradientGraph(of: graph, loss: "loss").evaluate(values).gradients()
    }

    @Test("The walk through all nodes and steps equals backpropagation on networks drawn at random")
    func randomNetworks() throws {
        var (identities, shared) = (0, 0)
        for seed in 1...200 {
            let network = RandomNetwork(seed: UInt64(seed))
            let expected = try backpropagated(network.graph, network.values)
            var walk = ZeroDivergenceWalk()
            let found = try walk.gradients(of: network.graph, from: "loss", network.values)
            #expect(Set(found.keys) == Set(expected.keys))
            #expect(relativeDistance(found, expected) < 1e-13, "seed \(seed)")
            walk.trigger = .arrival
            let arrived = try walk.gradients(of: network.graph, from: "loss", network.values)
            #expect(relativeDistance(arrived, expected) < 1e-13, "seed \(seed)")
            let scheduled = try PhaseSequence<Double>.gradients(
                ZeroDivergence(), of: network.graph, network.values)
            #expect(relativeDistance(scheduled, expected) < 1e-14, "seed \(seed)")
            identities += LevelledGraph(network.graph, loss: "loss").identityCount
            let used = network.graph.nodes.flatMap(\.inputs)
            shared += network.graph.parameters.values.count { node in
                used.count { $0 == node } > 1
            }
        }
        // What is drawn does need levels, and shares parameters.
        #expect(identities > 500 && shared > 50, "\(identities), \(shared)")
    }

    @Test(
        "The energy of a layer is half the square of its first error, and a loss after it adds none"
    )
    func energies() throws {
        let graph = Graph.build { builder in
            let hidden = builder.input("x").linear(weights: builder.parameter("a.weight")).tanh
            let said = hidden.linear(
                weights: builder.parameter("b.weight"), bias: builder.parameter("b.bias"))
            builder.output((0.5 * said * said).sum(), "loss")
            builder.output(said.sum(), "other")
        }
        let values: [String: Tensor<Double>] = [
            "x": Tensor([1, 2], shape: [1, 2]), "a.weight": Tensor([0.5, -0.1], shape: [1, 2]),
            "b.weight": Tensor([3, -2], shape: [2, 1]),
            "b.bias": Tensor([0, 0], shape: [2]),
        ]
        // said = b tanh(x a), whose error is itself; the first layer's is b' said (1 - tanh²).
        let hidden = Double.tanh(0.3)
        let second = 0.5 * (9 + 4) * hidden * hidden
        let error = 13 * hidden * (1 - hidden * hidden)
        let first = 0.5 * error * error
        let rule = ZeroDivergence()
        let once = rule.appendingGradients(
            to: graph, of: "loss", learning: ["a.weight", "b.weight"])
        let twice = rule.appendingGradients(to: once, of: "other", learning: ["b.bias"])
        for found in [once, twice] {
            let outputs = try found.evaluate(values)
            #expect(abs(outputs["energy.a"]!.item - first) < 1e-14)
            #expect(abs(outputs["energy.b"]!.item - second) < 1e-14)
            #expect(outputs.keys.count { $0.hasPrefix("energy.") } == 2)
        }
    }

    @Test("A derivative with a wrong sign is the same for both, and finite differences find it")
    func wrongDerivative() throws {
        let graph = Graph.build { builder in
            let hidden = builder.input("x").linear(weights: builder.parameter("w"))
            builder.output(hidden.applying(WrongTanh()).sum(), "loss")
        }
        var random = RandomSource(seed: 5)
        let values = [
            "x": Tensor<Double>.uniform([2, 3], using: &random),
            "w": Tensor<Double>.uniform([2, 3], using: &random),
        ]
        let expected = try backpropagated(graph, values)
        let found = try ZeroDivergenceWalk().gradients(of: graph, from: "loss", values)
        #expect(relativeDistance(found, expected) < 1e-14)
        #expect(try graph.gradientErrors(at: values, withRespectTo: ["w"])["w"]! > 1)
    }

    /// Three blocks with a skip each.
    private var residual: (graph: Graph, values: [String: Tensor<Double>]) {
        var random = RandomSource(seed: 9)
        var values = ["x": Tensor<Double>.uniform([4, 6], using: &random)]
        let graph = Graph.build { builder in
            var x = builder.input("x").linear(weights: builder.parameter("first"))
            values["first"] = .normal([6, 6], deviation: 0.5, using: &random)
            for block in 0..<3 {
                values["block\(block)"] = .normal([6, 6], deviation: 0.5, using: &random)
                x = x + x.linear(weights: builder.parameter("block\(block)")).tanh
            }
            builder.output((x * x).sum(), "loss")
        }
        return (graph, values)
    }

    @Test("Each condition is needed: levels, the forward start, γ = 1, the right moment")
    func conditions() throws {
        let (graph, values) = residual
        let expected = try backpropagated(graph, values)
        func distance(_ change: (inout ZeroDivergenceWalk) -> Void) throws -> Double {
            var walk = ZeroDivergenceWalk()
            change(&walk)
            return relativeDistance(
                try walk.gradients(of: graph, from: "loss", values), expected)
        }
        #expect(try distance { _ in } < 1e-14)
        #expect(try distance { $0.isLevelled = false } > 1)
        #expect(try distance { $0.noise = 0.05 } > 0.05)
        #expect(try distance { $0.rate = 0.5 } > 0.3)
        let nearly = try distance { $0.rate = 0.99999 }
        #expect(nearly > 1e-6 && nearly < 1e-3)
        #expect(try distance { $0.trigger = .step(1) } > 0.5)
    }

    @Test("A product that is changed on the way changes what is learned")
    func independence() throws {
        // Were the walk reverse differentiation in disguise, this could not reach it.
        let (graph, values) = residual
        var walk = ZeroDivergenceWalk()
        walk.distort = { operation, _ in operation is Tanh ? 1.01 : 1 }
        let found = try walk.gradients(of: graph, from: "loss", values)
        let distance = relativeDistance(found, try backpropagated(graph, values))
        #expect(distance > 1e-3 && distance < 0.1)
    }

    @Test(
        "Compiled, with identities, it yields backpropagation's gradients and costs as many steps")
    func compiled() throws {
        let network = SmallNetwork()
        var random = RandomSource(seed: 3)
        let batch = SmallNetwork.batch(&random)
        let parameters = network.parameters()
        let one = try network.step()(parameters, batch)
        let other = try network.compiled(ZeroDivergence(), batch)(parameters, batch)
        #expect(abs(one.loss - other.loss) < 1e-5 * one.loss)
        #expect(relativeDistance(other.doubles, one.doubles) < 1e-5)
    }
}

/// The hyperbolic tangent with a derivative that is wrong.
private struct WrongTanh: UnaryOperation {
    static let kind = "WrongTanh"
    func apply<Scalar: TensorScalar>(_ x: Scalar) -> Scalar { Scalar.tanh(x) }
    func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent * (node.output * node.output - 1)]
    }
}
