import Compute
import Enhancement
import Media
import Networks
import Tensors
import TestSupport
import Testing

@Suite("The published network as a model")
struct ReferenceModelTests {
    /// Random weights in the official names, as Scripts/torch-twin.py had PyTorch write them.
    static let weights =
        #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined()
        + "/Fixtures/reference-8.pth"

    private func model() throws -> ReferenceModel {
        try ReferenceModel(PyTorchFile(contentsOf: Self.weights), name: "twin")
    }

    private func enhanced(
        _ frames: [Frame], _ options: EnhancementOptions = EnhancementOptions(precision: .f32)
    ) throws -> [Frame] {
        let stage = try model().stage(
            width: frames[0].width, height: frames[0].height, options: options)
        return try frames.flatMap { try stage.push($0) } + stage.flush()
    }

    @Test("An imported file is written, found to be of its kind, and gives back its weights")
    func file() throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/reference.safetensors"
        let model = try model()
        try model.write(to: path)
        let read = try restorationModel(contentsOf: path)
        #expect(read is ReferenceModel)
        #expect(read.name == "twin")
        #expect(read.parameters == model.parameters)
        #expect(read.executedProducts == model.executedProducts)
        let packets = randomModel()
        try packets.write(to: path)
        #expect(try restorationModel(contentsOf: path) is EnhancementModel)
        // Weights of another network under the published one's name.
        try packets.parameters.write(
            to: path, metadata: ["percept.kind": ReferenceModel.kind])
        #expect { try restorationModel(contentsOf: path) } throws: {
            "\($0)".contains("conv_second.weight")
        }
    }

    @Test("RGB frames become what the network makes of them, rounded and clipped")
    func pixels() throws {
        let frames = (0..<4).map {
            texturedFrame($0, width: 24, height: 16, format: FrameFormat(.rgb))
        }
        let model = try model()
        let results = try enhanced(frames)
        #expect(results.map(\.timestamp) == frames.map(\.timestamp))
        // Planes are green, blue, red; the network's are red, green, blue.
        let order = [2, 0, 1]
        func picture(_ frame: Frame) -> [Float] {
            order.flatMap { plane in samples(frame)[plane].map { Float($0) / 255 } }
        }
        var shapes = model.parameters.values.mapValues(\.shape)
        shapes["frames"] = [1, 9, 16, 24]
        let plan = try Plan(
            model.graph, shapes: shapes, options: PlanOptions(precision: .f32, threads: 1))
        plan.setParameters(model.parameters.values)
        for index in frames.indices {
            let seen = [index - 1, index, index + 1].map {
                picture(frames[min(max($0, 0), frames.count - 1)])
            }
            let restored = try plan.run([
                "frames": Tensor(seen.flatMap { $0 }, shape: [1, 9, 16, 24])
            ])["restored"]!.elements
            let found = picture(results[index])
            for (value, code) in zip(restored, found) {
                #expect(abs(min(max(value, 0), 1) - code) * 255 <= 0.5 + 1e-3)
            }
            #expect(samples(results[index]) != samples(frames[index]))
        }
    }

    @Test("Every format comes out as it went in", arguments: FrameEnhancerTests.formats)
    func everyFormat(format: FrameFormat) throws {
        // A size that is no multiple of 4.
        let frames = (0..<2).map { texturedFrame($0, width: 30, height: 22, format: format) }
        let results = try enhanced(frames)
        #expect(results.map(\.timestamp) == frames.map(\.timestamp))
        #expect(results.allSatisfy { $0.format == format })
        for (result, frame) in zip(results, frames) {
            #expect(samples(result)[0] != samples(frame)[0])
            if format.hasAlpha { #expect(samples(result).last! == samples(frame).last!) }
        }
        var halfway = EnhancementOptions(precision: .f32)
        halfway.strength = 0.5
        // Half of the strength is half of the change, where nothing is clipped.
        for (half, (whole, frame)) in zip(
            try enhanced(frames, halfway), zip(results, frames))
        {
            let (a, b, c) = (samples(half)[0], samples(whole)[0], samples(frame)[0])
            for index in a.indices {
                #expect(abs(Double(a[index]) - Double(b[index] + c[index]) / 2) <= 1)
            }
        }
    }

    @Test("More depth, repeated frames and strength 0 mean what they mean elsewhere")
    func options() throws {
        let frames = [0, 1, 1, 2].map { texturedFrame($0, width: 32, height: 24) }
        var options = EnhancementOptions(precision: .f32)
        options.depth = 10
        let deep = try enhanced(frames, options)
        #expect(deep.count == 4)
        #expect(deep[0].format.depth == 10)
        #expect(samples(deep[0])[0].contains { $0 % 4 != 0 })
        #expect(samples(deep[1]) == samples(deep[2]))
        options.strength = 0
        #expect(try enhanced(frames, options).map(samples) == frames.map(samples))
        options.strength = 1
        options.tile = 16
        #expect(throws: ModelError.self) { try enhanced(frames, options) }
    }
}
