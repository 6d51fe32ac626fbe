import Memory
import Tensors
import Testing

@testable import Laboratory

@Suite struct RetrievalTrialTests {
    private func trial(_ damage: PictureDamage, count: Int = 40) -> RetrievalTrial {
        RetrievalTrial(
            Textures().pictures(60, seed: 1), count: count, damage, seed: 1, threads: 1)
    }

    @Test("What is not damaged is retrieved; by a mean of all, nothing is")
    func undamaged() throws {
        let whole = trial(.noise(0))
        #expect(try whole.score(.published(.manhattan), .maximum) == 1)
        #expect(try whole.score(.published(.jensenShannon), .maximum) == 1)
        #expect(try trial(.noise(0.1)).score(.published(.manhattan), .squareRoot) == 0)
    }

    @Test("On textures without their lower part Manhattan beats Euclidean, and a known mask all")
    func ordering() throws {
        let halves = trial(.lowerPart(0.7))
        let manhattan = try halves.score(.published(.manhattan), .maximum)
        let euclidean = try halves.score(.published(.euclidean), .maximum)
        #expect(manhattan > euclidean)
        #expect(try halves.score(.published(.euclidean), .maximum, knowing: true) == 1)
        #expect(
            try halves.score(.published(.manhattan), .polynomial(2))
                <= halves.score(.published(.manhattan), .softmax(1000)))
    }

    @Test("Another seed draws other pictures; no more are drawn than there are")
    func drawing() {
        let set = Textures().pictures(9, seed: 1)
        #expect(set.drawn(5, seed: 1) != set.drawn(5, seed: 2))
        #expect(set.drawn(5, seed: 1) == set.drawn(5, seed: 1))
        #expect(set.drawn(50, seed: 1).shape[0] == 9)
    }
}
