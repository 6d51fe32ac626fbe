import Enhancement
import Media
import Testing

@Suite("Damage gate")
struct DamageGateTests {
    private func map(_ step: Float) -> QuantiserMap {
        QuantiserMap(
            blockSize: 16, columns: 2, rows: 1, values: [0, 0], lumaSteps: [step, step])
    }

    @Test("Fine quantisers mean no correction, coarse ones all of it, and between it grows")
    func quantisers() {
        let shares = [4, 9, 12, 16, 21, 50].map {
            DamageGate.share(quantisers: map($0), bitsPerPixel: nil)
        }
        #expect(shares.first == 0 && shares[1] == 0)
        #expect(shares[4] == 1 && shares[5] == 1)
        #expect(shares == shares.sorted() && shares[2] > 0 && shares[3] < 1)
    }

    @Test("Without quantisers many bits mean no correction; without either it is all given")
    func bits() {
        #expect(DamageGate.share(quantisers: nil, bitsPerPixel: 0.05) == 1)
        #expect(DamageGate.share(quantisers: nil, bitsPerPixel: 0.5) == 0)
        #expect(DamageGate.share(quantisers: nil, bitsPerPixel: nil) == 1)
        #expect(DamageGate.share(quantisers: map(50), bitsPerPixel: 5) == 1)
    }

    @Test("A frame that needs nothing comes back sample for sample")
    func untouched() throws {
        var frames = (0..<3).map { texturedFrame($0) }
        for index in frames.indices { frames[index].quantisers = map(2) }
        let results = try enhanced(frames, randomModel(), EnhancementOptions(precision: .f32))
        #expect(results.map(samples) == frames.map(samples))
    }
}
