import TestSupport
import Testing

@testable import Interaction

private func thing(_ name: String, _ x: Double, score: Double = 0.9) -> Detection {
    Detection(Box(x, 0, x + 10, 10), category: COCO.index(of: name)!, score: score)
}

private func pair(_ verb: String, _ object: String, _ x: Double, _ y: Double) -> RelatedBoxes {
    RelatedBoxes(
        Relation("person", verb, object), subject: Box(x, 0, x + 10, 10),
        object: Box(y, 0, y + 10, 10))
}

private func picture(
    _ image: String = "a", _ time: Double? = nil, _ things: [Detection]?, _ pairs: [RelatedBoxes]
) -> FoundInPicture { FoundInPicture(image: image, time: time, things: things, pairs: pairs) }

@Suite("Agreement of findings")
struct FindingsAgreementTests {
    @Test("Each thing counts once, where kind and place are the same")
    func things() {
        let reference = picture(
            "a", nil, [thing("person", 0), thing("person", 20), thing("dog", 0)], [])
        // One is where it was, one of two at the same place is over, one is of another kind, one is too far off.
        let found = picture(
            "b", nil,
            [thing("person", 1), thing("person", 2), thing("cat", 0), thing("person", 26)], [])
        let agreement = FindingsAgreement(found, with: reference)
        #expect(agreement.things == .init(found: 4, wanted: 3, both: 1))
        #expect(agreement.people == .init(found: 3, wanted: 2, both: 1))
        #expect(agreement.things!.precision == 0.25 && agreement.things!.recall == 1.0 / 3)
        #expect(abs(agreement.things!.f1! - 2.0 / 7) < 1e-12)
        #expect(agreement.interactions.f1 == nil)
    }

    @Test("The closest become couples first")
    func closest() {
        let reference = picture("a", nil, [thing("person", 0), thing("person", 4)], [])
        let found = picture("a", nil, [thing("person", 3), thing("person", 1)], [])
        #expect(FindingsAgreement(found, with: reference).things!.both == 2)
    }

    @Test("Interactions agree where verb, kind and both places are the same")
    func interactions() {
        let reference = picture(
            "a", nil, nil, [pair("ride", "horse", 0, 20), pair("feed", "horse", 0, 20)])
        for (other, both) in [
            (pair("ride", "horse", 1, 21), 1), (pair("ride", "horse", 1, 27), 0),
            (pair("ride", "horse", 7, 20), 0), (pair("ride", "cow", 0, 20), 0),
            (pair("lead", "horse", 0, 20), 0),
        ] {
            let agreement = FindingsAgreement(picture("a", nil, nil, [other]), with: reference)
            #expect(agreement.interactions == .init(found: 1, wanted: 2, both: both))
            #expect(agreement.things == nil)
        }
    }

    @Test("Files are compared in order, frames at the same times, and nothing else")
    func files() throws {
        let frames = [
            picture("a.mkv", 0, [thing("person", 0)], []),
            picture("a.mkv", 0.5, [thing("person", 0)], []), picture("b.mkv", 0, [], []),
        ]
        func renamed(_ times: [Double?], _ names: [String]) -> [FoundInPicture] {
            zip(frames, zip(times, names)).map { picture($1.1, $1.0, $0.things, $0.pairs) }
        }
        let same = renamed([0, 0.52, 0], ["x.mp4", "x.mp4", "y.mp4"])
        let result = try FindingsAgreement.byFile(same, with: frames)
        #expect(result.map(\.file) == ["a.mkv", "b.mkv"])
        #expect(result[0].agreement.people == .init(found: 2, wanted: 2, both: 2))
        for other in [
            renamed([0, 0.7, 0], ["x", "x", "y"]), renamed([0, nil, 0], ["x", "x", "y"]),
            renamed([0, 0.5, 0], ["x", "z", "y"]), Array(same.dropLast()),
        ] {
            #expect(throws: AgreementError.self) {
                try FindingsAgreement.byFile(other, with: frames)
            }
        }
    }

    @Test("A gain is of all files, and its interval of files drawn anew")
    func gain() throws {
        func agreement(_ found: Int, _ both: Int) -> FindingsAgreement {
            var agreement = FindingsAgreement()
            agreement.interactions = .init(found: found, wanted: 10, both: both)
            return agreement
        }
        let better = (0..<8).map { agreement(10, 6 + $0 % 2) }
        let worse = (0..<8).map { _ in agreement(10, 5) }
        let gain = try #require(
            FindingsAgreement.difference(better, worse) { $0.interactions })
        #expect(abs(gain.value - 0.15) < 1e-12)
        #expect(gain.interval.lowerBound >= 0.1 - 1e-9 && gain.interval.lowerBound < 0.15)
        #expect(gain.interval.upperBound <= 0.2 + 1e-9 && gain.interval.upperBound > 0.15)
        let none = try #require(
            FindingsAgreement.difference(worse, worse) { $0.interactions })
        #expect(none.value == 0 && none.interval == 0...0)
        #expect(FindingsAgreement.difference(worse, worse) { $0.things } == nil)
    }

    @Test("What 'hoi detect --boxes' writes is read")
    func reading() throws {
        var findings = PictureFindings(image: "clip.mkv")
        (findings.width, findings.height, findings.time) = (100, 50, 1.5)
        findings.things = [thing("person", 0), thing("horse", 20, score: 0.5)]
        findings.findings = [
            Finding(
                human: findings.things[0], object: findings.things[1], verb: "ride",
                verbScore: 0.8, score: 0.4)
        ]
        var text = ""
        for tellsThings in [true, false] {
            var printer = FindingsPrinter(.jsonl, tellsThings: tellsThings) { text += $0 }
            try printer.add(findings)
            try printer.add(
                [
                    InteractionEvent(
                        triplet: Triplet(verb: "ride", object: "horse"), start: 0, end: 1,
                        score: 1, people: 1, frames: 2)
                ], of: "clip.mkv")
        }
        let folder = TemporaryFolder()
        let path = folder.write(Array(text.utf8), to: "found.jsonl")
        let read = try FoundInPicture.list(contentsOf: path)
        #expect(read.count == 2)
        #expect(read[0].things == findings.things && read[1].things == nil)
        #expect(read[0].time == 1.5 && read[0].pairs == [pair("ride", "horse", 0, 20)])
        let agreement = FindingsAgreement(read[0], with: read[0])
        #expect(agreement.things?.f1 == 1 && agreement.interactions.f1 == 1)
    }
}
