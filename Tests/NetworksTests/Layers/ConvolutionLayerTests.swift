import Graphs
import Networks
import Tensors
import Testing

@Suite("Convolution layer")
struct ConvolutionLayerTests {
    @Test("It declares what it uses, and computes the activated convolution")
    func computes() throws {
        var random = RandomSource(seed: 1)
        let layer = ConvolutionLayer(
            "head" / "conv", 4, 6, kernel: 3, stride: 2, groups: 2, activation: .relu)
        #expect(layer.declarations.map(\.path) == ["head.conv.weight", "head.conv.bias"])
        #expect(layer.declarations.map(\.shape) == [[6, 2, 3, 3], [6]])
        let parameters = Parameters(initialising: layer, using: &random)
        let x = Tensor<Float>.normal([2, 4, 7, 5], using: &random)
        let graph = Graph.build { $0.output(layer($0.input("x")), "y") }
        #expect(Set(graph.parameters.keys) == Set(parameters.paths))
        let y = try graph.evaluate(parameters.values.merging(["x": x]) { $1 })["y"]!
        let plain = Convolution(ConvolutionGeometry(stride: 2, padding: 1, groups: 2))
            .forward([x, parameters[0], parameters[1]])
        #expect(y == plain.map { max($0, 0) })
        #expect(y.shape == [2, 6, 4, 3])
    }

    @Test("Without padding given, stride 1 keeps the size, also when dilated")
    func keepsSize() throws {
        for (kernel, dilation) in [(1, 1), (3, 1), (3, 2), (5, 1), (7, 3)] {
            let layer = ConvolutionLayer("c", 1, 1, kernel: kernel, dilation: dilation)
            let graph = Graph.build { $0.output(layer($0.input("x")), "y") }
            let shapes = try graph.shapes { name in
                name == "x" ? [1, 1, 20, 21] : layer.declarations.first { $0.path == name }?.shape
            }
            #expect(shapes[graph.output("y")!] == [1, 1, 20, 21])
        }
    }
}

@Suite("Residual block")
struct ResidualBlockTests {
    @Test("With a gain of 0 it starts as the identity; with more it does not")
    func identity() throws {
        var random = RandomSource(seed: 2)
        let x = Tensor<Float>.normal([1, 8, 5, 6], using: &random)
        for gain in [0, 0.1] {
            let block = ResidualBlock("trunk" / 3, 8, gain: gain)
            let parameters = Parameters(initialising: block, using: &random)
            let graph = Graph.build { $0.output(block($0.input("x")), "y") }
            #expect(Set(graph.parameters.keys) == Set(parameters.paths))
            let y = try graph.evaluate(parameters.values.merging(["x": x]) { $1 })["y"]!
            #expect((y == x) == (gain == 0))
        }
    }

    @Test("The branch is scaled")
    func scale() throws {
        var random = RandomSource(seed: 3)
        let x = Tensor<Double>.normal([1, 2, 4, 4], using: &random)
        let whole = ResidualBlock("b", 2, gain: 1)
        let part = ResidualBlock("b", 2, scale: 0.25, gain: 1)
        let parameters = Parameters(initialising: whole, using: &random)
            .values.mapValues { $0.converted(to: Double.self) }.merging(["x": x]) { $1 }
        let a = try Graph.build { $0.output(whole($0.input("x")), "y") }.evaluate(parameters)["y"]!
        let b = try Graph.build { $0.output(part($0.input("x")), "y") }.evaluate(parameters)["y"]!
        for ((a, b), x) in zip(zip(a.elements, b.elements), x.elements) {
            #expect(abs((a - x) * 0.25 - (b - x)) < 1e-12)
        }
    }
}
