// Networks that serve one video after the other.
import Media
import Networks
import Tensors
import TestSupport
import Testing

@testable import Enhancement

@Suite("Network pool")
struct NetworkPoolTests {
    private func model() -> EnhancementModel {
        var random = RandomSource(seed: 3)
        let generator = Generator(.live)
        var parameters = Parameters(initialising: generator, using: &random)
        let exit = parameters.position(of: "generator.exit.weight")!
        parameters[exit] = .normal(parameters[exit].shape, deviation: 0.05, using: &random)
        return EnhancementModel(name: "random", generator: generator, parameters: parameters)
    }

    private func enhanced(
        _ model: EnhancementModel, width: Int, pool: NetworkPool?, threads: Int = 1
    ) throws -> [UInt8] {
        var options = EnhancementOptions(precision: .f32, threads: threads)
        options.pool = pool
        let enhancer = try FrameEnhancer(model, width: width, height: 32, options: options)
        var random = RandomSource(seed: UInt64(width))
        var frames: [Frame] = []
        for time in 0..<3 {
            var frame = Frame(width: width, height: 32, format: FrameFormat(.yuv420))
            frame.timestamp = Int64(time)
            for plane in frame.planes {
                plane.withUnsafeMutableBytes { bytes in
                    for y in 0..<plane.height {
                        for x in 0..<plane.width {
                            bytes.storeBytes(
                                of: UInt8(truncatingIfNeeded: random.next()),
                                toByteOffset: y * plane.bytesPerRow + x, as: UInt8.self)
                        }
                    }
                }
            }
            frames += try enhancer.push(frame)
        }
        frames += try enhancer.flush()
        return frames.flatMap { frame in
            frame.planes.flatMap { plane in
                plane.withUnsafeBytes { bytes in
                    (0..<plane.height).flatMap { y in
                        (0..<plane.width).map {
                            bytes.load(fromByteOffset: y * plane.bytesPerRow + $0, as: UInt8.self)
                        }
                    }
                }
            }
        }
    }

    @Test("A network that has served another video gives the same bits as a new one")
    func reuse() throws {
        let model = model()
        let pool = NetworkPool()
        let widths = [48, 64, 48, 48, 64]
        for width in widths {
            #expect(
                try enhanced(model, width: width, pool: pool)
                    == enhanced(model, width: width, pool: nil))
        }
        #expect(pool.compilations.count == 2)
        _ = try enhanced(model, width: 48, pool: pool, threads: 2)
        #expect(pool.compilations.count == 3)
    }

    @Test("Of more networks than may wait the oldest goes")
    func limit() throws {
        let model = model()
        let pool = NetworkPool(limit: 1)
        for width in [48, 64, 64, 48] { _ = try enhanced(model, width: width, pool: pool) }
        #expect(pool.compilations.count == 3)
    }
}
