// Losses: known values, limits, and SSIM against its definition.
import Glibc
import Graphs
import Tensors
import TestSupport
import Testing

@Suite("Losses")
struct LossTests {
    private let x = Tensor<Double>([1, -2, 3, 0], shape: [2, 2])
    private let t = Tensor<Double>([0, 0, 1, 0], shape: [2, 2])

    private func loss(_ body: (Value, Value) -> Value) throws -> Double {
        try evaluate(["x": x, "t": t]) { body($0["x"]!, $0["t"]!) }.item
    }

    @Test("L1, L2 and Charbonnier of known differences")
    func regression() throws {
        #expect(try loss { $0.absoluteError(to: $1) } == 1.25)
        #expect(try loss { $0.squaredError(to: $1) } == 2.25)
        let smooth = try loss { $0.charbonnier(to: $1, epsilon: 2) }
        let expected = (5.0.squareRoot() + 2 * 8.0.squareRoot() + 2) / 4
        #expect(abs(smooth - expected) <= 1e-12)
    }

    @Test("Cross-entropy of equal logits is the logarithm of the number of classes")
    func uniformLogits() throws {
        let values = [
            "x": Tensor<Double>(repeating: 3, shape: [2, 7, 3]),
            "t": Tensor<Double>([0, 1, 2, 3, 4, 6], shape: [2, 3]),
        ]
        let result = try evaluate(values) { $0["x"]!.crossEntropy(indices: $0["t"]!) }
        #expect(abs(result.item - Double.log(7)) <= 1e-12)
    }

    @Test("Cross-entropy has the value of ONNX Runtime, by indices and by one-hot codes")
    func crossEntropy() throws {
        let logits = Tensor<Double>([1, 2, 3, 0, -1, 4], shape: [2, 3])
        let byIndex = try evaluate(["x": logits, "t": Tensor([2, 0], shape: [2])]) {
            $0["x"]!.crossEntropy(indices: $0["t"]!)
        }
        let codes = Tensor<Double>([0, 0, 1, 1, 0, 0], shape: [2, 3])
        let byCode = try evaluate(["x": logits, "t": codes]) {
            $0["x"]!.crossEntropy(probabilities: $0["t"]!)
        }
        #expect(abs(byIndex.item - 2.216176) <= 1e-6)
        #expect(byIndex == byCode)
    }

    @Test("Binary cross-entropy follows its definition and stays finite for huge logits")
    func binaryCrossEntropy() throws {
        let logits = random([5, 7])
        let targets = random([5, 7], seed: 9).map { ($0 + 1) / 2 }
        let found = try evaluate(["x": logits, "t": targets]) {
            $0["x"]!.binaryCrossEntropy(targets: $0["t"]!)
        }
        let terms = zip(logits.elements, targets.elements).map { logit, target in
            let probability = 1 / (1 + exp(-logit))
            return -target * log(probability) - (1 - target) * log(1 - probability)
        }
        #expect(abs(found.item - terms.reduce(0, +) / 35) <= 1e-12)
        let huge = try evaluate([
            "x": Tensor([1000, -1000], shape: [2]), "t": Tensor([1, 0], shape: [2]),
        ]) { $0["x"]!.binaryCrossEntropy(targets: $0["t"]!) }
        #expect(huge.item == 0)
    }

    @Test("SSIM equals its definition, window by window")
    func structuralSimilarity() throws {
        let a = random([1, 2, 13, 12]).map { 0.5 + 0.4 * $0 }
        let b = Tensor(
            zip(a.elements, random(a.shape, seed: 5).elements).map { $0 + 0.1 * $1 },
            shape: a.shape)
        let found = try evaluate(["a": a, "b": b]) { $0["a"]!.structuralSimilarity(to: $0["b"]!) }
        var weights = (0..<121).map { i in
            let (y, x) = (Double(i / 11 - 5), Double(i % 11 - 5))
            return exp(-(x * x + y * y) / (2 * 1.5 * 1.5))
        }
        let total = weights.reduce(0, +)
        weights = weights.map { $0 / total }
        var sum = 0.0
        for c in 0..<2 {
            for top in 0..<3 {
                for left in 0..<2 {
                    func mean(_ value: (Int, Int) -> Double) -> Double {
                        weights.enumerated().reduce(0) {
                            $0 + $1.element * value(top + $1.offset / 11, left + $1.offset % 11)
                        }
                    }
                    let (meanA, meanB) = (mean { a[0, c, $0, $1] }, mean { b[0, c, $0, $1] })
                    let varianceA = mean { pow(a[0, c, $0, $1] - meanA, 2) }
                    let varianceB = mean { pow(b[0, c, $0, $1] - meanB, 2) }
                    let covariance = mean { (a[0, c, $0, $1] - meanA) * (b[0, c, $0, $1] - meanB) }
                    let luminance =
                        (2 * meanA * meanB + 1e-4) / (meanA * meanA + meanB * meanB + 1e-4)
                    sum += luminance * (2 * covariance + 9e-4) / (varianceA + varianceB + 9e-4)
                }
            }
        }
        #expect(abs(found.item - sum / 12) <= 1e-10)
    }

    @Test("The SSIM of a picture and itself is 1, and does not depend on the scale of both")
    func similarityLaws() throws {
        let values = ["a": random([2, 3, 12, 11]), "b": random([2, 3, 12, 11], seed: 8)]
        let same = try evaluate(values) { $0["a"]!.structuralDissimilarity(to: $0["a"]!) }
        #expect(abs(same.item) <= 1e-12)
        let unit = try evaluate(values) { $0["a"]!.structuralSimilarity(to: $0["b"]!) }
        let bytes = try evaluate(values) {
            (255 * $0["a"]!).structuralSimilarity(to: 255 * $0["b"]!, peak: 255)
        }
        #expect(abs(unit.item - bytes.item) <= 1e-10)
    }
}
