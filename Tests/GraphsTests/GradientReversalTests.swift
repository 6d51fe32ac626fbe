import Graphs
import Tensors
import TestSupport
import Testing

@Suite("Gradient reversal")
struct GradientReversalTests {
    private func gradient(
        _ lambda: Double, of body: (Value) -> Value
    ) throws -> (value: Tensor<Double>, gradient: Tensor<Double>) {
        let graph = Graph.build { builder in
            builder.output(body(builder.input("x")), "y")
        }
        let values = [
            "x": random([3, 5]), "lambda": Tensor(lambda), "cotangent.y": random([3, 5], seed: 2),
        ]
        let known = values.filter { graph.inputs[$0.key] != nil }
        let gradients = graph.gradientGraph(withRespectTo: ["x"])
        return (
            try graph.evaluate(known)["y"]!,
            try gradients.evaluate(values.filter { gradients.inputs[$0.key] != nil })["gradient.x"]!
        )
    }

    @Test("Values pass unchanged, gradients come back times -λ", arguments: [0, 0.3, 1, 2.5])
    func reversal(lambda: Double) throws {
        let plain = try gradient(lambda) { $0.tanh * $0 }
        let turned = try gradient(lambda) { x in
            (x.tanh * x).reversingGradient(times: x.builder.input("lambda"))
        }
        #expect(turned.value == plain.value)
        #expect(isClose(turned.gradient, plain.gradient.elements.map { -lambda * $0 }))
    }

    @Test("Only what stands before the reversal is turned around")
    func sides() throws {
        let graph = Graph.build { builder in
            let (w, v) = (builder.parameter("w"), builder.parameter("v"))
            let x = builder.input("x") * w
            let loss = (x.reversingGradient(times: builder.constant(2)) * v).sum()
            let gradients = builder.gradients(of: loss, withRespectTo: [w, v])
            builder.output(gradients[0]!, "w")
            builder.output(gradients[1]!, "v")
        }
        let results = try graph.evaluate([
            "x": Tensor<Double>(3), "w": Tensor(5), "v": Tensor(7),
        ])
        #expect(results["w"]!.item == -42 && results["v"]!.item == 15)
    }

    @Test("The factor must be a single number")
    func factor() {
        #expect(throws: ShapeError.self) { try GradientReversal().shape(of: [[2, 3], [2]]) }
    }
}
