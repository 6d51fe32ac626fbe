import TestSupport
import Testing

@testable import Interaction

@Suite("Findings that a file tells")
struct KnownFindingsTests {
    private let folder = TemporaryFolder()

    private func known(_ text: String) throws -> KnownFindings {
        try KnownFindings(contentsOf: folder.write(Array(text.utf8), to: "found.json"))
    }

    /// What `hoi detect` writes of a picture in which somebody rides a horse and holds it.
    private func written(_ format: FindingsFormat) throws -> String {
        var picture = PictureFindings(image: "x/COCO_val2014_000000000007.jpg")
        (picture.width, picture.height) = (100, 80)
        picture.findings = [finding("ride", "horse", 0.5), finding("hold", "horse", 0.25)]
        var text = ""
        var printer = FindingsPrinter(format) { text += $0 }
        try printer.begin()
        try printer.add(picture)
        try printer.end()
        return text
    }

    @Test(
        "Our lines and lists are read as they were meant", arguments: [FindingsFormat.jsonl, .json])
    func ours(format: FindingsFormat) throws {
        let found = try known(try written(format))
        #expect(found.form == .ours && found.pictureCount == 1)
        let pairs = found.pairs(in: "COCO_val2014_000000000007.jpg")
        #expect(pairs.map(\.boxes.relation.predicate) == ["ride", "hold"])
        #expect(pairs[0].boxes.relation == Relation("person", "ride", "horse"))
        #expect(pairs[0].boxes.subject == Box(10, 10, 40, 60))
        #expect(pairs[0].score == 0.5 && pairs[0].verbScore == 0.75)
        #expect(found.knows("x/COCO_val2014_000000000007.jpg") && !found.knows("7.jpg"))
    }

    @Test("PPDM's predictions are read with their last pixels")
    func hico() throws {
        let found = try known(try written(.hico))
        #expect(found.form == .hico)
        let pairs = found.pairs(in: "COCO_val2014_000000000007.jpg")
        #expect(pairs[1].boxes.relation == Relation("person", "hold", "horse"))
        #expect(pairs[1].boxes.subject == Box(10, 10, 41, 61))
        // And handed on as the official measure wants them: by their corners.
        let ride = Triplet(verb: "ride", object: "horse")
        #expect(
            pairs[0].detection(numbered: [ride: 3])
                == InteractionDetection(
                    human: Box(10, 10, 40, 60), object: Box(30, 30, 80, 70.3), interaction: 3,
                    score: 0.5))
        #expect(pairs[1].detection(numbered: [ride: 3]) == nil)
    }

    @Test("V-COCO's people are read by number, and pairs give the same people")
    func people() throws {
        let direct = try known(try written(.vcoco))
        #expect(direct.form == .vcoco && direct.pictureCount == 1)
        let agents = direct.agents(in: "COCO_val2014_000000000007.jpg")
        #expect(agents.count == 1 && direct.agents(in: "8.jpg").isEmpty)
        #expect(agents[0].actions == ["ride": 0.5, "hold": 0.25])
        #expect(agents[0].box == Box(10, 10, 41, 61))
        #expect(agents[0].roles["ride instr"] == .init(Box(30, 30, 81, 71.3), score: 0.5))
        let ofPairs = try known(try written(.hico)).agents(in: "COCO_val2014_000000000007.jpg")
        #expect(ofPairs == agents)
    }

    @Test("A thing out of sight has no place, and what is null is not said")
    func absent() throws {
        let agents = try known(
            """
            [{"image_id": 7, "person_box": [0, 0, 9, 9], "hit_agent": 0.5, "walk_agent": null,
              "hit_instr": [null, null, null, null, 0.5], "hit_obj": [0, 0, 0, 0, 0.25],
              "talk_on_phone_instr": [1, 2, 3, 4, 0.125], "cut_obj": [1, 2, 3, 4, null]}]
            """
        ).agents(in: "7.jpg")
        #expect(agents[0].actions == ["hit": 0.5])
        #expect(
            agents[0].roles == [
                "hit instr": .init(nil, score: 0.5), "hit obj": .init(nil, score: 0.25),
                "talk_on_phone instr": .init(Box(1, 2, 4, 5), score: 0.125),
            ])
    }

    @Test("A subject may be anything, and a line without findings is of a known picture")
    func subjects() throws {
        let found = try known(
            """
            {"image": "a.jpg", "interactions": [{"subject": [0, 0, 5, 5], "subject_name": "dog", \
            "object": [1, 1, 9, 9], "object_name": "bike", "verb": "ride", "score": 0.5}]}
            {"image": "b.jpg", "interactions": [], "error": "damaged"}
            {"image": "c.mp4", "events": []}
            """)
        #expect(found.pairs(in: "a.jpg")[0].boxes.relation == Relation("dog", "ride", "bike"))
        #expect(found.pairs(in: "a.jpg")[0].verbScore == 0.5)
        #expect(found.agents(in: "a.jpg").isEmpty)
        #expect(found.knows("b.jpg") && !found.knows("c.mp4") && found.pictureCount == 2)
    }

    @Test(
        "Errors name the file and the place",
        arguments: [
            (
                "[{\"file_name\": \"a\", \"predictions\": [], \"hoi_prediction\": [{\"subject_id\": 0}]}]",
                "[0].hoi_prediction[0].subject_id: expected nothing, found 0"
            ),
            (
                "[{\"image_id\": 1, \"person_box\": [1, 2, 3, 4], \"hit_obj\": [1, null, 3, 4, 1]}]",
                "[0].hit_obj: expected four numbers, or none, and a score"
            ),
            (
                "[{\"image_id\": 1, \"person_box\": [1, 2, 3, 4], \"hit_obj\": [1, 2, 3]}]",
                "[0].hit_obj: expected four numbers and a score"
            ),
            ("[{\"things\": []}]", "[0]: 'image' is missing"),
            ("{\"image\": \"a\"}", "line 1: 'inter"),
        ])
    func errors(text: String, message: String) throws {
        let error = try #require(throws: AnnotationError.self) { try known(text) }
        #expect("\(error)".contains("found.json: " + message), "\(error)")
    }

    @Test("Text that may hold findings is told from weights")
    func text() throws {
        #expect(KnownFindings.isOne(folder.write(Array("\n [1]".utf8), to: "a")))
        #expect(KnownFindings.isOne(folder.write(Array("{\"image\": 1}".utf8), to: "b")))
        // A length of 123 bytes, which is also a brace.
        let weights: [UInt8] = [0x7B, 0, 0, 0, 0, 0, 0, 0] + Array("{\"a\": 1}".utf8)
        #expect(!KnownFindings.isOne(folder.write(weights, to: "c")))
        #expect(
            !KnownFindings.isOne(folder.write([], to: "d")) && !KnownFindings.isOne(folder("e")))
    }
}
