import Media
import Quality
import Tensors
import Testing

@Suite("Damage map") struct DamageMapTests {
    @Test("The worse of quantiser and blind estimate counts, the latter less its error")
    func worse() {
        let blind = Tensor<Float>([8, 64, 8, 8], shape: [2, 2])
        let said = QuantiserMap(
            blockSize: 16, columns: 4, rows: 3, values: [Float](repeating: 1, count: 12),
            lumaSteps: (0..<12).map { $0 == 0 ? 128 : 16 })
        let map = DamageMap(width: 64, height: 48, quantisers: said, blindSteps: blind)
        #expect(map.worse.shape == [3, 4] && map.blind.shape == [3, 4])
        #expect(map.blind[0, 0] == 0 && abs(map.blind[0, 3] - 1) < 1e-6)
        #expect(abs(map.worse[0, 0] - 4.0 / 3) < 1e-6, "the file says worse")
        #expect(abs(map.worse[0, 2] - 2.0 / 3) < 1e-6, "the blind look sees worse")
        #expect(abs(map.worse[2, 0] - 1.0 / 3) < 1e-6, "the file says worse")
        let alone = DamageMap(width: 64, height: 48, quantisers: nil, blindSteps: blind)
        #expect(alone.worse == alone.blind)
    }

    @Test("Blocks larger than a cell, and maps that end early, are read where they are")
    func coverage() {
        let blind = Tensor<Float>(repeating: 1, shape: [2, 3])
        let said = QuantiserMap(
            blockSize: 64, columns: 1, rows: 1, values: [30], lumaSteps: [32])
        let map = DamageMap(width: 96, height: 64, quantisers: said, blindSteps: blind)
        #expect(abs(map.worse[3, 3] - 2.0 / 3) < 1e-6)
        #expect(map.worse[0, 4] == -1, "no quantiser there")
        let fine = QuantiserMap(
            blockSize: 8, columns: 12, rows: 8, values: [Float](repeating: 1, count: 96),
            lumaSteps: (0..<96).map { $0 == 13 ? 64 : 2 })
        let detailed = DamageMap(width: 96, height: 64, quantisers: fine, blindSteps: blind)
        #expect(abs(detailed.worse[0, 0] - 1) < 1e-6, "the worst of four blocks")
    }
}
