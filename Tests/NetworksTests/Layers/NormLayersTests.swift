import Graphs
import Networks
import Tensors
import Testing

@Suite("Norm layers")
struct NormLayersTests {
    /// Parameters with every value random, variances positive.
    private func randomised(_ module: some Module, seed: UInt64) -> Parameters {
        var random = RandomSource(seed: seed)
        return Parameters(
            module.declarations.map { declaration in
                let tensor = Tensor<Float>.uniform(declaration.shape, in: 0.5..<2, using: &random)
                return (declaration.path, tensor)
            })
    }

    @Test("In inference batch norm uses what is stored")
    func inference() throws {
        var random = RandomSource(seed: 1)
        let norm = BatchNormLayer("bn", 3, epsilon: 0.01)
        let parameters = randomised(norm, seed: 2)
        let x = Tensor<Double>.normal([2, 3, 4, 5], using: &random)
        let y = try output(of: norm, parameters, x) { norm($0) }
        let p = parameters.map { $0.tensor.converted(to: Double.self) }
        for (n, c, i, j) in [(0, 0, 0, 0), (1, 2, 3, 4), (1, 1, 2, 0)] {
            let centred: Double = x[n, c, i, j] - p[2][c]
            let deviation: Double = (p[3][c] + 0.01).squareRoot()
            let expected: Double = centred / deviation * p[0][c] + p[1][c]
            #expect(abs(y[n, c, i, j] - expected) < 1e-12)
        }
    }

    @Test("In training batch norm yields its batch's statistics as outputs")
    func training() throws {
        var random = RandomSource(seed: 1)
        let norm = BatchNormLayer("bn", 3)
        let parameters = Parameters(initialising: norm, using: &random)
        let x = Tensor<Float>.uniform([4, 3, 6, 5], in: 1..<4, using: &random)
        let graph = Graph.build { $0.output(norm($0.input("x"), .training), "y") }
        let results = try graph.evaluate(parameters.values.merging(["x": x]) { $1 })
        #expect(
            Set(results.keys) == ["y", "statistic.bn.running_mean", "statistic.bn.running_var"])
        for c in 0..<3 {
            var values: [Double] = []
            for n in 0..<4 { for i in 0..<30 { values.append(Double(x[n, c, i / 5, i % 5])) } }
            let mean = values.reduce(0, +) / 120
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 120
            #expect(abs(Double(results["statistic.bn.running_mean"]![c]) - mean) < 1e-5)
            #expect(abs(Double(results["statistic.bn.running_var"]![c]) - variance) < 1e-5)
        }
        #expect(norm.declarations.filter(\.isLearned).map(\.path) == ["bn.weight", "bn.bias"])
    }

    @Test(
        "Folded into the convolution before it, batch norm gives the same picture",
        arguments: [true, false])
    func folding(hasBias: Bool) throws {
        var random = RandomSource(seed: 3)
        let convolution = ConvolutionLayer("conv", 4, 6, groups: 2, hasBias: hasBias)
        let norm = BatchNormLayer("bn", 6)
        var parameters = randomised(convolution, seed: 4)
        for (path, tensor) in randomised(norm, seed: 5) { parameters.append(tensor, at: path) }
        let x = Tensor<Double>.normal([1, 4, 5, 7], using: &random)
        let both = try output(of: norm, parameters, x) { norm(convolution($0)) }
        let folded = norm.folded(into: convolution, parameters)
        #expect(folded.paths == ["conv.weight", "conv.bias"])
        let alone = ConvolutionLayer("conv", 4, 6, groups: 2)
        #expect(difference(try output(of: alone, folded, x) { alone($0) }, both) < 1e-5)
    }

    @Test("Instance and layer norm leave mean 0 and deviation 1 over their axes")
    func moments() throws {
        var random = RandomSource(seed: 6)
        let x = Tensor<Double>.uniform([2, 3, 8, 9], in: 3..<9, using: &random)
        let instance = InstanceNormLayer("n", 3)
        let layer = LayerNormLayer("n", 9)
        let a = try output(
            of: instance, Parameters(initialising: instance, using: &random), x
        ) { instance($0) }
        let b = try output(of: layer, Parameters(initialising: layer, using: &random), x) {
            layer($0)
        }
        for (y, run) in [(a, 72), (b, 9)] {
            for start in stride(from: 0, to: y.count, by: run) {
                let part = y.elements[start..<start + run]
                let mean = part.reduce(0, +) / Double(run)
                let square = part.reduce(0) { $0 + $1 * $1 } / Double(run)
                #expect(abs(mean) < 1e-9 && abs(square - 1) < 1e-4)
            }
        }
        let scaled = try output(of: instance, randomised(instance, seed: 7), x) { instance($0) }
        #expect(difference(scaled, a) > 0.1)
    }
}
