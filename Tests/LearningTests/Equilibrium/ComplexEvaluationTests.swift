import Graphs
import Tensors
import Testing

@testable import Learning

@Suite("Evaluation over complex numbers")
struct ComplexEvaluationTests {
    /// Functions of x `[2, 3]` to a single number.
    static let functions: [(name: String, function: @Sendable (Value) -> Value)] = [
        ("tanh", { $0.tanh.sum() }),
        ("sigmoid", { ($0.sigmoid * $0).sum() }),
        ("exponential of a quotient", { ($0.exp / ($0 * $0 + 2)).mean() }),
        ("product of matrices", { ($0.times($0, transposed: false, true)).tanh.sum() }),
        (
            "layer with a bias",
            { x in
                let weights = x.builder.constant(0.7) * x
                let bias = x.builder.apply(
                    Constant(Tensor([0.3, -0.2], shape: [2])), to: [])
                return x.linear(weights: weights, bias: bias).sigmoid.sum()
            }
        ),
        (
            "convolution, pooling and gradients of both",
            { x in
                let picture = x.reshaped([1, 1, 2, 3])
                let kernel = x.reshaped([1, 1, 3, 2]).tanh
                let bias = x.builder.apply(Constant(Tensor([0.4], shape: [1])), to: [])
                let energy = picture.convolved(
                    with: kernel, bias: bias, ConvolutionGeometry(padding: 2)
                ).tanh.averagePooled(PoolingGeometry(kernel: 2)).sum()
                let slope = x.builder.gradients(of: energy, withRespectTo: [x])[0]!
                return (slope * slope).sum()
            }
        ),
    ]

    @Test("A step along the imaginary axis yields the derivative", arguments: functions.indices)
    func derivative(index: Int) throws {
        let function = Self.functions[index].function
        let graph = Graph.build { builder in
            let x = builder.input("x")
            let y = function(x)
            builder.output(y, "y")
            builder.output(builder.gradients(of: y, withRespectTo: [x])[0]!, "slope")
        }
        var random = RandomSource(seed: 1)
        let x = Tensor<Double>.uniform([2, 3], using: &random)
        let direction = Tensor<Double>.uniform([2, 3], using: &random)
        let real = try graph.evaluate(["x": x])
        let step = 1e-20
        let complex = try graph.evaluate(
            complex: ["x": ComplexTensor(x, direction.map { step * $0 })])
        // f(x + ih) = f(x) + ih f'(x) up to h², without a difference that could lose digits.
        let found = complex["y"]!.imaginary!.item / step
        let slope = zip(real["slope"]!.elements, direction.elements).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(found - slope) < 1e-12 * max(1, abs(slope)))
        #expect(abs(slope) > 1e-3)
        #expect(abs(complex["y"]!.real.item - real["y"]!.item) < 1e-14)
    }

    @Test("The logistic function of z and of -z add up to 1, without overflow")
    func identities() {
        for angle in stride(from: -3.0, through: 3, by: 0.37) {
            for real in [-30.0, -0.5, 0.2, 700] {
                let z = Complex(real, angle)
                let one = z.sigmoid + Complex(-real, -angle).sigmoid
                #expect(abs(one.real - 1) < 1e-14 && abs(one.imaginary) < 1e-14)
            }
        }
    }

    @Test("What is not analytic is named")
    func notAnalytic() {
        let graph = Graph.build { $0.output($0.input("x").relu, "y") }
        #expect(throws: EquilibriumError.notAnalytic(operation: "LeakyReLU")) {
            try graph.evaluate(complex: ["x": ComplexTensor(Complex(1, 1))])
        }
        // Real numbers have nothing to continue to.
        #expect(throws: Never.self) {
            try graph.evaluate(complex: ["x": ComplexTensor(Complex(1))])
        }
    }
}
