// Known values of element-wise functions, and their behaviour far from 0.
import Graphs
import Tensors
import TestSupport
import Testing

private let points = Tensor<Double>([-3, -1, -0.5, 0, 0.5, 1, 3], shape: [7])

@Suite("Element-wise functions")
struct ActivationTests {
    @Test("GELU has the values of ONNX Runtime")
    func gelu() throws {
        let expected = [-0.00405, -0.158655, -0.154269, 0, 0.345731, 0.841345, 2.99595]
        #expect(isClose(try apply(GELU(), points), expected, 1e-6))
    }

    @Test("Sigmoid, SiLU and softplus follow their definitions")
    func definitions() throws {
        let sigmoids = points.elements.map { 1 / (1 + Double.exp(-$0)) }
        #expect(isClose(try apply(Sigmoid(), points), sigmoids))
        #expect(
            isClose(try apply(SiLU(), points), zip(points.elements, sigmoids).map { $0 * $1 }))
        #expect(
            isClose(
                try apply(Softplus(), points),
                points.elements.map { Double.log(1 + Double.exp($0)) })
        )
    }

    @Test("No function overflows far from 0, forward or backward")
    func extremes() throws {
        let far = Tensor<Float>([-1e4, -200, 200, 1e4], shape: [4])
        let functions: [(Value) -> Value] = [
            \.sigmoid, \.tanh, \.softplus, \.silu, \.gelu, \.relu, \.erf,
        ]
        for function in functions {
            let graph = Graph.build { $0.output(function($0.input("x")), "y") }
            let results = try graph.evaluate(["x": far])["y"]!
            let gradients = try graph.gradientGraph(withRespectTo: ["x"])
                .evaluate(["x": far, "cotangent.y": far.map { _ in 1 }])["gradient.x"]!
            #expect((results.elements + gradients.elements).allSatisfy { $0.isFinite })
        }
        #expect(Softplus().forward([far]).elements == [0, 0, 200, 1e4])
        #expect(Sigmoid().forward([far]).elements == [0, 0, 1, 1])
    }

    @Test("ReLU, leaky ReLU, absolute value, sign and clamp follow their definitions")
    func piecewise() throws {
        let x = points.elements
        #expect(try apply(LeakyReLU(), points).elements == x.map { $0 > 0 ? $0 : 0 })
        #expect(
            try apply(LeakyReLU(slope: 0.1), points).elements == x.map { $0 > 0 ? $0 : 0.1 * $0 })
        #expect(try apply(AbsoluteValue(), points).elements == x.map(abs))
        #expect(try apply(Sign(), points).elements == [-1, -1, -1, 0, 1, 1, 1])
        #expect(try apply(Clamp(-1...0.5), points).elements == [-1, -1, -0.5, 0, 0.5, 0.5, 0.5])
    }

    @Test("A clamp lets the cotangent through on its bounds, and nowhere outside")
    func clampBounds() throws {
        let ones = points.map { _ in 1 }
        #expect(
            try apply(ClampBackward(-1...0.5), ones, points).elements == [0, 1, 1, 1, 1, 0, 0])
    }

    @Test("Exponential and logarithm, square and root undo each other")
    func inverses() throws {
        #expect(isClose(try apply(Logarithm(), apply(Exponential(), points)), points.elements))
        let squares = try apply(Power(2), points)
        #expect(isClose(try apply(SquareRoot(), squares), points.elements.map(abs)))
    }

    @Test("The gradient of a power is finite at 0 where the exponent is 0, 1 or 2")
    func powers() throws {
        let graph = Graph.build { builder in
            let x = builder.input("x")
            builder.output(x.power(0) + x.power(1) + x.power(2), "y")
        }
        let zero = Tensor<Double>([0], shape: [1])
        let gradient = try graph.gradientGraph(withRespectTo: ["x"])
            .evaluate(["x": zero, "cotangent.y": zero.map { _ in 1 }])["gradient.x"]
        #expect(gradient?.elements == [1])
    }

    @Test("The larger of two equal values shares its cotangent evenly")
    func ties() throws {
        let graph = Graph.build { $0.output($0.input("a").larger($0.input("b")), "y") }
        let values = ["a": Tensor<Double>(2), "b": Tensor(2), "cotangent.y": Tensor(3)]
        let gradients = try graph.gradientGraph(withRespectTo: ["a", "b"]).evaluate(values)
        #expect(gradients["gradient.a"]?.item == 1.5)
        #expect(gradients["gradient.b"]?.item == 1.5)
    }
}
