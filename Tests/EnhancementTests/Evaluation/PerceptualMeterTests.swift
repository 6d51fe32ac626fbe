import Media
import TestSupport
import Testing

@testable import Enhancement

@Suite("Detail and harm")
struct PerceptualMeterTests {
    private let pristine = Plane(width: 64, height: 64) { x, y in 100 + 20 * ((x + y) % 2) }
    private let flat = Plane(width: 64, height: 64) { _, _ in 110 }

    @Test("What is put back where it was missing correlates; noise elsewhere does not")
    func detail() {
        var none = DetailFigures(), half = DetailFigures(), wrong = DetailFigures()
        none.add(pristine, flat, flat)
        #expect(none.ratioBefore == 0 && none.ratioAfter == 0 && none.correlation == 0)
        half.add(pristine, flat, Plane(width: 64, height: 64) { x, y in 105 + 10 * ((x + y) % 2) })
        #expect(abs(half.ratioAfter - 0.25) < 1e-6)
        #expect(abs(half.correlation - 1) < 1e-6)
        // As much energy as was missing, in another subband.
        wrong.add(pristine, flat, Plane(width: 64, height: 64) { x, _ in 100 + 20 * (x % 2) })
        #expect(abs(wrong.ratioAfter - 1) < 1e-6)
        #expect(abs(wrong.correlation) < 1e-6)
    }

    @Test("A block is harmed where it lost more than half a decibel, and nowhere else")
    func harm() {
        let before = Plane(width: 64, height: 64) { x, y in pristine[x, y] + 10 }
        // The first of four blocks loses 0.83 dB, the second gains, the third loses 0.1 dB.
        let after = Plane(width: 64, height: 64) { x, y in
            switch (x / 32, y / 32) {
            case (0, 0): pristine[x, y] + 11
            case (1, 0): pristine[x, y] + 4
            case (0, 1): pristine[x, y] + (x % 8 == 0 ? 11 : 10)
            default: pristine[x, y] + 10
            }
        }
        var harm = HarmFigures()
        harm.add(pristine, before, after, depth: 8)
        #expect(harm.blocks == 4 && harm.harmed == 1)
        // Of equal frames no block is harmed by a step in a hundred samples.
        var little = HarmFigures()
        little.add(
            pristine, pristine,
            Plane(width: 64, height: 64) { x, y in pristine[x, y] + (x == 5 && y == 5 ? 1 : 0) },
            depth: 8)
        #expect(little.harmed == 0)
    }
}
