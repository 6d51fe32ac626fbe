import Glibc
import Networks
import Tensors
import TestSupport
import Testing

@testable import Interaction

private let regions = RegionShape(channels: 3, cells: 2, parts: [.human, .union])
private let fusion = BranchFusion(geometry: 0.5, appearance: 0.75, offset: -0.25)

/// A head that looks, with random weights.
private func lookingModel(_ verbs: [String]) -> PredicateModel {
    let head = PredicateHead(verbCount: verbs.count, widths: [16, 8], regions: regions)
    var random = RandomSource(seed: 7)
    return PredicateModel(
        head, parameters: Parameters(initialising: head, using: &random), verbNames: verbs,
        unseen: [Triplet(verb: "ride", object: "horse")])
}

/// Pairs of a person and a horse with random numbers.
private func lookedAtPairs(_ count: Int, _ verbs: [String]) -> LabelledPairs {
    var pairs = LabelledPairs(verbNames: verbs, regions: regions)
    var random = RandomSource(seed: 9)
    for index in 0..<count {
        pairs.append(
            .init(picture: index, pair: HumanObjectPair(human: 0, object: 1)), object: 17,
            verbs: [index % verbs.count], features: (0..<36).map { _ in random.normal() },
            appearance: (0..<regions.count).map { _ in Float(random.normal()) })
    }
    return pairs
}

@Suite("Heads of two branches")
struct BranchedModelTests {
    private let folder = TemporaryFolder()
    private let model = BranchedModel(
        randomModel(["eat", "hold", "ride"], unseen: [Triplet(verb: "eat", object: "cake")]),
        appearance: .init(
            lookingModel(["ride", "fly", "eat"]), fusion: fusion, detector: "abc"))

    @Test("Both branches are written and read again, or one alone")
    func roundTrip() throws {
        let path = folder("verbs.safetensors")
        try model.write(to: path)
        let read = try BranchedModel(contentsOf: path)
        let looks = try #require(read.appearance)
        #expect(read.geometry.verbNames == ["eat", "hold", "ride"])
        #expect(read.geometry.unseen == model.geometry.unseen)
        #expect(read.geometry.parameters.isIdentical(to: model.geometry.parameters))
        #expect(looks.model.verbNames == ["ride", "fly", "eat"] && looks.detector == "abc")
        #expect(looks.model.head.regions == regions && looks.fusion == fusion)
        #expect(looks.model.unseen == [Triplet(verb: "ride", object: "horse")])
        #expect(looks.model.parameters.isIdentical(to: model.appearance!.model.parameters))
        // Who asks for a head of boxes gets that branch.
        let boxes = try PredicateModel(contentsOf: path)
        #expect(boxes.parameters.isIdentical(to: model.geometry.parameters))
        try BranchedModel(model.geometry).write(to: path)
        #expect(try BranchedModel(contentsOf: path).appearance == nil)
    }

