import Media
import Quality
import TestSupport
import Testing

@Suite("Subband energy") struct SubbandEnergyTests {
    @Test("Stripes have energy in one subband only")
    func stripes() {
        let vertical = SubbandEnergy(Plane(width: 70, height: 36) { x, _ in x % 2 * 20 }, depth: 8)
        #expect(vertical.hl == 400 && vertical.lh == 0 && vertical.hh == 0)
        let flat = SubbandEnergy(Plane(width: 600, height: 35) { _, y in y % 2 * 20 }, depth: 8)
        #expect(flat.lh == 400 && flat.hl == 0 && flat.hh == 0)
        let checks = SubbandEnergy(Plane(width: 8, height: 8) { ($0 + $1) % 2 * 20 }, depth: 8)
        #expect(checks.hh == 400 && checks.hl == 0)
    }

    @Test("Units do not depend on the depth; ratios compare with a reference")
    func ratios() {
        let a = SubbandEnergy(Plane(width: 64, height: 64) { ($0 * 37 + $1 * 11) % 64 }, depth: 8)
        let b = SubbandEnergy(
            Plane(width: 64, height: 64, bytesPerSample: 2) {
                ($0 * 37 + $1 * 11) % 64 * 1023 / 255
            },
            depth: 10)
        #expect(abs(b.detailRatios(to: a).hl - 1) < 0.02)
        let smooth = SubbandEnergy(Plane(width: 64, height: 64) { x, _ in x }, depth: 8)
        #expect(smooth.detailRatios(to: a).hh == 0)
        #expect(smooth.detailRatios(to: smooth).hh == 1)
        #expect(a.detailRatios(to: smooth).hh == .infinity)
    }
}
