import Tensors
import TestSupport
import Testing

@testable import Interaction

private func triplet(_ verb: String, _ object: String) -> Triplet {
    Triplet(verb: verb, object: object)
}

/// A photograph in which one human does things to other things.
private func shot(_ file: String, _ triplets: Triplet...) -> AnnotatedPicture {
    var picture = AnnotatedPicture(
        file: file, things: [.init("person", Box(0, 0, 10, 10))])
    for triplet in triplets {
        let object = picture.index(of: .init(triplet.object, Box(5, 5, 20, 20)))
        picture.interactions.append(
            .init(human: 0, verb: triplet.verb, object: object, named: triplet.object))
    }
    return picture
}

private let rideHorse = triplet("ride", "horse"), feedHorse = triplet("feed", "horse")
private let rideBicycle = triplet("ride", "bicycle"), feedDog = triplet("feed", "dog")

@Suite("Splits by composition")
struct CompositionSplitTests {
    private let split = CompositionSplit(
        [rideHorse, feedHorse, rideBicycle, feedDog], unseen: [rideHorse])

    @Test("A combination is new although its parts are known, or else it is told which is not")
    func parts() {
        #expect(split.isCompositional && split.seen.count == 3)
        let harder = CompositionSplit(
            [rideHorse, feedHorse, rideBicycle, feedDog], unseen: [rideBicycle, feedDog, rideHorse])
        #expect(!harder.isCompositional)
        #expect(harder.withUnknownVerb == [rideBicycle, rideHorse])
        #expect(harder.withUnknownObject == [rideBicycle, feedDog])
    }

    @Test("Drawn splits are compositional, of the size asked for, and repeat with their seed")
    func drawing() throws {
        var random = RandomSource(seed: 3)
        for round in 0..<20 {
            let all = Set(
                (0..<120).map { _ in
                    triplet("v\(random.index(below: 12))", "o\(random.index(below: 20))")
                })
            var (first, second) = (
                RandomSource(seed: UInt64(round)), RandomSource(seed: UInt64(round))
            )
            let split = try #require(CompositionSplit(all, drawing: 15, using: &first))
            #expect(split.isCompositional && split.unseen.count == 15)
            #expect(split.seen.union(split.unseen) == all)
            #expect(
                split
                    == CompositionSplit(
                        all.sorted { $0.verb > $1.verb }, drawing: 15, using: &second))
        }
    }

    @Test("More than can be kept back cannot be drawn")
    func impossible() {
        var random = RandomSource(seed: 1)
        // A verb or an object that occurs once must stay in training.
        #expect(
            CompositionSplit(
                [rideHorse, feedHorse, rideBicycle, feedDog], drawing: 2, using: &random) == nil)
        #expect(
            CompositionSplit(
                [rideHorse, feedHorse, rideBicycle, feedDog], drawing: 1, using: &random) != nil)
    }

    @Test("Photographs that show both sides are in neither")
    func dividing() {
        let (training, test) = split.divided([
            shot("a", feedHorse, rideBicycle), shot("b", rideHorse), shot("c", rideHorse, feedDog),
            shot("d"), shot("e", feedDog),
        ])
        #expect(training.map(\.file) == ["a", "e"] && test.map(\.file) == ["b"])
        #expect(split.problems(training: training, test: test).isEmpty)
    }

    @Test("A withheld pair loses all its verbs, and others keep theirs")
    func withholding() {
        let pictures = split.withholding(
            from: [shot("a", rideHorse, feedHorse, feedDog), shot("b", feedHorse)])
        #expect(pictures[0].triplets == [feedDog])
        #expect(pictures[0].withheld == [HumanObjectPair(human: 0, object: 1)])
        #expect(pictures[1].triplets == [feedHorse] && pictures[1].withheld.isEmpty)
        #expect(pictures.allSatisfy { $0.triplets.isDisjoint(with: split.unseen) })
    }

    @Test("What breaks a split is told")
    func problems() {
        let problems = split.problems(
            training: [shot("a", rideHorse), shot("b", feedDog)],
            test: [shot("b", rideHorse, feedDog)])
        #expect(
            Set(problems) == [
                .unseenInTraining(rideHorse, file: "a"), .inBoth(file: "b"),
                .seenInTest(feedDog, file: "b"),
            ])
        let lacking = split.problems(
            training: [shot("a", feedDog)], test: [shot("b", rideHorse)])
        #expect(lacking == [.unknownVerb(rideHorse), .unknownObject(rideHorse)])
        #expect("\(lacking[0])" == "'ride horse': training never shows 'ride'")
    }
}

extension SplitProblem {
    /// Whether photographs are too few and not in the wrong place: a verb that two combinations have may be seen in
    /// none of those left for training.
    fileprivate var isLack: Bool {
        switch self {
        case .unknownVerb, .unknownObject: true
        case .unseenInTraining, .seenInTest, .inBoth, .missing: false
        }
    }
}

@Suite(
    "Published splits of HICO-DET",
    .enabled(if: dataFolder != nil, "PERCEPT_DATA is not set"))
struct PublishedSplitTests {
    private let folder = TemporaryFolder()
    private let set: HICODET

    init() throws {
        set = try HICODET(contentsOf: unpacked("hicodet_instances_test2015.json", in: folder))
    }

    @Test("Of the zero-shot lists those by rarity are compositional, the others are not")
    func zeroShot() throws {
        let lists = try ZeroShotLists(
            contentsOf: dataFolder! + "/hoi/annotations/hico_splits.json")
        let splits = ZeroShotLists.Kind.allCases.map { lists.split($0, of: set.triplets) }
        #expect(splits.map(\.unseen.count) == [120, 120, 100, 84])
        #expect(splits.map(\.isCompositional) == [true, true, false, false])
        #expect(splits[2].withUnknownObject == splits[2].unseen)
        #expect(Set(splits[2].withUnknownObject.map(\.object)).count == 12)
        #expect(Set(splits[2].withUnknownVerb.map(\.verb)).count == 5)
        #expect(splits[3].withUnknownVerb == splits[3].unseen)
        #expect(Set(splits[3].withUnknownVerb.map(\.verb)).count == 20)
    }

    @Test("HICO-DET-SG shows 60 new combinations of known parts", arguments: [1, 2, 3])
    func systematic(_ number: Int) throws {
        let test = try HICODETSG(
            contentsOf: unpacked("test_hico_sg\(number).json", in: folder), verbs: set.verbs)
        #expect(test.pictures.count == [8515, 7656, 6229][number - 1])
        let split = CompositionSplit(set.triplets, unseen: test.triplets)
        #expect(split.unseen.count == 60 && split.seen.count == 540 && split.isCompositional)
        let training = split.divided(set.pictures).training
        let problems = split.problems(training: training, test: test.pictures)
        #expect(problems.allSatisfy { $0.isLack })
        let withheld = split.withholding(from: set.pictures)
        #expect(withheld.allSatisfy { $0.triplets.isDisjoint(with: split.unseen) })
    }

    @Test("Drawn from all 600, 60 combinations are new and their parts known")
    func drawn() throws {
        for seed in 0..<5 {
            var random = RandomSource(seed: UInt64(seed))
            let split = try #require(
                CompositionSplit(set.triplets, drawing: 60, using: &random))
            let (training, test) = split.divided(set.pictures)
            #expect(!test.isEmpty && split.isCompositional)
            let problems = split.problems(training: training, test: test)
            #expect(problems.allSatisfy { $0.isLack })
        }
    }
}
