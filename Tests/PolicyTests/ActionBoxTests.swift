import Tensors
import Testing

@testable import Policy

@Suite struct ActionBoxTests {
    @Test(
        "Noise has the deviation asked for, differs from number to number, and never leaves the box"
    )
    func noise() {
        let box = ActionBox(2, limit: 4)
        var random = RandomSource(seed: 1)
        let noisy = box.noisy(Tensor(shape: [4000, 2]), deviation: 0.1, using: &random).elements
        let squares = noisy.reduce(0.0) { $0 + Double($1 * $1) }
        #expect(abs((squares / 8000).squareRoot() - 0.4) < 0.02)
        #expect(Set(noisy).count > 7900)
        let limited = box.noisy(
            Tensor(repeating: 3.9, shape: [4000, 2]), deviation: 0.2, most: 0.5, using: &random
        ).elements
        #expect(limited.allSatisfy { $0 >= 3.9 - 2.001 && $0 <= 4 })
        #expect(limited.contains { $0 < 2.1 } && limited.contains(4))
    }

    @Test("Random actions reach all parts of the box")
    func random() {
        var random = RandomSource(seed: 2)
        let numbers = (0..<2000).flatMap { _ in ActionBox(3, limit: 0.5).random(using: &random) }
        #expect(numbers.min().map { $0 < -0.49 } == true)
        #expect(numbers.max().map { $0 > 0.49 && $0 <= 0.5 } == true)
        #expect(abs(numbers.reduce(0, +) / 6000) < 0.02)
    }
}
