import Graphs
import Networks
import Tensors
import Testing

@Suite("Linear layer")
struct LinearLayerTests {
    @Test("It computes x W' + b, activated")
    func computes() throws {
        var random = RandomSource(seed: 1)
        let layer = LinearLayer("head" / "fc", 5, 3, activation: .tanh)
        #expect(layer.declarations.map(\.path) == ["head.fc.weight", "head.fc.bias"])
        let parameters = Parameters(initialising: layer, using: &random)
        let x = Tensor<Double>.normal([2, 4, 5], using: &random)
        let y = try output(of: layer, parameters, x) { layer($0) }
        #expect(y.shape == [2, 4, 3])
        for (n, m, o) in [(0, 0, 0), (1, 3, 2), (0, 2, 1)] {
            let sum = (0..<5).reduce(Double(parameters[1][o])) {
                $0 + x[n, m, $1] * Double(parameters[0][o, $1])
            }
            #expect(abs(y[n, m, o] - Double.tanh(sum)) < 1e-12)
        }
    }
}

@Suite("Activations")
struct ActivationTests {
    @Test("Each activation is its function")
    func functions() throws {
        let x = Tensor<Double>([-2, -0.5, 0.25, 3], shape: [4])
        let cases: [(Activation, (Double) -> Double)] = [
            (.identity, { $0 }), (.relu, { max($0, 0) }),
            (.leakyReLU(0.2), { $0 > 0 ? $0 : 0.2 * $0 }),
            (.silu, { $0 / (1 + Double.exp(-$0)) }),
            (.gelu, { $0 * (1 + Double.erf($0 / 2.0.squareRoot())) / 2 }),
            (.sigmoid, { 1 / (1 + Double.exp(-$0)) }), (.tanh, { Double.tanh($0) }),
            (.softplus, { Double.log1p(Double.exp($0)) }),
        ]
        for (activation, function) in cases {
            let graph = Graph.build { $0.output(activation($0.input("x")), "y") }
            let y = try graph.evaluate(["x": x])["y"]!
            #expect(difference(y, x.map(function)) < 1e-12, "\(activation)")
        }
    }
}
