import Learning
import Tensors
import TestSupport
import Testing

@testable import Interaction

/// Two verbs, two kinds of things. One half of the numbers says the verb, though noisily; the other says the thing,
/// clearly. In training nearly every thing of a kind is pushed or pulled, in the test the other way round: as colour in
/// "Colored MNIST" (Arjovsky et al., arXiv:1907.02893), the thing is the easier clue, and a false one.
private func tied(_ count: Int, agreeing share: Double, seed: UInt64) -> LabelledPairs {
    var random = RandomSource(seed: seed)
    var pairs = LabelledPairs(verbNames: ["push", "pull"])
    for index in 0..<count {
        let verb = random.index(below: 2)
        let isBicycle = (verb == 1) == (random.uniform() < share)
        let clue = Double(2 * verb - 1) + 0.9 * random.normal()
        let thing = isBicycle ? 1.0 : -1
        let features = (0..<SpatialFeatures.count).map { column in
            (column < SpatialFeatures.count / 2 ? clue : thing) + 0.3 * random.normal()
        }
        pairs.append(
            .init(picture: index, pair: HumanObjectPair(human: 0, object: 1)),
            object: COCO.index(of: isBicycle ? "bicycle" : "chair")!, verbs: [verb],
            features: features)
    }
    return pairs
}

@Suite("What alignment is for", .serialized)
struct MechanismTests {
    private static let triplets = ["push", "pull"].flatMap { verb in
        ["chair", "bicycle"].map { Triplet(verb: verb, object: $0) }
    }

    /// How often the likelier verb is the right one.
    private func accuracy(of model: PredicateModel, on pairs: LabelledPairs) throws -> Double {
        let scores = try PredicateScorer(model).probabilities(of: pairs).elements
        let right = (0..<pairs.count).count { index in
            (scores[2 * index + 1] > scores[2 * index]) == (pairs.verbs[index] == [1])
        }
        return Double(right) / Double(pairs.count)
    }

    private func train(
        _ objective: PredicateObjective, lambda: Double = 1, on pairs: LabelledPairs,
        seed: UInt64
    ) throws -> PredicateModel {
        var settings = PredicateSettings(objective, steps: 600)
        (settings.positives, settings.negatives, settings.aligned) = (64, 0, 128)
        settings.widths = [64, 32]
        settings.alignment.lambda = lambda
        settings.seed = seed
        return try PredicateTraining(settings).run(on: pairs, triplets: Self.triplets).model
    }

    @Test(
        "Where the thing is tied to the verb and the tie then turns, alignment recovers most of it",
        arguments: 1...(isSoaking ? 5 : 2))
    func tie(seed: Int) throws {
        let seed = UInt64(seed)
        let training = tied(4000, agreeing: 0.95, seed: seed)
        let flipped = tied(2000, agreeing: 0.05, seed: seed + 100)
        // What can be reached: the thing says nothing of the verb.
        let best = try accuracy(
            of: train(.erm, on: tied(4000, agreeing: 0.5, seed: seed + 200), seed: seed),
            on: flipped)
        let plain = try accuracy(of: train(.erm, on: training, seed: seed), on: flipped)
        #expect(plain < 0.5 && best > 0.8, "erm \(plain), at best \(best)")
        for (objective, lambda) in [(PredicateObjective.klprior, 2.0), (.coral, 10)] {
            let found = try accuracy(
                of: train(objective, lambda: lambda, on: training, seed: seed), on: flipped)
            let recovered = (found - plain) / (best - plain)
            #expect(recovered >= 0.8, "\(objective): \(found) between \(plain) and \(best)")
        }
    }
}
