import Tensors
import TestSupport
import Testing

@testable import Interaction

/// Pairs of which each shows one combination, so many of each.
private func pairs(_ counts: [(verb: Int, object: Int, count: Int)]) -> LabelledPairs {
    let all = counts.flatMap { entry in
        [(object: Int, verbs: [Int])](
            repeating: (entry.object, [entry.verb]), count: entry.count)
    }
    return randomPairs(all.count, verbs: ["a", "b", "c"]) { index, _ in all[index] }
}

private let uneven = pairs([(0, 3, 64), (0, 5, 16), (1, 3, 16), (1, 7, 4), (2, 5, 50)])

@Suite("Drawing for alignment")
struct DomainCellsTests {
    @Test("Verbs that are seen with one kind of object are left out, and rare combinations too")
    func oneObject() {
        let cells = DomainCells(uneven, balance: 1)
        #expect(cells.cells.map(\.verb) == [0, 0, 1, 1])
        #expect(cells.prior(ofVerb: 2) == nil)
        let few = DomainCells(pairs([(0, 3, 50), (0, 5, 3), (1, 3, 4), (1, 7, 4)]), balance: 1)
        #expect(few.cells.map(\.verb) == [1, 1])
        #expect(DomainCells(pairs([(0, 3, 50)]), balance: 1).isEmpty)
    }

    @Test("Drawing for verbs leaves nothing out")
    func verbs() {
        let cells = DomainCells(
            pairs([(0, 3, 50), (0, 5, 3), (2, 5, 1)]), balance: 0, least: 1, leastObjects: 1)
        #expect(cells.cells.map(\.verb) == [0, 0, 2])
        var random = RandomSource(seed: 5)
        var counts = [0, 0, 0]
        for _ in 0..<3000 {
            let draw = cells.draw(using: &random)
            counts[draw.verb == 2 ? 2 : draw.object == 3 ? 0 : 1] += 1
        }
        #expect(counts.allSatisfy { abs($0 - 1000) < 120 }, "\(counts)")
    }

    @Test(
        "Combinations are drawn as the prior says: by a power of their number of pairs",
        arguments: [(1.0, 0.8), (0.5, 2.0 / 3), (0, 0.5)])
    func frequencies(balance: Double, share: Double) throws {
        let cells = DomainCells(uneven, balance: balance)
        let prior = try #require(cells.prior(ofVerb: 0))
        #expect(abs(prior[3] - share) < 1e-12 && abs(prior[5] - (1 - share)) < 1e-12)
        var random = RandomSource(seed: 5)
        var ofVerb = 0, ofCell = 0
        let draws = (0..<20_000).map { _ in cells.draw(using: &random) }
        for draw in draws where draw.verb == 0 {
            ofVerb += 1
            ofCell += draw.object == 3 ? 1 : 0
        }
        #expect(abs(Double(ofCell) / Double(ofVerb) - share) < 0.02)
        let weights = [64, 16, 16, 4].map { (count: Double) in
            balance == 1 ? count : balance == 0 ? 1 : count.squareRoot()
        }
        let expected = (weights[0] + weights[1]) / weights.reduce(0, +)
        #expect(abs(Double(ofVerb) / 20_000 - expected) < 0.02)
        for draw in draws.prefix(100) {
            #expect(uneven.objects[draw.pair] == draw.object)
            #expect(uneven.verbs[draw.pair] == [draw.verb])
        }
    }

    @Test("Couples of groups are of one verb and two objects")
    func couples() {
        let cells = DomainCells(uneven, balance: 0.5)
        var random = RandomSource(seed: 6)
        for _ in 0..<50 {
            let (first, second) = cells.drawTwo(5, using: &random)
            #expect(first.count == 5 && second.count == 5)
            #expect(Set((first + second).map(\.verb)).count == 1)
            #expect(Set(first.map(\.object)).count == 1 && Set(second.map(\.object)).count == 1)
            #expect(first[0].object != second[0].object)
        }
    }
}
