import Media
import Quality
import Tensors
import TestSupport
import Testing

@Suite("Blockiness") struct BlockinessTests {
    @Test(
        "A grid is found with its period and offset", arguments: [(8, 0), (8, 5), (12, 3), (16, 0)])
    func grid(period: Int, offset: Int) {
        var random = RandomSource(seed: UInt64(period + offset))
        let levels = (0..<4000).map { _ in random.index(below: 40) }
        let noise = (0..<320 * 240).map { _ in random.index(below: 4) }
        let plane = Plane(width: 320, height: 240) { x, y in
            let (i, j) = ((x - offset + period) / period, (y - offset + period) / period)
            return 100 + levels[j * 60 + i] + noise[y * 320 + x]
        }
        let blockiness = Blockiness(plane, depth: 8)
        #expect(blockiness.columns.period == Double(period))
        #expect(blockiness.columns.offset == Double(offset))
        #expect(blockiness.rows.period == Double(period))
        #expect(blockiness.strength > 2)
    }

    @Test("Noise has no grid")
    func noise() {
        var random = RandomSource(seed: 5)
        let samples = (0..<320 * 240).map { _ in 90 + random.index(below: 60) }
        let plane = Plane(width: 320, height: 240, samples: samples, depth: 8)
        #expect(Blockiness(plane, depth: 8).strength < 1.15)
    }
}
