import Tensors
import Testing

@testable import Compute

@Suite("Calibration")
struct CalibrationTests {
    @Test("Ranges lie around 0 and are finite")
    func ranges() {
        #expect(Calibration.Ranges(low: [-1, 0], high: [2, 0]) != nil)
        let bad: [([Float], [Float])] = [
            ([1], [2]), ([-2], [-1]), ([-1], [1, 2]), ([.nan], [1]), ([-1], [.nan]),
            ([-.infinity], [1]), ([0], [.infinity]),
        ]
        for (low, high) in bad { #expect(Calibration.Ranges(low: low, high: high) == nil) }
    }

    @Test("Activations stand for 0 exactly, and for the ends of the range within half a step")
    func activations() throws {
        for (low, high) in [(-3, 5), (0, 1), (-1, 0), (-1e-3, 100), (0, 0)] as [(Float, Float)] {
            let made = ActivationScale(try #require(Calibration.Ranges(low: [low], high: [high])))
            let (scale, zero) = (made.scale[0], made.zero[0])
            #expect((0...127).contains(zero))
            #expect(scale > 0)
            #expect(abs(Float(127 - zero) * scale - high) <= scale * 0.51 || high == 0)
            #expect(abs(Float(-zero) * scale - low) <= scale * 0.51)
        }
    }

    @Test("Rounded weights are within half a step of the transformed ones")
    func weights() throws {
        var random = RandomSource(seed: 3)
        let channels = 16
        let weights = Tensor<Float>.normal(
            [channels, channels, 3, 3], deviation: 1, using: &random)
        let activations = ActivationScale(
            try #require(
                Calibration.Ranges(
                    low: [Float](repeating: -1, count: channels),
                    high: (1...channels).map { Float($0) })))
        weights.withUnsafeBufferPointer { w in
            let made = QuantisedWeights(
                w.baseAddress!, channels: channels, activations: activations)
            for output in 0..<channels {
                for input in 0..<channels {
                    for tap in 0..<3 {
                        let at = (output * channels + input) * 9 + tap
                        let sums = [
                            w[at], (w[at] + w[at + 3] + w[at + 6]) / 2,
                            (w[at] - w[at + 3] + w[at + 6]) / 2, -w[at + 6],
                        ]
                        for (position, sum) in sums.enumerated() {
                            let value = Float(made.value(position, tap, output, input))
                            let error =
                                value * made.scale[output] - sum * activations.scale[input]
                            #expect(abs(error) <= made.scale[output] * 0.501)
                        }
                    }
                }
            }
        }
    }

    @Test("A histogram keeps all of a uniform range and clips what is rare")
    func histogram() {
        var random = RandomSource(seed: 5)
        var uniform = ValueHistogram(), rare = ValueHistogram()
        for _ in 0..<200_000 {
            let value = Float(random.uniform()) * 3 - 1
            uniform.add(value)
            rare.add(max(value, 0))
        }
        rare.add(10)
        rare.add(.nan)
        rare.add(-.infinity)
        #expect(uniform.bestRange.low == uniform.low)
        #expect(uniform.bestRange.high == uniform.high)
        #expect(uniform.low >= -1 && uniform.high <= 2)
        #expect(rare.high == 10)
        #expect(rare.bestRange.high < 8)
        // What was never seen is 0.
        #expect(ValueHistogram().bestRange == (0, 0))
    }
}
