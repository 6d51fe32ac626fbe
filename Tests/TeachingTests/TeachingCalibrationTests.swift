import Glibc
import Tensors
import Testing

@testable import Teaching

@Suite("Teaching calibration")
struct TeachingCalibrationTests {
    @Test("Probabilities are found again that evidence was drawn by")
    func fitting() {
        var random = RandomSource(seed: 4)
        let samples = (0..<20_000).map { _ in
            let evidence = -6 * random.uniform()
            let probability = 1 / (1 + exp(-1.5 * evidence - 2))
            return (evidence: evidence, isSo: random.uniform() < probability)
        }
        let fitted = TeachingCalibration(fitting: [2: samples])
        for evidence in [-5.0, -2, -1, 0] {
            let probability = 1 / (1 + exp(-1.5 * evidence - 2))
            #expect(abs(fitted.probability(evidence, examples: 2) - probability) < 0.03)
        }
    }

    @Test("The line of as many examples counts, or of the next fewer")
    func lines() throws {
        let some = try #require(TeachingCalibration("5 0 2, 1 0 -2"))
        func offset(_ examples: Int) -> Double {
            let p = some.probability(-3, examples: examples)
            return log(p / (1 - p))
        }
        #expect(abs(offset(1) + 2) < 1e-9 && abs(offset(4) + 2) < 1e-9)
        #expect(abs(offset(5) - 2) < 1e-9 && abs(offset(40) - 2) < 1e-9)
        #expect(TeachingCalibration(some.description) == some)
        for wrong in ["", "1 2", "0 1 1", "1 nan 2", "1 2 3, x"] {
            #expect(TeachingCalibration(wrong) == nil)
        }
    }
}
