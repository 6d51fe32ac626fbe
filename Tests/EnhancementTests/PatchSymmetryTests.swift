import Enhancement
import Graphs
import Networks
import Tensors
import TestSupport
import Testing
import Wavelets

@Suite("Patch symmetries")
struct PatchSymmetryTests {
    /// A picture mirrored along either axis.
    private func mirrored(_ x: Tensor<Float>, _ mirrorsX: Bool, _ mirrorsY: Bool) -> Tensor<Float> {
        var result = x
        let (h, w) = (x.shape[2], x.shape[3])
        for row in 0..<h {
            for column in 0..<w {
                result[0, 0, row, column] =
                    x[0, 0, mirrorsY ? h - 1 - row : row, mirrorsX ? w - 1 - column : column]
            }
        }
        return result
    }

    @Test("Packets of a mirrored picture are the mirrored packets with the signs that are applied")
    func packets() {
        var random = RandomSource(seed: 4)
        let picture = Tensor<Float>.uniform([1, 1, 8, 6], using: &random)
        let transform = PacketTransform(levels: 1)
        let packets = transform(picture)
        for (mirrorsX, mirrorsY) in [(true, false), (false, true), (true, true)] {
            let expected = transform(mirrored(picture, mirrorsX, mirrorsY))
            let symmetry = PatchSymmetry(
                mirrorsX: mirrorsX, mirrorsY: mirrorsY, reversesTime: false)
            for subband in 0..<4 {
                for row in 0..<4 {
                    for column in 0..<3 {
                        let source = packets[
                            0, subband, mirrorsY ? 3 - row : row, mirrorsX ? 2 - column : column]
                        let value = symmetry.sign(ofSubband: subband) * source
                        #expect(abs(value - expected[0, subband, row, column]) < 1e-6)
                    }
                }
            }
        }
    }

    @Test("A drawn patch is the packets of a turned picture, and every way of turning is drawn")
    func drawing() throws {
        let folder = TemporaryFolder()
        let (size, channels) = (6, PairPacker.channels(Surroundings(frames: 5)))
        var random = RandomSource(seed: 9)
        let transform = PacketTransform(levels: 1)
        let groups = [0, 6, 10, 16, 20, 32]
        let pictures = groups.map { _ in
            Tensor<Float>.uniform([1, 1, 2 * size, 2 * size], using: &random)
        }
        var tile = Tensor<Float>.uniform([1, channels, size, size], using: &random)
        for (first, picture) in zip(groups, pictures) {
            copy(transform(picture), 0..<4, into: &tile, at: first)
        }
        try Safetensors.write(
            [("tiles", tile), ("weights", Tensor(repeating: 1, shape: [1]))], brain: ["tiles"],
            to: folder.path + "/a.tiles")
        let sampler = try TileSampler(
            [folder.path + "/a.tiles"], patchSize: size, surroundings: Surroundings(frames: 5))
        // What each symmetry should give, time left as it is or reversed.
        var expected: [[Float]] = []
        for bits in 0..<16 {
            let order = bits & 8 == 0 ? [0, 1, 2, 3, 4, 5] : [0, 2, 1, 4, 3, 5]
            var turned = Tensor<Float>(shape: [1, channels, size, size])
            for (first, source) in zip(groups, order) {
                var picture = pictures[source]
                if bits & 4 != 0 { picture = Transpose([0, 1, 3, 2]).forward([picture]) }
                copy(
                    transform(mirrored(picture, bits & 1 != 0, bits & 2 != 0)), 0..<4,
                    into: &turned,
                    at: first)
            }
            expected.append(turned.elements)
        }
        var seen: Set<Int> = []
        let area = size * size
        var (packets, residual) = (
            [Float](repeating: 0, count: 32 * area), [Float](repeating: 0, count: 6 * area)
        )
        var weight: Float = 0
        let compared = groups.flatMap { $0 * area..<($0 + 4) * area }
        for _ in 0..<200 {
            sampler.draw(
                1, using: &random, packets: &packets, residual: &residual, weights: &weight)
            let drawn = packets + residual
            // Tiles are stored as bfloat16.
            let match = expected.firstIndex { turned in
                compared.allSatisfy { abs(turned[$0] - drawn[$0]) < 0.02 }
            }
            seen.insert(try #require(match))
        }
        #expect(seen.count == 16)
    }

    /// Copies channels of one tensor over those of another that begin at `first`.
    private func copy(
        _ source: Tensor<Float>, _ channels: Range<Int>, into target: inout Tensor<Float>,
        at first: Int
    ) {
        for channel in channels {
            for y in 0..<source.shape[2] {
                for x in 0..<source.shape[3] {
                    target[0, first + channel, y, x] = source[0, channel, y, x]
                }
            }
        }
    }

    @Test("Reversed time swaps the neighbours and nothing else")
    func time() {
        let symmetry = PatchSymmetry(mirrorsX: false, mirrorsY: false, reversesTime: true)
        #expect(symmetry.input(NetworkChannels.previous + 2).channel == NetworkChannels.next + 2)
        #expect(symmetry.input(NetworkChannels.next).channel == NetworkChannels.previous)
        #expect(symmetry.input(NetworkChannels.u).channel == NetworkChannels.u)
    }
}
