import Tensors
import Testing

@testable import Memory

@Suite struct SeparationTests {
    private func weights(_ scores: [Double], _ separation: Separation) -> [Double] {
        var scores = scores
        separation.apply(to: &scores)
        return scores
    }

    private static let all: [Separation] = [
        .identity, .polynomial(1), .polynomial(3), .polynomial(10), .logarithm, .squareRoot,
        .softmax(0.5), .softmax(1000), .maximum, .top(3), .threshold(0.4),
    ]

    @Test("Separations of four similarities, by hand")
    func byHand() {
        let s = [0.25, 1.0, 0.5, 1.0]
        #expect(weights(s, .identity) == s)
        #expect(weights(s, .polynomial(2)) == [0.0625, 1, 0.25, 1])
        #expect(weights(s, .squareRoot) == [0.5, 1, 0.5.squareRoot(), 1])
        #expect(weights(s, .maximum) == [0, 1, 0, 0])
        #expect(weights(s, .top(2)) == [0, 0.5, 0, 0.5])
        let third = 1.0 / 3
        #expect(weights(s, .top(3)) == [0, third, third, third])
        #expect(weights(s, .threshold(0.5)) == [0, 1, 1, 1])
        #expect(abs(weights(s, .logarithm)[0] + 1.3862943611) < 1e-9)
        let soft = weights([0, 1], .softmax(2))
        #expect(abs(soft[1] / soft[0] - 7.38905609893) < 1e-9 && abs(soft[0] + soft[1] - 1) < 1e-15)
    }

    @Test("Softmax of large similarities is finite, and becomes the maximum as β grows")
    func softmaxLimit() {
        var random = RandomSource(seed: 1)
        for _ in 0..<30 {
            let s = (0..<20).map { _ in random.uniform(in: -5000..<5000) }
            let soft = weights(s, .softmax(1e3))
            for (a, b) in zip(soft, weights(s, .maximum)) { #expect(abs(a - b) < 1e-6) }
            let flat = weights(s, .softmax(1e-9))
            #expect(flat.allSatisfy { abs($0 - 0.05) < 1e-5 })
        }
    }

    @Test("Weights of what has an energy are its gradient", arguments: all)
    func gradient(separation: Separation) {
        var random = RandomSource(seed: 2)
        for _ in 0..<20 {
            let s = (0..<8).map { _ in random.uniform(in: 0.01..<1) }
            guard separation.lagrangian(s) != nil else { return }
            let found = weights(s, separation)
            for index in s.indices where abs(s[index] - 0.4) > 1e-3 {
                var (up, down) = (s, s)
                up[index] += 1e-6
                down[index] -= 1e-6
                guard let a = separation.lagrangian(up), let b = separation.lagrangian(down) else {
                    Issue.record("\(separation) has no energy any more")
                    return
                }
                #expect(agree((a - b) / 2e-6, found[index], to: 1e-4), "\(separation)")
            }
        }
        #expect(separation.isGradient == (separation.lagrangian([1, -2]) != nil))
    }

    @Test("Energies of separations are convex: no chord lies below them", arguments: all)
    func convex(separation: Separation) {
        guard separation.isGradient else { return }
        var random = RandomSource(seed: 3)
        for _ in 0..<100 {
            let a = (0..<6).map { _ in random.uniform(in: -2..<2) }
            let b = (0..<6).map { _ in random.uniform(in: -2..<2) }
            let part = random.uniform()
            let between = zip(a, b).map { part * $0 + (1 - part) * $1 }
            guard let la = separation.lagrangian(a), let lb = separation.lagrangian(b),
                let lm = separation.lagrangian(between)
            else {
                Issue.record("\(separation) has no energy there")
                return
            }
            #expect(lm <= part * la + (1 - part) * lb + 1e-9)
        }
    }

    @Test("The largest are found in order, the earlier of equal ones first")
    func largest() {
        #expect(largestPositions(of: [3, 1, 3, 2], 1) == [0])
        #expect(largestPositions(of: [3, 1, 3, 2], 3) == [0, 2, 3])
        #expect(largestPositions(of: [], 1).isEmpty)
    }
}
