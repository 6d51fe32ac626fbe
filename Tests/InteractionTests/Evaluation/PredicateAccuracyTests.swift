import Tensors
import TestSupport
import Testing

@testable import Interaction

private let verbs = ["feed", "ride"]
private let triplets = [
    Triplet(verb: "feed", object: "horse"), Triplet(verb: "ride", object: "horse"),
    Triplet(verb: "ride", object: "bicycle"),
]

/// A human and a thing, and what happens.
private func shot(_ object: String, _ happening: String...) -> AnnotatedPicture {
    AnnotatedPicture(
        file: object, width: 100, height: 100,
        things: [.init("person", Box(0, 0, 30, 60)), .init(object, Box(20, 20, 70, 70))],
        interactions: happening.map {
            .init(human: 0, verb: $0, object: 1, named: object)
        })
}

@Suite("Accuracy of predicates on annotated boxes")
struct PredicateAccuracyTests {
    private let pictures = [
        shot("horse", "feed"), shot("horse", "ride"), shot("bicycle", "ride"), shot("bicycle"),
    ]

    private func accuracy(
        _ probabilities: [Float], rare: Set<Int> = [], unseen: Set<Int> = []
    ) -> PredicateAccuracy {
        let pairs = LabelledPairs(pictures, verbNames: verbs)
        return PredicateAccuracy(
            Tensor(probabilities, shape: [4, 2]), of: pairs, in: pictures, triplets: triplets,
            rare: rare, unseen: unseen)
    }

    @Test("A verb that is surest where it happens is told perfectly")
    func perfect() {
        let result = accuracy([0.9, 0.1, 0.2, 0.8, 0.1, 0.9, 0.1, 0.2])
        #expect(result.byDefault.precisions == [1, 1, 1])
        #expect(result.means().full == 1 && result.means(.knownObject).full == 1)
        #expect(result.degradation() == 0)
    }

    @Test("Each combination is ranked among the pairs with its kind of thing alone")
    func ranking() {
        // Bicycles get higher scores for riding than horses do: no matter.
        let result = accuracy([0.9, 0.1, 0.2, 0.15, 0.1, 0.6, 0.1, 0.95])
        #expect(result.byDefault.precisions == [1, 1, 0.5])
    }

    @Test("Means are over rare and other, seen and unseen combinations")
    func means() {
        // Told wrongly: feeding the horse; riding the bicycle comes second.
        let result = accuracy(
            [0.1, 0.1, 0.2, 0.15, 0.1, 0.6, 0.1, 0.95], rare: [0], unseen: [2])
        let means = result.means()
        #expect(means.rare == 0.5 && means.nonRare == 0.75)
        #expect(means.unseen == 0.5 && means.seen == 0.75)
        #expect(abs(means.harmonic! - 0.6) < 1e-12)
        #expect(abs(means.full! - 2.0 / 3) < 1e-12)
        let all = accuracy([0.9, 0.1, 0.2, 0.8, 0.1, 0.9, 0.1, 0.2]).means()
        #expect(all.unseen == nil && all.seen == nil && all.harmonic == nil && all.rare == nil)
    }

    @Test("A verb that is told worse with some objects is degraded by so much")
    func degradation() {
        let result = accuracy([0.9, 0.1, 0.2, 0.15, 0.1, 0.6, 0.1, 0.95])
        let verbs = result.byVerb()
        #expect(verbs.map(\.verb) == ["feed", "ride"] && verbs.map(\.objects) == [1, 2])
        #expect(verbs[1].mean == 0.75 && verbs[1].best == 1)
        #expect(result.degradation() == 0.25)
        #expect(
            PredicateAccuracy.VerbAccuracy(verb: "a", objects: 2, mean: 0, best: 0).degradation
                == 1)
    }
}
