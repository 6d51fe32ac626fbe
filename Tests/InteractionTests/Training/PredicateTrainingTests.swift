import Learning
import Networks
import Tensors
import TestSupport
import Testing

@testable import Interaction

private let triplets = ["eat", "hold"].flatMap { verb in
    COCO.categories.prefix(6).map { Triplet(verb: verb, object: $0) }
}

private func small(_ objective: PredicateObjective, steps: Int = 9) -> PredicateSettings {
    var settings = PredicateSettings(objective, steps: steps)
    (settings.positives, settings.negatives, settings.aligned) = (16, 16, 32)
    settings.widths = [32, 16]
    return settings
}

@Suite("Training of the predicate head", .serialized)
struct PredicateTrainingTests {
    private let folder = TemporaryFolder()
    private let pairs = randomPairs(300)

    private func train(
        _ settings: PredicateSettings, on other: LabelledPairs? = nil,
        stoppingAfter limit: Int = .max
    ) throws -> (model: PredicateModel, isComplete: Bool) {
        var asked = 0
        return try PredicateTraining(settings).run(
            on: other ?? pairs, triplets: triplets,
            shouldStop: {
                asked += 1
                return asked > limit
            })
    }

    @Test(
        "Training that stops and resumes ends with the bits of one that does not",
        arguments: PredicateObjective.allCases)
    func resume(objective: PredicateObjective) throws {
        let whole = try train(small(objective))
        #expect(whole.isComplete)
        var parted = small(objective)
        parted.checkpointPath = folder("\(objective)")
        let first = try train(parted, stoppingAfter: 4)
        #expect(!first.isComplete)
        let second = try train(parted)
        #expect(second.isComplete)
        #expect(second.model.parameters.isIdentical(to: whole.model.parameters))
        // Training moved on after the stop, so that equal bits mean something.
        #expect(first.model.parameters != whole.model.parameters)
        #expect(whole.model.metadata["percept.objective"] == objective.rawValue)
    }

    @Test("Another seed gives other weights, the same seed the same")
    func seeds() throws {
        var other = small(.erm)
        other.seed = 2
        let first = try train(small(.erm)).model.parameters
        #expect(first.isIdentical(to: try train(small(.erm)).model.parameters))
        #expect(first != (try train(other).model.parameters))
    }

    @Test("A checkpoint of other data or settings is refused")
    func otherRun() throws {
        var settings = small(.klprior, steps: 2)
        settings.checkpointPath = folder("checkpoint")
        _ = try train(settings)
        let data = try #require(throws: PredicateTrainingError.self) {
            try train(settings, on: randomPairs(300, seed: 2))
        }
        #expect(data.problem.contains("other data") && data.exitCode == 65)
        settings.alignment.lambda = 0.2
        let changed = try #require(throws: PredicateTrainingError.self) { try train(settings) }
        #expect(changed.problem.contains("other settings"))
    }

    @Test("A spectral adversary is followed over a stop as without one")
    func spectralResume() throws {
        var settings = small(.klprior)
        settings.isSpectral = true
        let whole = try train(settings).model.parameters
        #expect(whole != (try train(small(.klprior)).model.parameters))
        settings.checkpointPath = folder("spectral")
        var asked = 0
        let first = try PredicateTraining(settings).run(
            on: pairs, triplets: triplets,
            shouldStop: {
                asked += 1
                return asked > 3
            })
        #expect(!first.isComplete)
        #expect(try train(settings).model.parameters.isIdentical(to: whole))
    }

    @Test("The weights that are kept and the statistics of the data are the head's alone")
    func kept() throws {
        let model = try train(small(.cdann)).model
        #expect(model.parameters.paths == model.head.declarations.map(\.path))
        let statistics = model.head.statistics(of: pairs)
        #expect(statistics.map(\.path) == ["geometry.mean", "geometry.deviation"])
        for (path, tensor) in statistics { #expect(model.parameters[path] == tensor) }
    }

    @Test("Where nothing happens, or nothing can be aligned, nothing is trained")
    func nothing() throws {
        let idle = randomPairs(50) { index, _ in (index % 5, []) }
        #expect(throws: PredicateTrainingError.self) { try train(small(.erm), on: idle) }
        let lonely = randomPairs(50) { index, _ in (index % 2, [index % 2]) }
        _ = try train(small(.erm), on: lonely)
        let error = try #require(throws: PredicateTrainingError.self) {
            try train(small(.coral), on: lonely)
        }
        #expect(error.problem.contains("coral has nothing to align"))
    }

    @Test("Verbs are learned", arguments: [PredicateObjective.prior, .erm, .klprior])
    func learning(objective: PredicateObjective) throws {
        // The first number says the verb, and whether anything happens at all.
        var all = LabelledPairs(verbNames: ["eat", "hold"])
        var random = RandomSource(seed: 4)
        for index in 0..<600 {
            var features = (0..<SpatialFeatures.count).map { _ in random.normal() }
            features[0] = Double(index % 3) * 2 - 2 + 0.2 * random.normal()
            all.append(
                .init(picture: index, pair: HumanObjectPair(human: 0, object: 1)),
                object: index % 5, verbs: index % 3 == 1 ? [] : [index % 3 / 2],
                features: features)
        }
        var settings = small(objective, steps: 300)
        settings.peakRate = 3e-3
        let model = try PredicateTraining(settings).run(on: all, triplets: triplets).model
        let scores = try PredicateScorer(model).probabilities(of: all).elements
        var right = 0
        for index in 0..<all.count {
            let row = scores[2 * index..<2 * index + 2].map { $0 > 0.5 }
            let truth = (0..<2).map { all.verbs[index].contains($0) }
            right += row == truth ? 1 : 0
        }
        #expect(right > 560, "\(right) of 600")
    }
}
