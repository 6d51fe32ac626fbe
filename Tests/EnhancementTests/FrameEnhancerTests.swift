import Compute
import Enhancement
import Media
import Networks
import Tensors
import Testing

/// A model whose residual is random but small, so that outputs differ from inputs.
func randomModel(_ shape: GeneratorShape = .live, seed: UInt64 = 1) -> EnhancementModel {
    var random = RandomSource(seed: seed)
    let generator = Generator(shape)
    var parameters = Parameters(initialising: generator, using: &random)
    let exit = parameters.position(of: "generator.exit.weight")!
    parameters[exit] = .normal(parameters[exit].shape, deviation: 0.05, using: &random)
    return EnhancementModel(name: "random", generator: generator, parameters: parameters)
}

/// A frame of smooth moving texture.
func texturedFrame(
    _ index: Int, width: Int = 70, height: Int = 46, format: FrameFormat = FrameFormat(.yuv420)
) -> Frame {
    var frame = Frame(width: width, height: height, format: format)
    for (number, plane) in frame.planes.enumerated() {
        plane.withUnsafeMutableBytes { base in
            for y in 0..<plane.height {
                for x in 0..<plane.width {
                    let phase = (x + 2 * index) * 13 + y * 7 + ((x + 2 * index) / 9) * (y / 7) * 31
                    let value = (phase + number * 40) % 160 + 40
                    let row = base + y * plane.bytesPerRow
                    if plane.bytesPerSample == 1 {
                        row.storeBytes(of: UInt8(value), toByteOffset: x, as: UInt8.self)
                    } else {
                        row.storeBytes(
                            of: UInt16(value << (format.depth - 8)), toByteOffset: 2 * x,
                            as: UInt16.self)
                    }
                }
            }
        }
    }
    frame.timestamp = Int64(index * 3 + 1)
    return frame
}

func samples(_ frame: Frame) -> [[Int]] {
    frame.planes.map { plane in
        (0..<plane.height).flatMap { y in (0..<plane.width).map { x in plane[x, y] } }
    }
}

func enhanced(
    _ frames: [Frame], _ model: EnhancementModel, _ options: EnhancementOptions
) throws -> [Frame] {
    let enhancer = try FrameEnhancer(
        model, width: frames[0].width, height: frames[0].height, options: options)
    return try frames.flatMap { try enhancer.push($0) } + enhancer.flush()
}

@Suite("Frame enhancer")
struct FrameEnhancerTests {
    /// Small generators of every kind.
    static let shapes = ["16x6", "16x1@5", "16x2+32x1", "32x1+48x2@5"]

