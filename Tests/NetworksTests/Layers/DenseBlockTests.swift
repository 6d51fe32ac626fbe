import Graphs
import Networks
import Tensors
import Testing

@Suite("Dense blocks")
struct DenseBlockTests {
    @Test("Each convolution of a dense block sees everything before it")
    func dense() throws {
        var random = RandomSource(seed: 1)
        let block = ResidualDenseBlock("rdb", 3, growth: 2, count: 3, gain: 1)
        #expect(
            block.declarations.filter { $0.shape.rank == 4 }.map(\.shape) == [
                [2, 3, 3, 3], [2, 5, 3, 3], [3, 7, 3, 3],
            ])
        let parameters = Parameters(initialising: block, using: &random)
        let x = Tensor<Double>.normal([1, 3, 4, 6], using: &random)
        let y = try output(of: block, parameters, x) { block($0) }

        // By hand, with the reference operations.
        let p = parameters.map { $0.tensor.converted(to: Double.self) }
        let convolution = Convolution(ConvolutionGeometry(padding: 1))
        let join = Concatenate(axis: 1)
        func leaky(_ x: Tensor<Double>) -> Tensor<Double> { x.map { $0 > 0 ? $0 : 0.2 * $0 } }
        let x1 = leaky(convolution.forward([x, p[0], p[1]]))
        let x2 = leaky(convolution.forward([join.forward([x, x1]), p[2], p[3]]))
        let x3 = convolution.forward([join.forward([x, x1, x2]), p[4], p[5]])
        let expected = Tensor(
            zip(x.elements, x3.elements).map { $0 + 0.2 * $1 }, shape: x.shape)
        #expect(difference(y, expected) < 1e-12)
    }

    @Test("The wavelet dense block has as many parameters as the paper's released code")
    func counts() {
        #expect(ResidualDenseBlock("r", 64).learnedCount == 239_808)
        #expect(WaveletDenseBlock("w", 64).learnedCount == 736_960)
        #expect(
            WaveletDenseBlock("w", 64).declarations.map(\.path).prefix(4) == [
                "w.dwt.Conv.weight", "w.dwt.Conv.bias", "w.RDB1.conv1.weight",
                "w.RDB1.conv1.bias",
            ])
    }

    @Test("The wavelet dense block keeps the shape and adds a fifth of the detail")
    func wavelet() throws {
        var random = RandomSource(seed: 2)
        let block = WaveletDenseBlock("w", 8, growth: 4, count: 2, convolutions: 2)
        let whole = WaveletDenseBlock("w", 8, growth: 4, count: 2, convolutions: 2, scale: 1)
        let parameters = Parameters(initialising: block, using: &random)
        let x = Tensor<Double>.normal([2, 8, 4, 6], using: &random)
        let (a, b) = try (
            output(of: block, parameters, x) { block($0) },
            output(of: whole, parameters, x) { whole($0) }
        )
        #expect(a.shape == x.shape)
        for ((a, b), x) in zip(zip(a.elements, b.elements), x.elements) {
            #expect(abs((a - x) - 0.2 * (b - x)) < 1e-12)
        }
        #expect(difference(a, x) > 1e-3)
    }
}
