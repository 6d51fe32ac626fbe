import Tensors
import Testing

@testable import Interaction

@Suite("How sure average precision is")
struct DetectionBootstrapTests {
    /// Pictures with one thing each, of which a detector finds a share.
    private func scene(_ count: Int, found share: Double, seed: UInt64) -> (
        truth: [[TrueBox]], found: [[Detection]]
    ) {
        var random = RandomSource(seed: seed)
        let box = Box(10, 10, 50, 50)
        return (
            (0..<count).map { _ in [TrueBox(box, category: 0)] },
            (0..<count).map { _ in
                let isFound = random.uniform() < share
                let place = isFound ? box : Box(100, 100, 140, 140)
                return [Detection(place, category: 0, score: random.uniform())]
            }
        )
    }

    @Test("The figure is COCO's, whatever is drawn, and lies in its interval")
    func figure() throws {
        let (truth, found) = scene(60, found: 0.7, seed: 3)
        let exact = try #require(DetectionAccuracy(truth: truth, detections: found).scores.at50)
        let bootstrap = DetectionBootstrap(truth: truth, found: [found], draws: 200)
        let estimate = try #require(bootstrap.precision(of: [0]).figures[0])
        #expect(abs(estimate.value - exact) < 1e-12)
        #expect(estimate.interval.contains(exact))
        #expect(estimate.interval.upperBound - estimate.interval.lowerBound > 0.05)
    }

    @Test("More pictures make it narrower, by the root of their number")
    func width() throws {
        func width(_ count: Int) throws -> Double {
            let (truth, found) = scene(count, found: 0.6, seed: 5)
            let bootstrap = DetectionBootstrap(truth: truth, found: [found], draws: 400)
            let interval = try #require(bootstrap.precision(of: [0]).figures[0]).interval
            return interval.upperBound - interval.lowerBound
        }
        let ratio = try width(40) / width(640)
        #expect(ratio > 2.4 && ratio < 6.5, "\(ratio)")
    }

    @Test("Two detectors see the same draws: one is exactly itself")
    func ratios() throws {
        let (truth, found) = scene(50, found: 0.7, seed: 7)
        let half = found.enumerated().map { $0.offset % 2 == 0 ? $0.element : [] }
        let bootstrap = DetectionBootstrap(truth: truth, found: [found, found, half], draws: 300)
        let ratios = bootstrap.precision(of: [0]).ratios
        #expect(ratios[1] == Estimate(value: 1, interval: 1...1))
        let less = try #require(ratios[2])
        #expect(less.value < 0.8 && less.interval.upperBound < 1)
    }

    @Test("Kinds that no picture shows have no figure")
    func missing() {
        let (truth, found) = scene(5, found: 1, seed: 1)
        let bootstrap = DetectionBootstrap(truth: truth, found: [found], draws: 20)
        let none = bootstrap.precision(of: [7])
        #expect(none.figures == [nil] && none.ratios == [nil])
    }
}