    @Test(
        "Tiles change no bit, whatever their size", arguments: [Precision.f32, .automatic], shapes)
    func tiles(_ precision: Precision, _ shape: String) throws {
        // An odd number of packet positions in one direction, one that is not a multiple of 4.
        let frames = (0..<3).map { texturedFrame($0, width: 150, height: 122) }
        let model = randomModel(try #require(GeneratorShape(shape)))
        var options = EnhancementOptions(precision: precision)
        let whole = try enhanced(frames, model, options).map(samples)
        #expect(whole != frames.map(samples))
        for side in [16, 34, 64, 140] {
            options.tile = side
            let tiled = try enhanced(frames, model, options).map(samples)
            #expect(tiled == whole, "tiles of \(side)")
        }
    }

    static let formats: [FrameFormat] =
        ChromaSampling.allCases.flatMap { sampling in
            [8, 10, 12].map { FrameFormat(sampling, depth: $0) }
        } + [FrameFormat(.yuv420, hasAlpha: true), FrameFormat(.rgb, hasAlpha: true)]

    @Test("Frames in are frames out, with their times, in every format", arguments: formats)
    func everyFormat(format: FrameFormat) throws {
        let frames = (0..<3).map { texturedFrame($0, format: format) }
        let results = try enhanced(frames, randomModel(), EnhancementOptions(precision: .f32))
        #expect(results.map(\.timestamp) == frames.map(\.timestamp))
        #expect(results.allSatisfy { $0.format == format })
        for (result, frame) in zip(results, frames) {
            #expect(samples(result)[0] != samples(frame)[0])
            if format.hasAlpha { #expect(samples(result).last! == samples(frame).last!) }
        }
    }

    @Test("Strength 0 hands back the decoder's samples, and so does a residual of zero")
    func identity() throws {
        for format in Self.formats {
            let frames = (0..<2).map { texturedFrame($0, format: format) }
            var none = EnhancementOptions(precision: .f32)
            none.strength = 0
            let passed = try enhanced(frames, randomModel(), none)
            #expect(passed.map(samples) == frames.map(samples))
            var random = RandomSource(seed: 1)
            let untrained = EnhancementModel(
                name: "untrained", generator: Generator(.live),
                parameters: Parameters(initialising: Generator(.live), using: &random))
            let results = try enhanced(frames, untrained, EnhancementOptions(precision: .f32))
            #expect(results.map(samples) == frames.map(samples), "\(format)")
        }
    }

    @Test("A frame is looked at with as many neighbours as the generator sees, and with no others")
    func neighbours() throws {
        for (shape, radius) in [(GeneratorShape.live, 1), (GeneratorShape("16x1@5")!, 2)] {
            let model = randomModel(shape)
            let frames = (0..<7).map { texturedFrame($0) }
            let options = EnhancementOptions(precision: .f32)
            let results = try enhanced(frames, model, options).map(samples)
            for changed in frames.indices {
                var others = frames
                others[changed] = texturedFrame(changed + 3)
                others[changed].timestamp = frames[changed].timestamp
                let again = try enhanced(others, model, options).map(samples)
                for index in frames.indices where index != changed {
                    // Motion is searched for from where it was found last: later frames may change.
                    if changed - index > radius {
                        #expect(again[index] == results[index], "\(changed) in \(index)")
                    } else if abs(changed - index) <= radius {
                        #expect(again[index] != results[index], "\(changed) not in \(index)")
                    }
                }
            }
        }
    }

    @Test("A repeated frame reuses its predecessor's output bit for bit")
    func repeats() throws {
        var frames = [0, 1, 1, 1, 2].map { texturedFrame($0) }
        for index in frames.indices { frames[index].timestamp = Int64(index) }
        let enhancer = try FrameEnhancer(randomModel(), width: 70, height: 46)
        let results = try frames.flatMap { try enhancer.push($0) } + enhancer.flush()
        #expect(results.map(\.timestamp) == [0, 1, 2, 3, 4])
        #expect(enhancer.repeatedCount == 2)
        #expect(samples(results[1]) == samples(results[2]))
        #expect(samples(results[2]) == samples(results[3]))
        #expect(samples(results[3]) != samples(results[4]))
    }

    @Test("1, 2 and 3 threads give equal bits")
    func threads() throws {
        let frames = (0..<3).map { texturedFrame($0) }
        let results = try (1...3).map {
            try enhanced(frames, randomModel(), EnhancementOptions(threads: $0)).map(samples)
        }
        #expect(results[0] == results[1])
        #expect(results[0] == results[2])
    }

    @Test("More depth keeps the residual's fractions")
    func depth() throws {
        var options = EnhancementOptions(precision: .f32)
        options.depth = 10
        let frames = (0..<2).map { texturedFrame($0) }
        let results = try enhanced(frames, randomModel(), options)
        #expect(results[0].format.depth == 10)
        #expect(samples(results[0])[0].contains { $0 % 4 != 0 })
    }

    @Test("NaN and wild weights are refused instead of written")
    func guarding() throws {
        for value in [Float.nan, 1e6] {
            var model = randomModel()
            let exit = model.parameters.position(of: "generator.exit.bias")!
            model.parameters[exit] = Tensor(repeating: value, shape: [6])
            #expect(throws: EnhancementGuardError.self) {
                try enhanced([texturedFrame(0)], model, EnhancementOptions(precision: .f32))
            }
        }
    }
}
