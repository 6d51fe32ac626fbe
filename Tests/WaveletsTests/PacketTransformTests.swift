import Tensors
import Testing
import Wavelets

@Suite("Packet transform") struct PacketTransformTests {
    @Test("One level follows the published formulas, subband-major")
    func formulas() {
        let y = PacketTransform(levels: 1)(Tensor([1, 3, 2, 4], shape: [1, 1, 2, 2]))
        #expect(y == Tensor([5, 2, 1, 0], shape: [1, 4, 1, 1]))
        let two = Tensor<Float>([1, 3, 2, 4, 10, 30, 20, 40], shape: [1, 2, 2, 2])
        #expect(PacketTransform(levels: 1)(two).elements == [5, 50, 2, 20, 1, 10, 0, 0])
    }

    @Test("Fast kernels equal the reference on random shapes", arguments: 0..<24)
    func reference(seed: Int) {
        var random = RandomSource(seed: UInt64(seed))
        let levels = seed % 4
        let unit = 1 << levels
        let shape: Shape = [
            1 + random.index(below: 2), 1 + random.index(below: 3),
            unit * (1 + random.index(below: 9)), unit * (1 + random.index(below: 300 / unit)),
        ]
        let x = Tensor<Float>.normal(shape, deviation: 100, using: &random)
        let fast = PacketTransform(levels: levels)
        let readable = ReferencePacketTransform(levels: levels)
        let packets = readable(x)
        #expect(fast(x).shape == packets.shape)
        #expect(difference(fast(x), packets) <= 1e-6)
        #expect(difference(fast.inverse(packets), readable.inverse(packets)) <= 1e-6)
        #expect(fast(x, threads: 1) == fast(x, threads: 3))
    }

    @Test("Inverse packets restore 12-bit integers exactly", arguments: 1...6)
    func exactness(levels: Int) {
        var random = RandomSource(seed: UInt64(levels))
        let shape: Shape = [1, 2, 128, 192]
        let x = Tensor<Float>(shape: shape) { values in
            for i in 0..<values.count { values[i] = Float(random.index(below: 4096)) }
        }
        let transform = PacketTransform(levels: levels)
        #expect(transform.inverse(transform(x)) == x)
    }

    @Test("The transform keeps energy")
    func energy() {
        var random = RandomSource(seed: 7)
        let x = Tensor<Float>.normal([2, 3, 32, 64], using: &random)
        let y = PacketTransform(levels: 2)(x)
        let before = x.elements.reduce(0.0) { $0 + Double($1) * Double($1) }
        let after = y.elements.reduce(0.0) { $0 + Double($1) * Double($1) }
        #expect(abs(before - after) <= 1e-5 * before)
    }

    private func difference(_ a: Tensor<Float>, _ b: Tensor<Float>) -> Float {
        let scale = b.elements.reduce(Float.leastNormalMagnitude) { max($0, abs($1)) }
        return zip(a.elements, b.elements).reduce(0) { max($0, abs($1.0 - $1.1)) } / scale
    }
}
