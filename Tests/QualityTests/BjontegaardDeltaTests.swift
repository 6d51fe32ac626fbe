import Glibc
import Quality
import Testing

@Suite("Bjøntegaard delta rate")
struct BjontegaardDeltaTests {
    private func curve(_ points: [(Double, Double)]) -> [RatePoint] {
        points.map { RatePoint(rate: $0.0, decibels: $0.1) }
    }

    private let reference: [(Double, Double)] = [(1, 30), (2.1, 33), (4.5, 36.5), (9, 39)]

    @Test("A curve of twice the rates costs 100 %, the same curve nothing")
    func factor() throws {
        let doubled = reference.map { (2 * $0.0, $0.1) }
        let costs = try #require(
            bjontegaardRate(reference: curve(reference), test: curve(doubled)))
        #expect(abs(costs - 1) < 1e-12)
        let saves = try #require(
            bjontegaardRate(reference: curve(doubled), test: curve(reference)))
        #expect(abs(saves + 0.5) < 1e-12)
        #expect(bjontegaardRate(reference: curve(reference), test: curve(reference)) == 0)
    }

    @Test("Half a decibel more on a straight curve saves what half a decibel costs")
    func shift() throws {
        // 6 dB a doubling.
        let straight = (0..<4).map { (pow(2, Double($0)), 30 + 6 * Double($0)) }
        let better = straight.map { ($0.0, $0.1 + 0.5) }
        let saves = try #require(bjontegaardRate(reference: curve(straight), test: curve(better)))
        #expect(abs(saves - (pow(2, -0.5 / 6) - 1)) < 1e-9)
    }

    @Test("Only qualities that both reach count, in any order of points")
    func overlap() throws {
        let part = curve(Array(reference[1...])).map {
            RatePoint(rate: 1.1 * $0.rate, decibels: $0.decibels)
        }
        // A cubic through fewer points differs a little where it ends.
        let costs = try #require(
            bjontegaardRate(reference: curve(reference.reversed()), test: part))
        #expect(abs(costs - 0.1) < 0.02)
    }

    @Test("Curves that are none give nothing")
    func nonsense() {
        let good = curve(reference)
        for bad in [
            [], curve([(1, 30)]), curve([(1, 30), (2, 30)]), curve([(2, 30), (1, 33)]),
            curve([(0, 30), (1, 33)]), curve([(1, 50), (2, 60)]),
        ] {
            #expect(bjontegaardRate(reference: good, test: bad) == nil)
        }
    }
}
