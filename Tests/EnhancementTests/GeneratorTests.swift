import Enhancement
import Networks
import Tensors
import TestSupport
import Testing

@Suite("Generator")
struct GeneratorTests {
    @Test("live costs at most 8 kMAC per luma pixel as executed")
    func cost() {
        #expect(GeneratorShape.live.executedProducts <= 8000)
        // Counted by hand: entry, twelve convolutions, 1x1 exit, at a quarter of the positions.
        #expect(GeneratorShape.live.executedProducts == (13 * 9 * 256 + 256) / 4)
    }

    @Test("An untrained generator changes nothing")
    func startsAsIdentity() throws {
        var random = RandomSource(seed: 1)
        let generator = Generator(.live)
        let parameters = Parameters(initialising: generator, using: &random)
        var values = parameters.values
        values["packets"] = .normal([1, 16, 6, 5], using: &random)
        let residual = try generator.graph.evaluate(values)["residual"]!
        #expect(residual == Tensor(shape: [1, 6, 6, 5]))
    }

    @Test("A model file gives back its weights, and refuses others by name")
    func file() throws {
        var random = RandomSource(seed: 2)
        let generator = Generator(.live)
        let model = EnhancementModel(
            name: "live", generator: generator,
            parameters: Parameters(initialising: generator, using: &random))
        let folder = TemporaryFolder()
        let path = folder.path + "/live.safetensors"
        try model.write(to: path)
        let read = try EnhancementModel(contentsOf: path)
        #expect(read.parameters == model.parameters)
        #expect(read.generator.shape == .live)
        try model.parameters.write(to: path)
        #expect(throws: ModelError.self) { try EnhancementModel(contentsOf: path) }
        // Another width's weights under live's name.
        let wide = Parameters(
            initialising: Generator(GeneratorShape(width: 32, blocks: 6)), using: &random)
        try EnhancementModel(name: "live", generator: generator, parameters: wide).write(to: path)
        #expect {
            try EnhancementModel(contentsOf: path)
        } throws: { "\($0)".contains("generator.entry.weight") }
    }
}
