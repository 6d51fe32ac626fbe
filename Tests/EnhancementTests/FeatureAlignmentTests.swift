import Compute
import Graphs
import Learning
import Networks
import Quality
import Tensors
import TestSupport
import Testing
import Wavelets

@testable import Enhancement

@Suite("Feature alignment")
struct FeatureAlignmentTests {
    private let around: Surroundings = {
        var around = Surroundings()
        around.alignment = .features
        return around
    }()

    /// What the trunk's entry sees of packets `[1, 32, h, w]`.
    private func aligned(_ packets: Tensor<Float>) throws -> Tensor<Float> {
        let alignment = FeatureAlignment("encoder", 16, frames: 3)
        var random = RandomSource(seed: 3)
        var values = Parameters(initialising: alignment, using: &random).values
        values["packets"] = packets
        let graph = Graph.build { $0.output(alignment($0.input("packets")), "aligned") }
        return try graph.evaluate(values)["aligned"]!
    }

    /// The largest difference of a neighbour's features from the frame's, a margin left out.
    private func difference(_ aligned: Tensor<Float>, neighbour: Int, margin: Int) -> Float {
        let (height, width) = (aligned.shape[2], aligned.shape[3])
        var largest: Float = 0
        for channel in 16..<32 {
            for y in margin..<height - margin {
                for x in margin..<width - margin {
                    let other = aligned[0, channel + 16 * (1 + neighbour), y, x]
                    largest = max(largest, abs(aligned[0, channel, y, x] - other))
                }
            }
        }
        return largest
    }