    @Test("What people do alone is a branch beside either, or both", arguments: [false, true])
    func people(looks: Bool) throws {
        let path = folder("verbs.safetensors")
        let people = constantPeople(
            [("play guitar", 0.7), ("ride horse", 0.6)], channels: 3, cells: 2)
        let all = BranchedModel(
            model.geometry, appearance: looks ? model.appearance : nil, people: people)
        try all.write(to: path)
        let read = try BranchedModel(contentsOf: path)
        let found = try #require(read.people)
        #expect((read.appearance != nil) == looks && read.looking.count == (looks ? 2 : 1))
        #expect(found.model.verbNames == ["play guitar", "ride horse"])
        #expect(found.model.head.subject == .people && found.detector == "abc")
        #expect(found.model.parameters.isIdentical(to: people.model.parameters))
        #expect(found.fusion == people.fusion)
        #expect(read.geometry.parameters.isIdentical(to: model.geometry.parameters))
        #expect(
            try PredicateModel(contentsOf: path).parameters.isIdentical(
                to: model.geometry.parameters))
        // A head of people alone is a file, too; names without a thing are refused.
        try people.model.write(to: path)
        #expect(try PredicateModel(contentsOf: path).head.subject == .people)
        let file = try Safetensors(contentsOf: path)
        for (key, value) in [
            ("percept.verbs", "play guitar\nride"), ("percept.subject", "dogs"),
            ("percept.regions", nil),
        ] as [(String, String?)] {
            var metadata = file.metadata
            metadata[key] = value
            try people.model.parameters.write(to: path, metadata: metadata)
            #expect(throws: SafetensorsError.self, "\(key)") {
                try PredicateModel(contentsOf: path)
            }
        }
    }

    @Test("Branches that look in different grids are no head")
    func grids() throws {
        let path = folder("verbs.safetensors")
        try BranchedModel(
            model.geometry, appearance: model.appearance,
            people: constantPeople([("play guitar", 0.7)], channels: 3)
        ).write(to: path)
        let error = try #require(throws: SafetensorsError.self) {
            try BranchedModel(contentsOf: path)
        }
        #expect("\(error)".contains("3 channels in 2 cells"), "\(error)")
    }

    @Test("Calibration makes probabilities of logits that are too sure")
    func calibration() throws {
        let model = constantPeople([("play guitar", 0.99), ("ride horse", 0.01)]).model
        let regions = try #require(model.head.regions)
        var people = LabelledPairs(
            verbNames: model.verbNames, regions: regions, subject: .people)
        // Of a hundred 70 play, 20 ride, ten do nothing.
        for index in 0..<100 {
            people.append(
                .init(picture: index, pair: .withScene(0, of: 1)), object: COCO.person,
                verbs: index < 70 ? [0] : index < 90 ? [1] : [],
                features: .init(repeating: 0, count: 36),
                appearance: .init(repeating: 0, count: regions.count))
        }
        let fusion = try BranchFusion(calibrating: model, on: people)
        #expect(fusion.geometry == 0)
        let scorer = try BranchedScorer(
            BranchedModel(
                self.model.geometry,
                people: .init(model, fusion: fusion, detector: "abc")))
        let found = try #require(try scorer.probabilities(ofPeople: people)).elements
        #expect(abs(found[0] - 0.7) < 0.01 && abs(found[1] - 0.2) < 0.01, "\(found.prefix(2))")
        let saved = model.calibrated(by: fusion)
        #expect(saved.calibration == fusion && model.calibration == nil)
    }

    @Test("Three numbers are read as they were written, and nothing else")
    func text() {
        #expect(BranchFusion(fusion.description) == fusion)
        for text in ["", "1 2", "1 2 3 4", "1 2 inf", "a b c"] {
            #expect(BranchFusion(text) == nil, "\(text)")
        }
    }

    @Test(
        "What does not fit is named",
        arguments: [
            ("percept.fusion", "1 2"), ("percept.fusion", "1 nan 2"), ("percept.detector", ""),
            ("percept.appearance.regions", "3 2"), ("percept.appearance.verbs", ""),
            ("percept.appearance.regions", nil),
        ] as [(String, String?)])
    func wrong(key: String, value: String?) throws {
        let path = folder("verbs.safetensors")
        try model.write(to: path)
        let file = try Safetensors(contentsOf: path)
        var metadata = file.metadata
        metadata[key] = value
        let all =
            model.geometry.parameters.map { ($0.path, $0.tensor) }
            + model.appearance!.model.parameters.map { ($0.path, $0.tensor) }
        try Parameters(all.map { (path: $0.0, tensor: $0.1) }).write(to: path, metadata: metadata)
        #expect(throws: SafetensorsError.self) { try BranchedModel(contentsOf: path) }
    }

    @Test("Verbs that both know are told by both, others by boxes")
    func scores() throws {
        let pairs = lookedAtPairs(200, ["ride", "fly", "eat"])
        let scorer = try BranchedScorer(model)
        #expect(scorer.regions == regions)
        let both = try scorer.probabilities(of: pairs).elements
        let boxes = try PredicateScorer(model.geometry).probabilities(of: pairs).elements
        let looks = try PredicateScorer(model.appearance!.model).logits(of: pairs).elements
        func logit(_ p: Float) -> Double { log(Double(p) / (1 - Double(p))) }
        for pair in 0..<200 {
            #expect(abs(both[3 * pair + 1] - boxes[3 * pair + 1]) < 1e-6)
            for (verb, look) in [(0, 2), (2, 0)] {
                let expected =
                    0.5 * logit(boxes[3 * pair + verb]) + 0.75 * Double(looks[3 * pair + look])
                    - 0.25
                #expect(abs(logit(both[3 * pair + verb]) - expected) < 1e-2)
            }
        }
        // Nobody looked: boxes decide.
        let blind = randomPairs(20, verbs: ["eat", "hold", "ride"])
        #expect(
            try scorer.probabilities(of: blind).elements
                == PredicateScorer(model.geometry).probabilities(of: blind).elements)
    }

    @Test("Samples are of verbs that both know, each with its truth")
    func samples() throws {
        let pairs = lookedAtPairs(9, ["ride", "fly", "eat"])
        let samples = try BranchedScorer.samples(
            model.geometry, model.appearance!.model, of: pairs)
        #expect(samples.count == 18)
        #expect(samples.count { $0.isSo } == 6)
        let logits = try PredicateScorer(model.geometry).logits(of: pairs).elements
        #expect(samples[0].geometry == Double(logits[2]) && samples[0].isSo)
        #expect(samples[1].geometry == Double(logits[0]) && !samples[1].isSo)
    }

    @Test("A fit finds the numbers that samples were drawn by")
    func fitting() {
        var random = RandomSource(seed: 3)
        let truth = BranchFusion(geometry: 0.8, appearance: 1.5, offset: -1)
        let samples = (0..<40_000).map { _ -> BranchFusion.Sample in
            let (a, b) = (2 * random.normal(), 2 * random.normal())
            let probability = 1 / (1 + exp(-truth.logit(geometry: a, appearance: b)))
            return .init(geometry: a, appearance: b, isSo: random.uniform() < probability)
        }
        let found = BranchFusion(fitting: samples)
        #expect(abs(found.geometry - 0.8) < 0.05)
        #expect(abs(found.appearance - 1.5) < 0.05)
        #expect(abs(found.offset + 1) < 0.05)
        // What can be told apart entirely stays finite, and what says nothing is not believed.
        let sure = BranchFusion(
            fitting: (0..<100).map {
                .init(geometry: 0, appearance: $0 < 50 ? -1 : 1, isSo: $0 >= 50)
            })
        #expect(sure.appearance > 2 && sure.appearance.isFinite && abs(sure.geometry) < 1.01)
        #expect(BranchFusion(fitting: []).offset == 0)
    }

    @Test("Logits beyond all measure say no more than large ones")
    func bounds() {
        #expect(
            fusion.logit(geometry: 1e9, appearance: -1e9)
                == fusion.logit(geometry: 8, appearance: -8))
    }

    @Test("A finder looks at the parts that the head is told of, pair by pair")
    func finder() throws {
        var rules = FindingRules()
        (rules.leastScore, rules.isClosed) = (0, false)
        let finder = try InteractionFinder(model, rules: rules)
        let things = [
            thing("person", Box(10, 10, 40, 60), 0.9), thing("horse", Box(20, 30, 90, 80), 0.8),
            thing("bicycle", Box(50, 5, 90, 80), 0.5),
        ]
        var asked: [Box] = []
        func look(_ value: Float) throws -> [Finding] {
            try finder(things, width: 100, height: 100) { boxes in
                asked = boxes
                return boxes.map { _ in [Float](repeating: value, count: regions.partCount) }
            }
        }
        let blind = try finder(things, width: 100, height: 100)
        let first = try look(0.1), second = try look(-2)
        #expect(
            asked == [
                things[0].box, Box(10, 10, 90, 80), things[0].box, Box(10, 5, 90, 80),
            ])
        func score(_ findings: [Finding], _ verb: String) -> Double {
            findings.first { $0.phrase == "\(verb) horse" }!.verbScore
        }
        #expect(abs(score(first, "hold") - score(blind, "hold")) < 1e-6)
        for verb in ["eat", "ride"] {
            #expect(score(first, verb) != score(blind, verb))
            #expect(score(first, verb) != score(second, verb))
        }
    }
}
