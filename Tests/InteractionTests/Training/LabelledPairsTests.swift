import Tensors
import TestSupport
import Testing

@testable import Interaction

private let verbs = ["feed", "hold", "ride"]

/// A human beside a horse, and far away a bicycle.
private func picture() -> AnnotatedPicture {
    AnnotatedPicture(
        file: "a", width: 200, height: 100,
        things: [
            .init("person", Box(0, 0, 20, 40)), .init("horse", Box(10, 10, 60, 40)),
            .init("bicycle", Box(150, 50, 190, 90)),
        ],
        interactions: [.init(human: 0, verb: "ride", object: 1, named: "horse")])
}

@Suite("Labelled pairs")
struct LabelledPairsTests {
    @Test("Each human is paired with each thing, and has the verbs that were annotated")
    func labels() {
        let pairs = LabelledPairs([picture()], verbNames: verbs)
        #expect(pairs.objects.map { COCO.categories[$0] } == ["horse", "bicycle"])
        #expect(pairs.verbs == [[2], []])
        #expect(pairs.places[1].pair == HumanObjectPair(human: 0, object: 2))
        #expect(pairs.triplets == [Triplet(verb: "ride", object: "horse")])
        #expect(
            pairs.features.prefix(36)
                == SpatialFeatures.values(
                    human: Box(0, 0, 20, 40), object: Box(10, 10, 60, 40), width: 200, height: 100
                ).map(Float.init)[...])
    }

    @Test("A thing that was boxed twice is one thing with the verbs of both")
    func repeats() {
        var twice = picture()
        let other = twice.index(of: .init("horse", Box(11, 10, 61, 41)))
        let human = twice.index(of: .init("person", Box(1, 0, 20, 40)))
        twice.interactions.append(
            .init(human: human, verb: "feed", object: other, named: "horse"))
        let pairs = LabelledPairs([twice], verbNames: verbs)
        #expect(pairs.count == 2 && pairs.verbs == [[0, 2], []])
        // Another kind of thing at the same place stays.
        twice.things.append(.init("dog", Box(10, 10, 60, 40)))
        #expect(LabelledPairs([twice], verbNames: verbs).verbs == [[0, 2], [], []])
    }

    @Test("Two people are paired both ways, each with the verbs of its own direction")
    func people() {
        var two = picture()
        two.things[2] = .init("person", Box(150, 50, 190, 90))
        two.interactions = [.init(human: 2, verb: "hold", object: 0, named: "person")]
        let pairs = LabelledPairs([two], verbNames: verbs)
        #expect(pairs.count == 4)
        let held = pairs.places[pairs.verbs.firstIndex(of: [1])!].pair
        #expect(held == HumanObjectPair(human: 2, object: 0))
        #expect(pairs.verbs.count { $0.isEmpty } == 3)
    }

    @Test("Pairs that are withheld are not there, boxed however often")
    func withheld() {
        var twice = picture()
        let other = twice.index(of: .init("horse", Box(11, 10, 61, 41)))
        twice.interactions.append(.init(human: 0, verb: "feed", object: other, named: "horse"))
        let split = CompositionSplit(
            [("ride", "horse"), ("feed", "horse"), ("ride", "bicycle")].map {
                Triplet(verb: $0.0, object: $0.1)
            }, unseen: [Triplet(verb: "feed", object: "horse")])
        let pairs = LabelledPairs(split.withholding(from: [twice]), verbNames: verbs)
        #expect(pairs.objects.map { COCO.categories[$0] } == ["bicycle"])
    }

    @Test("Pictures of unknown size or coverage, and things and verbs without a name, are left out")
    func leftOut() {
        var sizeless = picture(), partly = picture(), odd = picture()
        sizeless.width = nil
        partly.coverage = .onePerson
        odd.things[1].category = "telescope"
        odd.interactions[0].verb = "juggle"
        let pairs = LabelledPairs([sizeless, partly, odd], verbNames: verbs)
        #expect(pairs.objects.map { COCO.categories[$0] } == ["bicycle"])
        #expect(pairs.places[0].picture == 2 && pairs.verbs == [[]])
    }

    @Test("Statistics are those of each number over all pairs")
    func statistics() {
        let pairs = randomPairs(500)
        let head = PredicateHead(verbCount: 2)
        let found = Dictionary(uniqueKeysWithValues: head.statistics(of: pairs).map { ($0, $1) })
        let means = found["geometry.mean"]!, deviations = found["geometry.deviation"]!
        for column in [0, 17, 35] {
            let values = (0..<500).map { Double(pairs.features[$0 * 36 + column]) }
            let mean = values.reduce(0, +) / 500
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 500
            #expect(abs(Double(means.elements[column]) - mean) < 1e-5)
            #expect(abs(Double(deviations.elements[column]) - variance.squareRoot()) < 1e-5)
        }
    }

    @Test(
        "HICO-DET's pairs are nearly all kept, with their verbs",
        .enabled(if: dataFolder != nil, "PERCEPT_DATA is not set"))
    func hico() throws {
        let folder = TemporaryFolder()
        let set = try HICODET(
            contentsOf: unpacked("hicodet_instances_test2015.json", in: folder))
        let pairs = LabelledPairs(set.pictures, verbNames: set.verbs)
        #expect(pairs.triplets == Set(set.triplets))
        // Told by the annotations themselves, precision says what the taking-together costs.
        let told = Tensor<Float>(shape: [pairs.count, set.verbs.count]) { target in
            target.update(repeating: 0)
            for (row, verbs) in pairs.verbs.enumerated() {
                for verb in verbs { target[row * set.verbs.count + verb] = 1 }
            }
        }
        let accuracy = PredicateAccuracy(
            told, of: pairs, in: set.pictures, triplets: set.triplets, rare: set.rare)
        #expect(accuracy.means().full! > 0.9 && accuracy.means(.knownObject).rare! > 0.9)
    }
}