    @Test("Features of a shifted neighbour, warped by the shift, are those of the frame")
    func shift() throws {
        var random = RandomSource(seed: 1)
        let picture = Tensor<Float>.normal([1, 4, 20, 24], using: &random)
        var packets = Tensor<Float>(shape: [1, 32, 20, 24])
        let shifts = [(x: 2, y: -1), (x: -3, y: 2)]
        for y in 0..<20 {
            for x in 0..<24 {
                for subband in 0..<4 { packets[0, subband, y, x] = picture[0, subband, y, x] }
                for (neighbour, shift) in shifts.enumerated() {
                    let (column, row) = (min(max(x - shift.x, 0), 23), min(max(y - shift.y, 0), 19))
                    for subband in 0..<4 {
                        packets[0, 6 + 4 * neighbour + subband, y, x] =
                            picture[0, subband, row, column]
                    }
                    packets[0, 16 + 2 * neighbour, y, x] = Float(shift.x)
                    packets[0, 17 + 2 * neighbour, y, x] = Float(shift.y)
                }
            }
        }
        let found = try aligned(packets)
        #expect(found.shape == [1, 64, 20, 24])
        for neighbour in 0..<2 {
            #expect(difference(found, neighbour: neighbour, margin: 5) < 1e-5)
        }
        // Nothing of neighbours but that: their packets do not come along.
        for channel in 6..<14 { #expect(found[0, channel, 9, 9] == 0) }
        for channel in 16..<20 {
            for y in 0..<20 { for x in 0..<24 { packets[0, channel, y, x] = 0 } }
        }
        #expect(difference(try aligned(packets), neighbour: 0, margin: 5) > 0.5)
    }

    @Test("The packer hands over the motion that undoes what moved, in packet positions")
    func packer() throws {
        // Texture that moves two samples a frame to the left.
        let frames = (0..<3).map { index in
            PreparedFrame(
                texturedFrame(index, width: 160, height: 128), estimator: DamageEstimator(),
                threads: 1)
        }
        let packer = WindowPacker(
            around, width: 160, height: 128,
            layout: PacketLayout(channels: around.inputs, width: 80, height: 64, order: .planar),
            normalisation: .standard, threads: 1)
        let view = FrameWindow(frames, centre: 1)
        var values = [Float](repeating: .nan, count: around.inputs * 80 * 64)
        values.withUnsafeMutableBytes {
            packer.pack(view, motion: packer.motion(in: view), into: $0.baseAddress!)
        }
        let packets = Tensor(values, shape: [1, around.inputs, 64, 80])
        #expect(abs(packets[0, 16, 32, 40] - 1) < 0.05 && abs(packets[0, 17, 32, 40]) < 0.05)
        #expect(abs(packets[0, 18, 32, 40] + 1) < 0.05 && abs(packets[0, 19, 32, 40]) < 0.05)
        for channel in 20..<32 { #expect(packets[0, channel, 32, 40] == 0) }
        // The first frame stands in for the one before it, unmoved.
        let first = FrameWindow(frames, centre: 0)
        values.withUnsafeMutableBytes {
            packer.pack(first, motion: packer.motion(in: first), into: $0.baseAddress!)
        }
        let found = Tensor(values, shape: [1, around.inputs, 64, 80])
        #expect(difference(try aligned(found), neighbour: 0, margin: 0) == 0)
    }

    @Test("However a patch is turned, its motion leads from the frame to its neighbours")
    func symmetries() throws {
        let folder = TemporaryFolder()
        let size = 8, area = 64
        var random = RandomSource(seed: 5)
        var tile = Tensor<Float>.uniform([1, 38, size, size], using: &random)
        for channel in 16..<20 {
            for index in 0..<area {
                tile[0, channel, index / size, index % size] = Float(random.index(below: 7) - 3)
            }
        }
        func warped(_ tile: Tensor<Float>, _ neighbour: Int) -> Tensor<Float> {
            let picture = channels(6 + 4 * neighbour..<7 + 4 * neighbour, of: tile)
            let motion = channels(16 + 2 * neighbour..<18 + 2 * neighbour, of: tile)
            return Warp(border: .replicate).forward([picture, motion])
        }
        // Where LL and U of the frame are those of its neighbours, moved, they stay that.
        for (neighbour, channel) in [(0, 0), (1, 4)] {
            let moved = warped(tile, neighbour)
            for index in 0..<area {
                tile[0, channel, index / size, index % size] =
                    moved[0, 0, index / size, index % size]
            }
        }
        let path = folder.path + "/a.tiles"
        try Safetensors.write(
            [("tiles", tile), ("weights", Tensor(repeating: 1, shape: [1]))], brain: ["tiles"],
            to: path)
        let sampler = try TileSampler([path], patchSize: size, surroundings: around)
        var (packets, residual) = (
            [Float](repeating: 0, count: 32 * area), [Float](repeating: 0, count: 6 * area)
        )
        var weight: Float = 0
        var seen: Set<[Float]> = []
        for _ in 0..<200 {
            sampler.draw(
                1, using: &random, packets: &packets, residual: &residual, weights: &weight)
            let drawn = Tensor(packets, shape: [1, 32, size, size])
            let moved = [0, 1].map { warped(drawn, $0).elements }
            let luma = channels(0..<1, of: drawn).elements, u = channels(4..<5, of: drawn).elements
            #expect(moved == [luma, u] || moved == [u, luma])
            seen.insert(packets)
        }
        #expect(seen.count == 16)
        #expect(throws: TrainingDataError.self) { try TileSampler([path], patchSize: size) }
    }

    @Test("A tile follows its neighbours, so that little of them lies beyond it")
    func tiles() throws {
        let folder = TemporaryFolder()
        // Noise that moves 12 samples a frame to the right: six of a tile's 16 positions.
        ffmpeg(
            "-f lavfi -i \"nullsrc=s=160x96,format=gray,geq=lum='random(1)*255',gblur=sigma=2,"
                + "loop=loop=5:size=1,scroll=h=0.075,format=yuv420p\" -frames:v 5 -c:v ffv1 "
                + folder("clip.mkv"))
        var packer = PairPacker(tileSize: 16, surroundings: around)
        packer.frameStep = 1
        var random = RandomSource(seed: 2)
        try packer.pack(
            TrainingPair(
                name: "a", degraded: folder("clip.mkv"), reference: folder("clip.mkv")),
            to: folder("a.tiles"), using: &random)
        let tiles = try Safetensors(contentsOf: folder("a.tiles")).tensor("tiles")
        #expect(tiles.shape == [30, 38, 16, 16])
        // Frames in the middle have both neighbours.
        let found = try (6..<24).map { tile in
            let packets = channels(0..<32, of: tiles, sample: tile)
            return (
                difference: difference(try aligned(packets), neighbour: 0, margin: 3),
                motion: packets.elements[16 * 256..<20 * 256].map(abs).max()!
            )
        }
        func median(_ values: [Float]) -> Float { values.sorted()[values.count / 2] }
        #expect(median(found.map(\.difference)) < 0.2)
        #expect(median(found.map(\.motion)) < 0.6)
    }

    @Test(
        "Training aligns: the loss falls, and every weight takes part", arguments: Precision.floats)
    func training(precision: Precision) throws {
        let folder = TemporaryFolder()
        let (size, count) = (16, 4)
        var random = RandomSource(seed: 7)
        var tiles = Tensor<Float>.normal([count, 38, size, size], using: &random)
        // What is missing of the frame is in the neighbour, three positions away.
        for tile in 0..<count {
            for y in 0..<size {
                for x in 0..<size {
                    for channel in 16..<20 { tiles[tile, channel, y, x] = channel == 16 ? 3 : 0 }
                    tiles[tile, 32, y, x] = tiles[tile, 6, y, min(x + 3, size - 1)]
                }
            }
        }
        try Safetensors.write(
            [("tiles", tiles), ("weights", Tensor(repeating: 1, shape: [count]))], brain: ["tiles"],
            to: folder("a.tiles"))
        let sampler = try TileSampler([folder("a.tiles")], patchSize: size, surroundings: around)
        let generator = Generator(try #require(GeneratorShape("16x1@3features")))
        var parameters = Parameters(initialising: generator, using: &random)
        let before = parameters
        let step = try FidelityStep(
            generator, parameters: parameters, batch: 4, patchSize: size, precision: precision,
            threads: 1, chromaWeight: 0.1)
        var optimiser = Adam()
        var losses: [Double] = []
        for _ in 0..<60 {
            step.draw(from: sampler, using: &random)
            let outcome = try step(parameters)
            losses.append(outcome.loss)
            optimiser.step(&parameters, outcome.gradients, rate: 0.01)
        }
        let before5 = losses.prefix(5).reduce(0, +), after5 = losses.suffix(5).reduce(0, +)
        #expect(after5 < 0.9 * before5)
        for path in parameters.paths { #expect(parameters[path] != before[path], "\(path)") }
    }

    @Test("A shape says that it aligns features, a file keeps it, and its cost is counted")
    func text() throws {
        let shape = try #require(GeneratorShape("16x6@3features"))
        #expect(shape.alignsFeatures && shape.text == "16x6@3features" && shape.inputs == 32)
        #expect(GeneratorShape("32x2+48x1@5bestfeatures")?.text == "32x2+48x1@5bestfeatures")
        for text in ["16x6features", "16x6@features", "features", "16x6@3featuresbest"] {
            #expect(GeneratorShape(text) == nil, "\(text)")
        }
        // Three encoders, an entry of four blocks, twelve convolutions, and the way out.
        let convolutions = 3 + 4 + 12
        #expect(shape.executedProducts == (convolutions * 9 * 256 + 256) / 4)
        let folder = TemporaryFolder()
        let model = randomModel(shape)
        try model.write(to: folder("model.safetensors"))
        let read = try EnhancementModel(contentsOf: folder("model.safetensors"))
        #expect(read.generator.shape == shape && read.parameters == model.parameters)
        for (key, value) in [("percept.alignment", "pixels"), ("percept.without", "packets")] {
            var metadata = read.metadata
            metadata[key] = value
            try model.parameters.write(to: folder("model.safetensors"), metadata: metadata)
            #expect {
                try EnhancementModel(contentsOf: folder("model.safetensors"))
            } throws: { "\($0)".contains("percept.alignment") }
        }
    }

    @Test("Compiled it computes what the graph says, and ONNX says it too")
    func compiled() throws {
        let model = randomModel(try #require(GeneratorShape("16x2@3features")))
        var random = RandomSource(seed: 5)
        var values = model.parameters.values
        values["packets"] = .normal([1, 32, 12, 20], deviation: 2, using: &random)
        let expected = try model.graph.evaluate(values)["residual"]!
        let plan = try Plan(
            model.graph, shapes: values.mapValues(\.shape),
            options: PlanOptions(precision: .f32, threads: 1))
        plan.setParameters(model.parameters.values)
        values["packets"]!.withUnsafeBufferPointer {
            _ = plan.input("packets").bindMemory(to: Float.self).update(from: $0)
        }
        try plan.run()
        let largest = expected.elements.map(abs).max()!
        for (a, b) in zip(plan.result("residual").elements, expected.elements) {
            #expect(abs(a - b) <= 1e-5 * largest)
        }
        let exported = try model.graph.onnx(
            parameters: model.parameters, inputs: ["packets": [1, 32, 12, 20]])
        #expect(!exported.isEmpty)
    }

    @Test("It enhances whole frames alike in either layout, and takes no tiles")
    func enhancer() throws {
        let model = randomModel(try #require(GeneratorShape("16x1@3features")))
        let frames = (0..<3).map { texturedFrame($0, width: 150, height: 122) }
        let exact = try enhanced(frames, model, EnhancementOptions(precision: .f32)).map(samples)
        #expect(exact != frames.map(samples))
        var options = EnhancementOptions(precision: .automatic)
        let quick = try enhanced(frames, model, options).map(samples)
        let differences = zip(exact, quick).flatMap { a, b in
            zip(a.joined(), b.joined()).map { abs($0 - $1) }
        }
        #expect(differences.max()! <= 2)
        options.tile = 64
        #expect {
            try enhanced(frames, model, options)
        } throws: { "\($0)".contains("no --tile") }
    }

    private func channels(
        _ range: Range<Int>, of x: Tensor<Float>, sample: Int = 0
    ) -> Tensor<Float> {
        let area = x.shape[2] * x.shape[3]
        let start = (sample * x.shape[1] + range.lowerBound) * area
        return Tensor(
            Array(x.elements[start..<start + range.count * area]),
            shape: [1, range.count, x.shape[2], x.shape[3]])
    }
}
