import Interaction
import TestSupport
import Testing

private let human = Box(0, 0, 10, 20), object = Box(8, 5, 30, 25)
private let pair = InteractionBoxes(human: human, object: object, interaction: 0)

/// A finding at the place of the pair, with corners as the official program counts them.
private func finding(
    _ interaction: Int = 0, score: Double, movedBy x: Double = 0, objectBy y: Double = 0
) -> InteractionDetection {
    InteractionDetection(
        human: Box(x, 0, 9 + x, 19), object: Box(8, 5 + y, 29, 24 + y), interaction: interaction,
        score: score)
}

@Suite("Accuracy of interactions")
struct InteractionAccuracyTests {
    private func accuracy(
        _ truth: [[InteractionBoxes]], _ found: [[InteractionDetection]],
        objects: [Int] = [0, 0, 1], _ setting: InteractionAccuracy.Setting = .default
    ) -> [Double?] {
        InteractionAccuracy(
            truth: truth, detections: found, objects: objects, setting: setting
        ).precisions
    }

    @Test("What is found at its place is right, and what the pictures do not show has no precision")
    func right() {
        #expect(accuracy([[pair]], [[finding(score: 0.2)]]) == [1, nil, nil])
        #expect(accuracy([[pair]], [[]]) == [0, nil, nil])
    }

    @Test("Both boxes must overlap by a half, which is enough")
    func bothBoxes() {
        // 20 of 30 columns: a shift by 10/3 leaves exactly a half of the union.
        #expect(accuracy([[pair]], [[finding(score: 1, movedBy: 3.3)]])[0] == 1)
        #expect(accuracy([[pair]], [[finding(score: 1, movedBy: 3.4)]])[0] == 0)
        #expect(accuracy([[pair]], [[finding(score: 1, objectBy: 6.6)]])[0] == 1)
        #expect(accuracy([[pair]], [[finding(score: 1, objectBy: 6.7)]])[0] == 0)
        let half = InteractionDetection(
            human: Box(0, 0, 9, 9), object: Box(8, 5, 29, 24), interaction: 0, score: 1)
        #expect(accuracy([[pair]], [[half]])[0] == 1)
    }

    // The official program gives each box of a finding a pixel more each way than its corners say.
    @Test("Corners of findings are pixels that belong to the box")
    func pixels() {
        let truth = InteractionBoxes(
            human: Box(0, 0, 3, 2), object: Box(0, 0, 4, 4), interaction: 0)
        func found(_ human: Box) -> InteractionDetection {
            InteractionDetection(
                human: human, object: Box(0, 0, 3, 3), interaction: 0, score: 1)
        }
        // 6 pixels against 3 and against 2.
        #expect(accuracy([[truth]], [[found(Box(0, 0, 2, 0))]])[0] == 1)
        #expect(accuracy([[truth]], [[found(Box(0, 0, 1, 0))]])[0] == 0)
    }

    @Test("A second finding of the same pair is wrong, the better one right")
    func repeats() {
        let other = InteractionBoxes(
            human: Box(100, 0, 110, 20), object: Box(108, 5, 130, 25), interaction: 0)
        let found = [
            finding(score: 0.9), finding(score: 0.8, movedBy: 1), finding(score: 0.7, movedBy: 100),
        ]
        // Right, wrong, and wrong again: the third's object lies elsewhere.
        #expect(accuracy([[pair, other]], [found])[0] == 6.0 / 11)
    }

    @Test("A finding stands for the pair that it overlaps most, even where that is taken")
    func most() {
        let near = InteractionBoxes(
            human: Box(2, 0, 12, 20), object: object, interaction: 0)
        let found = [finding(score: 0.9), finding(score: 0.8)]
        // The second could have taken the other pair, with an overlap of 8/12.
        #expect(accuracy([[pair, near]], [found])[0] == 6.0 / 11)
    }

    @Test("Findings of all pictures are ranked together")
    func ranking() {
        let found = [[finding(score: 0.3)], [finding(score: 0.6)], [finding(score: 0.5)]]
        // Ranked: wrong (no truth there), right, right.
        let expected = 2.0 / 3
        let precision = accuracy([[pair], [], [pair]], found)[0]!
        #expect(abs(precision - expected) < 1e-12)
    }

    @Test("With a known object only pictures that show one of its kind count")
    func knownObject() {
        let sameObject = InteractionBoxes(human: human, object: object, interaction: 1)
        let otherObject = InteractionBoxes(human: human, object: object, interaction: 2)
        let truth = [[pair], [sameObject], [otherObject], []]
        let found = (0..<4).map { [finding(score: Double(4 - $0) / 10 + ($0 == 0 ? -0.35 : 0))] }
        // Default: three wrong ones before the right one; known object: only the second picture's.
        #expect(accuracy(truth, found)[0] == 0.25)
        #expect(accuracy(truth, found, .knownObject)[0] == 0.5)
    }

    @Test("Means are over the interactions that the pictures show")
    func means() {
        let second = InteractionBoxes(human: human, object: object, interaction: 1)
        let accuracy = InteractionAccuracy(
            truth: [[pair, second]], detections: [[finding(score: 1)]], objects: [0, 0, 1])
        #expect(accuracy.mean() == 0.5 && accuracy.mean(of: [0]) == 1)
        #expect(accuracy.mean(of: [1, 2]) == 0 && accuracy.mean(of: [2]) == nil)
    }

    @Test(
        "What HICO-DET's truth says of itself is nearly perfect for each interaction",
        .enabled(if: dataFolder != nil, "PERCEPT_DATA is not set"))
    func truth() throws {
        let folder = TemporaryFolder()
        let set = try HICODET(
            contentsOf: unpacked("hicodet_instances_test2015.json", in: folder))
        let place = Dictionary(
            uniqueKeysWithValues: set.triplets.enumerated().map { ($1, $0) })
        let truth = set.pictures.map { $0.boxes(numbered: place) }
        let found = truth.map { pairs in
            pairs.map { pair in
                // As pixels that belong to the box.
                InteractionDetection(
                    human: Box(
                        pair.human.x1, pair.human.y1, pair.human.x2 - 1, pair.human.y2 - 1),
                    object: Box(
                        pair.object.x1, pair.object.y1, pair.object.x2 - 1, pair.object.y2 - 1),
                    interaction: pair.interaction, score: 1)
            }
        }
        let objects = set.triplets.map { COCO.index(of: $0.object)! }
        for setting in InteractionAccuracy.Setting.allCases {
            let accuracy = InteractionAccuracy(
                truth: truth, detections: found, objects: objects, setting: setting)
            #expect(accuracy.precisions.count { $0 == nil } == 0)
            // Some pairs are annotated twice at the same place: one of them is never found.
            #expect(accuracy.mean()! > 0.98 && accuracy.mean(of: set.rare)! > 0.98)
        }
    }
}
