import Networks
import Tensors
import TestSupport
import Testing

@Suite("Parameters")
struct ParametersTests {
    let folder = TemporaryFolder()
    let module = [
        ConvolutionLayer("trunk" / 0, 3, 4), ConvolutionLayer("trunk" / 1, 4, 2, hasBias: false),
    ]

    private func problem(
        _ tensors: [(name: String, tensor: Tensor<Float>)]
    ) throws -> SafetensorsError.Problem? {
        let path = "\(folder.path)/w.safetensors"
        try Safetensors.write(tensors, to: path)
        do {
            _ = try Parameters(contentsOf: path, for: module)
            return nil
        } catch {
            return error.problem
        }
    }

    @Test("Parameters come in the order of declaration, under the paths of the code")
    func order() {
        var random = RandomSource(seed: 1)
        let parameters = Parameters(initialising: module, using: &random)
        #expect(parameters.paths == ["trunk.0.weight", "trunk.0.bias", "trunk.1.weight"])
        #expect(parameters["trunk.1.weight"]?.shape == [2, 4, 3, 3])
        #expect(parameters.elementCount == 3 * 4 * 9 + 4 + 4 * 2 * 9)
        #expect(module.learnedCount == parameters.elementCount)
        #expect(parameters["trunk.2.weight"] == nil)
    }

    @Test("The same seed gives the same weights")
    func seeds() {
        var (a, b, c) = (RandomSource(seed: 1), RandomSource(seed: 1), RandomSource(seed: 2))
        let first = Parameters(initialising: module, using: &a)
        #expect(first.isIdentical(to: Parameters(initialising: module, using: &b)))
        #expect(!first.isIdentical(to: Parameters(initialising: module, using: &c)))
    }

    @Test("A copy does not change with the original")
    func values() {
        var random = RandomSource(seed: 1)
        var parameters = Parameters(initialising: module, using: &random)
        let copy = parameters
        parameters.withElements(at: 0) { $0[0] += 1 }
        #expect(parameters != copy)
        #expect(parameters[0].elements[0] == copy[0].elements[0] + 1)
    }

    @Test("Written and read back they are identical")
    func roundTrip() throws {
        var random = RandomSource(seed: 1)
        let parameters = Parameters(initialising: module, using: &random)
        let path = "\(folder.path)/w.safetensors"
        try parameters.write(to: path, metadata: ["model": "test"])
        #expect(try Parameters(contentsOf: path, for: module).isIdentical(to: parameters))
    }

    @Test("A missing, an extra and a misshapen tensor are named")
    func mismatches() throws {
        var random = RandomSource(seed: 1)
        let good = Parameters(initialising: module, using: &random)
            .map { (name: $0.path, tensor: $0.tensor) }
        #expect(try problem(good) == nil)
        #expect(try problem(Array(good.dropLast())) == .missingTensor("trunk.1.weight"))
        #expect(
            try problem(good + [("head.bias", Tensor(shape: [1]))])
                == .unexpectedTensor("head.bias"))
        var bent = good
        bent[1].tensor = Tensor(shape: [2, 2])
        #expect(
            try problem(bent)
                == .wrongShape(tensor: "trunk.0.bias", expected: [4], found: [2, 2]))
    }
}

@Suite("Initialisers")
struct InitialiserTests {
    private func statistics(_ initialiser: Initialiser) -> (deviation: Double, bound: Double) {
        var random = RandomSource(seed: 5)
        let x = initialiser.tensor([64, 32, 5, 5], using: &random).elements.map { Double($0) }
        let square = x.reduce(0) { $0 + $1 * $1 } / Double(x.count)
        return (square.squareRoot(), x.reduce(0) { max($0, abs($1)) })
    }

    @Test("Deviations and bounds are those of the papers")
    func spread() {
        let (fanIn, fanOut) = (32.0 * 25, 64.0 * 25)
        let kaiming = statistics(.kaiming(slope: 0.2, scale: 0.1)).deviation
        #expect(abs(kaiming / (0.1 * (2 / 1.04 / fanIn).squareRoot()) - 1) < 0.02)
        let uniform = statistics(.kaimingUniform(gain: 2))
        #expect(abs(uniform.deviation / (2 / fanIn.squareRoot()) - 1) < 0.02)
        #expect(abs(uniform.bound / (2 * (3 / fanIn).squareRoot()) - 1) < 0.01)
        let xavier = statistics(.xavierUniform(gain: 1))
        #expect(abs(xavier.bound / (6 / (fanIn + fanOut)).squareRoot() - 1) < 0.01)
        #expect(abs(xavier.deviation / (2 / (fanIn + fanOut)).squareRoot() - 1) < 0.02)
        let standard = statistics(.uniform(fanIn: 800))
        #expect(abs(standard.bound * 800.0.squareRoot() - 1) < 0.01)
    }

    @Test("Constants are constant")
    func constants() {
        var random = RandomSource(seed: 5)
        #expect(Initialiser.constant(0.5).tensor([2], using: &random).elements == [0.5, 0.5])
        #expect(Initialiser.zeros.tensor([2], using: &random).elements == [0, 0])
    }
}
