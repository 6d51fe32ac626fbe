import Media
import Tensors
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
        let nothing = none.levels[0]
        #expect(nothing.ratioBefore == 0 && nothing.ratioAfter == 0 && nothing.correlation == 0)
        half.add(pristine, flat, Plane(width: 64, height: 64) { x, y in 105 + 10 * ((x + y) % 2) })
        #expect(abs(half.levels[0].ratioAfter - 0.25) < 1e-6)
        #expect(abs(half.levels[0].correlation - 1) < 1e-6)
        // As much energy as was missing, in another subband.
        wrong.add(pristine, flat, Plane(width: 64, height: 64) { x, _ in 100 + 20 * (x % 2) })
        #expect(abs(wrong.levels[0].ratioAfter - 1) < 1e-6)
        #expect(abs(wrong.levels[0].correlation) < 1e-6)
    }

    @Test(
        "Coarser detail belongs to its own level, whatever the picture's size", arguments: [64, 75])
    func levels(size: Int) {
        for level in 0..<3 {
            let side = 1 << level
            let stripes = Plane(width: size, height: size) { x, _ in 100 + 20 * (x / side % 2) }
            let faint = Plane(width: size, height: size) { x, _ in 105 + 10 * (x / side % 2) }
            var figures = DetailFigures()
            figures.add(stripes, Plane(width: size, height: size) { _, _ in 110 }, faint)
            for (other, found) in figures.levels.enumerated() {
                // Levels that nothing is missing of are whole.
                #expect(abs(found.ratioAfter - (other == level ? 0.25 : 1)) < 1e-6)
                #expect(abs(found.correlation - (other == level ? 1 : 0)) < 1e-6)
            }
        }
    }

    @Test("An unsharp mask's correlation is that of its own addition, at any amount")
    func unsharp() {
        var random = RandomSource(seed: 4)
        let texture = (0..<64 * 64).map { _ in 40 + random.index(below: 160) }
        let original = Plane(width: 64, height: 64) { x, y in texture[y * 64 + x] }
        func at(_ x: Int, _ y: Int) -> Double {
            Double(texture[min(max(y, 0), 63) * 64 + min(max(x, 0), 63)])
        }
        let taps = [1.0, 4, 6, 4, 1]
        func sharp(_ amount: Double) -> Plane {
            Plane(width: 64, height: 64) { x, y in
                var blur = 0.0
                for v in 0..<5 {
                    for u in 0..<5 { blur += taps[u] * taps[v] * at(x + u - 2, y + v - 2) / 256 }
                }
                return min(max(Int((at(x, y) + amount * (at(x, y) - blur)).rounded()), 0), 255)
            }
        }
        let pristine = Plane(width: 64, height: 64) { x, y in
            min(max(Int(at(x, y) + 3 * (at(x, y) - at(x - 1, y - 1))) / 4 + 30, 0), 255)
        }
        for amount in [0.1, 0.2] {
            var figures = DetailFigures()
            figures.add(pristine, original, sharp(amount))
            let found = figures.levels[0]
            #expect(abs(found.unsharpCorrelation) > 0.05)
            #expect(abs(found.unsharpCorrelation - found.correlation) < 0.01)
        }
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
