import TestSupport
import Testing

@testable import Interaction

private let verbs = ["a", "b", "c", "d"], objects = COCO.categories.dropFirst().prefix(5)
private let all = verbs.flatMap { verb in
    objects.map { Triplet(verb: verb, object: $0) }
}

/// Photographs that show each combination so often, one each.
private func pictures(_ each: Int) -> [AnnotatedPicture] {
    (0..<each).flatMap { round in
        all.map { triplet in
            AnnotatedPicture(
                file: "\(triplet) \(round)", width: 100, height: 100,
                things: [
                    .init("person", Box(0, 0, 10, 10)), .init(triplet.object, Box(5, 5, 20, 20)),
                ],
                interactions: [
                    .init(human: 0, verb: triplet.verb, object: 1, named: triplet.object)
                ])
        }
    }
}

@Suite("Combinations held out for selection")
struct HeldOutCombinationsTests {
    private let unseen = Triplet(verb: "a", object: "bicycle")

    @Test("Training shows nothing of what is asked, and no picture is on both sides")
    func division() throws {
        let split = CompositionSplit(all, unseen: [unseen])
        let held = try #require(
            HeldOutCombinations(pictures(12), split, count: 5, seed: 3))
        #expect(held.combinations.count == 5 && !held.combinations.contains(unseen))
        #expect(held.training.count + held.selection.count == 12 * all.count)
        #expect(held.selection.count == 12 * all.count / 5)
        #expect(Set(held.training.map(\.file)).isDisjoint(with: held.selection.map(\.file)))
        let shown = held.training.reduce(into: Set<Triplet>()) { $0.formUnion($1.triplets) }
        #expect(shown.isDisjoint(with: held.combinations) && !shown.contains(unseen))
        // What the test will ask for is not looked at when choosing either.
        let asked = held.selection.reduce(into: Set<Triplet>()) { $0.formUnion($1.triplets) }
        #expect(!asked.contains(unseen) && !asked.isDisjoint(with: held.combinations))
        #expect(
            CompositionSplit(shown.union(held.combinations), unseen: held.combinations)
                .isCompositional)
        #expect(held.training.contains { !$0.withheld.isEmpty })
    }

    @Test("The same seed holds the same out, another seed something else")
    func seeds() throws {
        let split = CompositionSplit(all, unseen: [])
        let held = (0..<3).map {
            HeldOutCombinations(pictures(12), split, count: 5, seed: [1, 1, 2][$0])
        }
        #expect(held[0]?.combinations == held[1]?.combinations)
        #expect(held[0]?.training == held[1]?.training)
        #expect(held[0]?.combinations != held[2]?.combinations)
    }

    @Test("What is shown too seldom cannot be held out")
    func few() {
        let split = CompositionSplit(all, unseen: [])
        #expect(HeldOutCombinations(pictures(9), split, count: 1, seed: 1) == nil)
        #expect(HeldOutCombinations(pictures(10), split, count: 100, seed: 1) == nil)
    }
}
