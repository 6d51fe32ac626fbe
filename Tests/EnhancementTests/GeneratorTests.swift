import Compute
import Enhancement
import Graphs
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

    @Test("A chain one level deeper is counted at a sixteenth of the pixels")
    func deepCost() throws {
        let shape = try #require(GeneratorShape("32x4+96x6@5"))
        let near = 9 * 32 * 32 + 8 * 9 * 32 * 32 + 32 * 16
        let deep = 2 * 4 * 32 * 96 + 12 * 9 * 96 * 96
        #expect(shape.executedProducts == near / 4 + deep / 16)
        #expect(GeneratorShape.fast.executedProducts <= 2500)
        #expect(GeneratorShape.studio.executedProducts <= 100_000)
    }

    @Test("A shape is what its text says, and nonsense is none")
    func texts() {
        for text in ["16x6", "48x8@5", "32x4+96x6", "32x4+96x6@5"] {
            #expect(GeneratorShape(text)?.text == text)
        }
        #expect(GeneratorShape("16x6@3") == .live)
        for text in [
            "", "16", "16x", "x6", "17x6", "16x6@4", "16x6@", "16x6@5@5", "16x6+", "16x6+32",
            "16x0", "16x6+32x1+32x1", "-16x6", "16x6+31x1", "16x6x2",
        ] {
            #expect(GeneratorShape(text) == nil, "\(text)")
        }
    }

    @Test("An untrained generator changes nothing", arguments: ["16x6", "16x1+32x1@5"])
    func startsAsIdentity(shape: String) throws {
        var random = RandomSource(seed: 1)
        let generator = Generator(try #require(GeneratorShape(shape)))
        let parameters = Parameters(initialising: generator, using: &random)
        var values = parameters.values
        values["packets"] = .normal([1, generator.shape.inputs, 6, 4], using: &random)
        let residual = try generator.graph.evaluate(values)["residual"]!
        #expect(residual == Tensor(shape: [1, 6, 6, 4]))
    }

    @Test("The compiled deep generator computes what the graph says", arguments: Precision.floats)
    func compiledDeep(precision: Precision) throws {
        let model = randomModel(try #require(GeneratorShape("16x2+32x2@5")))
        var random = RandomSource(seed: 5)
        let packets = Tensor<Float>.normal([1, 32, 12, 20], using: &random)
        var values = model.parameters.values
        values["packets"] = packets
        let expected = try model.generator.graph.evaluate(values)["residual"]!
        let plan = try Plan(
            model.generator.graph, shapes: values.mapValues(\.shape),
            options: PlanOptions(precision: precision, threads: 1))
        plan.setParameters(model.parameters.values)
        packets.withUnsafeBufferPointer { packets in
            _ = plan.input("packets").bindMemory(to: Float.self).update(from: packets)
        }
        try plan.run()
        let largest = expected.elements.map(abs).max()!
        let difference = zip(plan.result("residual").elements, expected.elements)
            .map { abs($0 - $1) }.max()!
        #expect(difference <= (precision == .f32 ? 1e-5 : 0.03) * largest)
    }

    @Test("A model file gives back its weights, and refuses others by name")
    func file() throws {
        var random = RandomSource(seed: 2)
        let deep = randomModel(try #require(GeneratorShape("16x2+32x1@5")))
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
        try deep.write(to: path)
        let readDeep = try EnhancementModel(contentsOf: path)
        #expect(readDeep.parameters == deep.parameters)
        #expect(readDeep.generator.shape == deep.generator.shape)
        for (key, value) in [
            ("percept.frames", "4"), ("percept.deepWidth", "0"), ("percept.deepWidth", "33"),
            ("percept.width", "0"),
        ] {
            var metadata = readDeep.metadata
            metadata[key] = value
            try deep.parameters.write(to: path, metadata: metadata)
            #expect {
                try EnhancementModel(contentsOf: path)
            } throws: { "\($0)".contains(key) }
        }
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
