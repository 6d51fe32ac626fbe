import TestSupport
import Testing

@testable import Interaction

private let rideHorse = Triplet(verb: "ride", object: "horse")
private let feedDog = Triplet(verb: "feed", object: "dog")

@Suite("Splits as files")
struct SplitFileTests {
    private let folder = TemporaryFolder()

    private func write(_ text: String) -> String {
        folder.write(Array(text.utf8), to: "split.json")
    }

    @Test("A split reads back as it is written, with photographs and without")
    func roundTrip() throws {
        let whole = SplitFile(
            unseen: [rideHorse, feedDog],
            photographs: .init(training: ["b.jpg", "a.jpg"], test: ["c.jpg"]))
        #expect(try SplitFile(contentsOf: write(whole.json.pretty)) == whole)
        let combinations = SplitFile(unseen: [rideHorse])
        #expect(try SplitFile(contentsOf: write(combinations.json.compact)) == combinations)
        #expect(
            combinations.json.compact == "{\"unseen\":[{\"verb\":\"ride\",\"object\":\"horse\"}]}")
    }

    @Test("Photographs are chosen by name; where none is named any may serve")
    func photographs() {
        let pictures = ["a.jpg", "b.jpg", "c.jpg"].map { AnnotatedPicture(file: $0) }
        let file = SplitFile(
            unseen: [], photographs: .init(training: ["c.jpg", "a.jpg"], test: ["d.jpg"]))
        #expect(file.training(among: pictures).map(\.file) == ["a.jpg", "c.jpg"])
        #expect(file.test(among: pictures).isEmpty)
        #expect(
            file.missing(training: Array(pictures.dropFirst()), test: pictures)
                == [.missing(file: "a.jpg"), .missing(file: "d.jpg")])
        let any = SplitFile(unseen: [])
        #expect(any.training(among: pictures) == pictures && any.test(among: pictures) == pictures)
        #expect(any.missing(training: [], test: []).isEmpty)
    }

    @Test(
        "Errors name the file and the place",
        arguments: [
            (
                "{\"unseen\": [{\"verb\": \"feed\", \"object\": \"dog\"}]}",
                "unseen[0]: expected a combination that the data set has, found {\"verb\":\"feed\""
            ),
            ("{\"unseen\": [{\"verb\": \"ride\"}]}", "unseen[0]: 'object' is missing"),
            ("{\"unseen\": {\"rare_first\": []}}", "unseen: expected a list"),
            ("{\"unseen\": [], \"test\": []}", "'training' is missing"),
        ])
    func errors(text: String, message: String) throws {
        let error = try #require(throws: AnnotationError.self) {
            try SplitFile(contentsOf: write(text), of: [rideHorse])
        }
        #expect("\(error)".contains("split.json: " + message), "\(error)")
    }

    @Test("One side of a split is counted")
    func side() {
        var picture = AnnotatedPicture(
            file: "a.jpg",
            things: [.init("person", Box(0, 0, 9, 9)), .init("dog", Box(0, 0, 5, 5))])
        picture.interactions = [
            .init(human: 0, verb: "feed", object: 1, named: "dog"),
            .init(human: 0, verb: "walk", object: 1, named: "dog"),
            .init(human: 0, verb: "run", object: nil, named: nil),
        ]
        let side = SplitSide([picture, picture])
        #expect(side.pictures == 2 && side.pairs == 4)
        #expect(side.combinations == 2 && side.verbs == 2 && side.objects == 1)
    }
}
