import Interaction
import Tensors
import Testing

@testable import Teaching

@Suite("Teaching study")
struct TeachingStudyTests {
    private var settings: LookSpaceSettings {
        var settings = LookSpaceSettings()
        settings.directions = 16
        return settings
    }

    @Test("A space knows nobody who does what is held back, nor whom it is measured on")
    func heldBack() throws {
        let people = knownLooks()
        let hand = people.hands[1]
        #expect(hand == ["verb1", "verb5"])
        let ground = try TeachingGround(people, withholding: hand, settings: settings, threads: 1)
        #expect(
            ground.known.allSatisfy {
                !hand.contains(people.doings[$0]?.verb ?? "") && !people.isForMeasuring[$0]
            })
        #expect(ground.taught.map(\.triplet.verb) == ["verb1", "verb5"])
        let trial = try ground.trial(photographs: 5, draw: 0)
        #expect(trial.shown.count == 2 * 2 * 5)
        // All of both verbs but those five each, and a fifth of the six others.
        #expect(trial.truth.count == 2 * 55 + 6 * 12)
        #expect(try ground.trial(photographs: 5, draw: 0).queries == trial.queries)
        #expect(try ground.trial(photographs: 5, draw: 1).queries != trial.queries)
    }

    @Test("Every way scores every query, and all but chance beat chance")
    func methods() throws {
        let ground = try TeachingGround(
            knownLooks(), withholding: ["verb1", "verb5"], settings: settings, threads: 1)
        let trial = try ground.trial(
            photographs: 2, draw: 0, usual: ground.usualLooks(threads: 1))
        let chance = TeachingStudy.precision(
            try TeachingMethod.chance.scores(trial, threads: 1), trial)
        #expect(chance < 50)
        for method in [
            TeachingMethod.shipped, .looksAlone, .withThings(.probe(penalty: 10)),
            .withThings(.nearestMean(isCosine: true)), .associative(.cosine, .softmax),
            .associative(.manhattan, .maximum),
            .associative(.kullbackLeibler, .polynomial), .associative(.hamming, .top),
            .predictiveCoding, .nearestMean(isCosine: true), .nearestMean(isCosine: false),
            .meansAmongUsual, .probe(penalty: 10),
        ] {
            let scores = try method.scores(trial, threads: 1)
            #expect(scores.count == trial.truth.count * 2)
            let value = TeachingStudy.precision(scores, trial)
            #expect(value > chance + 15, "\(method): \(value)")
        }
    }

    @Test("A thing that is near tells what is done to it, in every way that is told of things")
    func things() throws {
        // Looks alone say little.
        let people = knownLooks(noise: 4, things: ["dog", "cup", "car", "tv", "book", "kite"])
        let cup = try #require(COCO.index(of: "cup"))
        #expect(
            people.some([0, 70]).near[1, cup] == 0.7 && people.some([70, 0]).near[1, cup] == 0)
        let ground = try TeachingGround(
            people, withholding: ["verb1", "verb5"], settings: settings, threads: 1)
        let trial = try ground.trial(photographs: 1, draw: 0)
        #expect(trial.things == [COCO.index(of: "cup"), COCO.index(of: "kite")])
        #expect(trial.near.shape == [trial.truth.count, NearThings.count])
        func precision(_ method: TeachingMethod) throws -> Double {
            TeachingStudy.precision(try method.scores(trial, threads: 1), trial)
        }
        for (method, alone) in [
            (TeachingMethod.shipped, TeachingMethod.looksAlone),
            (.withThings(.probe(penalty: 10)), .probe(penalty: 10)),
            (.withThings(.nearestMean(isCosine: true)), .nearestMean(isCosine: true)),
        ] {
            let (told, untold) = try (precision(method), precision(alone))
            #expect(told > untold + 10, "\(method): \(told), \(untold)")
        }
    }

    @Test("Examples of an interaction count together for the probe, however many they are")
    func probe() throws {
        let ground = try TeachingGround(
            knownLooks(), withholding: ["verb1", "verb5"], settings: settings, threads: 1)
        let one = try ground.trial(photographs: 1, draw: 0)
        let often = TeachingGround.Trial(
            space: one.space, triplets: one.triplets, photographs: 1,
            examples: KnownLooks.rows(
                one.examples, one.shown.indices.flatMap { [$0, $0, $0, $0] }),
            shown: one.shown.flatMap { [$0, $0, $0, $0] }, queries: one.queries, truth: one.truth,
            near: one.near, knownTriplets: one.knownTriplets, knownCodes: one.knownCodes, usual: nil
        )
        let (a, b) = try (
            TeachingMethod.probe(penalty: 10).scores(one, threads: 1),
            TeachingMethod.probe(penalty: 10).scores(often, threads: 1)
        )
        let spread = (a.max() ?? 0) - (a.min() ?? 0)
        #expect(zip(a, b).allSatisfy { abs($0 - $1) < 0.1 * spread })
    }

    @Test("Old verbs are told as well as before, and a study says so for each number")
    func study() throws {
        var study = TeachingStudy()
        (study.draws, study.settings) = (1, settings)
        let result = try #require(try study.run(on: knownLooks(verbs: 4, each: 40)))
        #expect(result.chosenOn == ["verb0", "verb3"] && result.reportedOn == ["verb1", "verb2"])
        #expect(result.choices.count == 64 + 2 * TeachingMethod.penalties.count + 3)
        #expect(result.rows.count == 11 && result.gains.count == 8)
        for count in TeachingGround.counts {
            let before = try #require(result.before[count]),
                after = try #require(result.after[count])
            #expect(before.mean > 90 && after.mean <= before.mean + 1e-9 && after.mean > 80)
        }
        #expect(try study.run(on: knownLooks(verbs: 4, each: 40), shouldStop: { true }) == nil)
    }

    @Test("Looks of three verbs, or of few people, do not suffice")
    func suffices() {
        #expect(knownLooks(verbs: 4, each: 30).suffices)
        #expect(!knownLooks(verbs: 3, each: 60).suffices)
        #expect(!knownLooks(verbs: 8, each: 20).suffices)
    }
}
