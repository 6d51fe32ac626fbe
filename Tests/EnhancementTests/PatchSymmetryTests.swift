import Enhancement
import Tensors
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

    @Test("Reversed time swaps the neighbours and nothing else")
    func time() {
        let symmetry = PatchSymmetry(mirrorsX: false, mirrorsY: false, reversesTime: true)
        #expect(symmetry.input(NetworkChannels.previous + 2).channel == NetworkChannels.next + 2)
        #expect(symmetry.input(NetworkChannels.next).channel == NetworkChannels.previous)
        #expect(symmetry.input(NetworkChannels.u).channel == NetworkChannels.u)
    }
}
