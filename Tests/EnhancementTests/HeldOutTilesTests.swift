// Held-out tiles: what is measured of them, and how they are shown.
import Compute
import Networks
import Tensors
import TestSupport
import Testing

@testable import Enhancement

@Suite("Held-out tiles")
struct HeldOutTilesTests {
    private let folder = TemporaryFolder()
    private let generator = Generator(GeneratorShape(width: 16, blocks: 1))

    /// Tiles of a flat grey whose residual is one step of every packet.
    private func tiles(_ count: Int, size: Int = 12) throws -> String {
        let path = folder("tiles.safetensors")
        let channels = PairPacker.channels(Surroundings()), area = size * size
        var values = [Float](repeating: 0, count: count * channels * area)
        for tile in 0..<count {
            for channel in 16..<22 {
                for i in 0..<area { values[(tile * channels + channel) * area + i] = 1 }
            }
        }
        try Safetensors.write(
            [
                ("tiles", Tensor(values, shape: [count, channels, size, size])),
                ("weights", Tensor([Float](repeating: 1, count: count), shape: [count])),
            ], brain: ["tiles"], to: path)
        return path
    }

    private func parameters(exit: Float) -> Parameters {
        var random = RandomSource(seed: 2)
        var parameters = Parameters(initialising: generator, using: &random)
        for (path, tensor) in parameters where path.hasPrefix("generator.exit") {
            let at = parameters.position(of: path)!
            let isBias = path.hasSuffix("bias")
            parameters[at] = Tensor(
                [Float](repeating: isBias ? exit : 0, count: tensor.count), shape: tensor.shape)
        }
        return parameters
    }

    @Test("A generator that does nothing gains nothing; one that knows the half gains 6 dB")
    func gain() throws {
        let held = try HeldOutTiles(
            [try tiles(9)], count: 8, tileSize: 12, generator: generator,
            parameters: parameters(exit: 0), precision: .f32, threads: 1)
        let nothing = try held.measure(parameters(exit: 0))
        // Steps of 4, 4, 4 and 3 code values: a mean square of 14.25.
        #expect(abs(nothing.gain) < 1e-6 && abs(nothing.before - 36.593) < 0.01)
        let half = try held.measure(parameters(exit: 0.5))
        #expect(abs(half.gain - 6.0206) < 0.001, "\(half.gain)")
    }

    @Test("The picture has compressed, restored and pristine tiles side by side, enlarged twice")
    func picture() throws {
        let held = try HeldOutTiles(
            [try tiles(9)], count: 8, tileSize: 12, generator: generator,
            parameters: parameters(exit: 0), precision: .f32, threads: 1)
        func greens(_ exit: Float) throws -> [Int] {
            let picture = try held.picture(parameters(exit: exit), rows: 2)
            #expect(picture.width == 3 * 48 + 2 * 6 && picture.height == 2 * 48 + 6)
            // The second sample of the second row of each column, where all packets add up.
            return [0, 54, 108].map { Int(picture.pixels[3 * (2 * picture.width + $0 + 2) + 1]) }
        }
        let idle = try greens(0)
        #expect(idle[0] == idle[1] && idle[2] != idle[0], "\(idle)")
        let perfect = try greens(1)
        #expect(perfect[1] == perfect[2] && perfect[0] == idle[0], "\(perfect)")
    }

    @Test("The best blend is the one that restores most; a given share is kept as it is")
    func blend() throws {
        let (start, end) = (parameters(exit: 0), parameters(exit: 2))
        let held = try HeldOutTiles(
            [try tiles(9)], count: 8, tileSize: 12, generator: generator, parameters: start,
            precision: .f32, threads: 1)
        func bias(_ parameters: Parameters) -> Float {
            parameters["generator.exit.bias"]!.elements[0]
        }
        let best = try WeightBlend.best(
            from: start, to: end, measuring: held)
        #expect(best.share == 0.5 && bias(best.parameters) == 1)
        #expect(best.trials.map(\.share) == WeightBlend.trials)
        // Half a step too little or too much is equally far off; too far lost is nothing gained.
        #expect(abs(best.trials[1].gain - 6.0206) < 0.001 && abs(best.trials[4].gain) < 1e-3)
        let useless = try WeightBlend.best(from: start, to: parameters(exit: -2), measuring: held)
        #expect(useless.share == 0 && bias(useless.parameters) == 0)
        let given = try WeightBlend.share(0.75)(from: start, to: end, measuring: nil)
        #expect(given.share == 0.75 && bias(given.parameters) == 1.5 && given.trials.isEmpty)
        #expect(WeightBlend("auto") == .best && WeightBlend("0.2") == .share(0.2))
        #expect(WeightBlend("1.2") == nil && WeightBlend("nan") == nil && WeightBlend("") == nil)
    }
}
