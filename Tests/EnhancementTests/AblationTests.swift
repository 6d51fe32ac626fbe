import Enhancement
import Graphs
import Networks
import Tensors
import TestSupport
import Testing

@Suite("Ablations")
struct AblationTests {
    private func shape(_ ablation: Ablation?, frames: Int) -> GeneratorShape {
        var shape = GeneratorShape(width: 16, blocks: 1, frames: frames)
        shape.ablation = ablation
        return shape
    }

    private func residual(
        _ packets: Tensor<Float>, _ ablation: Ablation?, frames: Int = 3
    ) throws -> Tensor<Float> {
        let model = randomModel(shape(ablation, frames: frames))
        var values = model.parameters.values
        values["packets"] = packets
        return try model.graph.evaluate(values)["residual"]!
    }

    /// Packets with other values in some channels.
    private func changed(_ packets: Tensor<Float>, _ channels: Range<Int>) -> Tensor<Float> {
        let area = packets.shape[2] * packets.shape[3]
        return Tensor(
            packets.elements.enumerated().map { index, value in
                channels.contains(index / area) ? value + 0.5 : value
            }, shape: packets.shape)
    }

    @Test("What is left out cannot be seen, and all else can", arguments: [3, 5])
    func blind(frames: Int) throws {
        var random = RandomSource(seed: 2)
        let inputs = NetworkChannels.inputs(frames: frames)
        let packets: Tensor<Float> = .normal([1, inputs, 6, 8], using: &random)
        for (ablation, hidden) in [
            (Ablation.neighbours, NetworkChannels.previous..<NetworkChannels.damage),
            (.damage, NetworkChannels.damage..<NetworkChannels.damage + 2),
        ] {
            let seen = try residual(packets, ablation, frames: frames)
            let other = try residual(changed(packets, hidden), ablation, frames: frames)
            #expect(other == seen)
            let luma = try residual(changed(packets, 0..<4), ablation, frames: frames)
            #expect(luma != seen)
            let whole = try residual(packets, nil, frames: frames)
            #expect(try residual(changed(packets, hidden), nil, frames: frames) != whole)
        }
    }

    @Test("Without packets the network sees samples, and its residual is that of samples")
    func unshuffled() throws {
        // A picture of packets in code values, 2x2 samples each.
        let square: [Float] = [10, 90, 40, 200]
        let signs: [[Float]] = [[1, 1, 1, 1], [1, -1, 1, -1], [1, 1, -1, -1], [1, -1, -1, 1]]
        let statistics = PacketNormalisation.standard.input
        var packets = [Float](repeating: 0, count: 16)
        for subband in 0..<4 {
            let value = zip(signs[subband], square).reduce(0) { $0 + 0.5 * $1.0 * $1.1 }
            packets[subband] =
                (value - statistics.means[subband]) / statistics.deviations[subband]
        }
        let graph = Graph.build { builder in
            builder.output(
                Ablation.packets.input(builder.input("packets"), frames: 3), "samples")
        }
        let values: [String: Tensor<Float>] = ["packets": Tensor(packets, shape: [1, 16, 1, 1])]
        let seen = try graph.evaluate(values)["samples"]!.elements
        for (found, sample) in zip(seen, square) {
            #expect(abs(found - (sample - 110) / 55) < 1e-5)
        }
        // And back: residuals of samples are what their packets say.
        let back = Graph.build { builder in
            builder.output(Ablation.packets.output(builder.input("samples")), "packets")
        }
        let residual: [Float] = [1, -2, 3, 0.5, 7, 9]
        let result = try back.evaluate([
            "samples": Tensor<Float>(residual, shape: [1, 6, 1, 1])
        ])["packets"]!.elements
        for subband in 0..<4 {
            let value = zip(signs[subband], residual).reduce(0) { $0 + 0.5 * $1.0 * $1.1 * 4 }
            let deviation = PacketNormalisation.standard.output.deviations[subband]
            #expect(abs(result[subband] - value / deviation) < 1e-5)
        }
        #expect(result[4...] == [7, 9])
    }

    @Test("Neighbours that are not aligned come as they are; a model's file says what it lacks")
    func alignment() throws {
        let folder = TemporaryFolder()
        let model = randomModel(shape(.alignment, frames: 3))
        let path = "\(folder.path)/model.safetensors"
        try model.write(to: path)
        let read = try EnhancementModel(contentsOf: path)
        #expect(read.generator.shape == model.generator.shape)
        #expect(read.metadata["percept.without"] == "alignment")
        // Texture that moves two samples a frame: warped it is another input.
        let frames = (0..<3).map { texturedFrame($0, width: 150, height: 122) }
        let options = EnhancementOptions(precision: .f32)
        let plain = try enhanced(frames, read, options).map(samples)
        let aligned = try enhanced(frames, randomModel(shape(nil, frames: 3)), options)
        #expect(plain != aligned.map(samples))
        // Without motion the two are one.
        let still = [frames[0], frames[0]].enumerated().map { index, frame in
            var frame = frame
            frame.timestamp = Int64(index)
            return frame
        }
        let all = try enhanced(still, randomModel(shape(nil, frames: 3)), options).map(samples)
        #expect(try enhanced(still, read, options).map(samples) == all)
        try model.parameters.write(
            to: path,
            metadata: [
                "percept.width": "16", "percept.blocks": "1", "percept.normalisation": "1",
                "percept.without": "colour",
            ])
        #expect {
            try EnhancementModel(contentsOf: path)
        } throws: { "\($0)".contains("percept.without 'colour'") }
    }
}
