import Learning
import Tensors
import Testing

@Suite("Gradient norm")
struct GradientNormTests {
    @Test("The norm is that of all gradients as one vector")
    func norm() {
        let gradients = [
            "a": Tensor<Float>(repeating: 3, shape: [4, 5]), "b": Tensor<Float>([4], shape: [1]),
        ]
        #expect(abs(globalNorm(of: gradients) - (20 * 9 + 16.0).squareRoot()) < 1e-12)
    }

    @Test("Clipping shortens what is too long, keeps the direction, and leaves the rest alone")
    func clipping() {
        var random = RandomSource(seed: 1)
        let original = [
            "a": Tensor<Float>.normal([17], using: &random),
            "b": Tensor<Float>.normal([3, 3], using: &random),
        ]
        var gradients = original
        let norm = clip(&gradients, toNorm: 0.5)
        #expect(norm == globalNorm(of: original))
        #expect(abs(globalNorm(of: gradients) - 0.5) < 1e-6)
        for (path, tensor) in original {
            for (a, b) in zip(tensor.elements, gradients[path]!.elements) {
                #expect(abs(Double(a) * 0.5 / norm - Double(b)) < 1e-7)
            }
        }
        var short = gradients
        clip(&short, toNorm: 1)
        #expect(short == gradients)
    }

    @Test(
        "One element that is not finite makes the norm not finite",
        arguments: [Float.nan, .infinity])
    func finite(value: Float) {
        for position in 0..<20 {
            var gradient = Tensor<Float>(repeating: 1, shape: [20])
            gradient[position] = value
            #expect(!globalNorm(of: ["a": gradient]).isFinite)
        }
        // Squares of large but finite numbers do not overflow.
        let large = Tensor<Float>(repeating: .greatestFiniteMagnitude, shape: [9])
        #expect(globalNorm(of: ["a": large]).isFinite)
    }
}
