import TestSupport
import Testing

@testable import Interaction

private let line = """
    {"image":"a.jpg","width":40,"height":30,"boxes":[{"category":"person","box":[0,0,10,20],"score":null},\
    {"category":"dog","box":[5,5,9,9],"score":0.5,"duplicate_of":2},\
    {"category":"dog","box":[5,5,9,9.5],"score":null,"iscrowd":true}],"interactions":[\
    {"subject":0,"object":1,"verb":"walk","object_name":"dog","match":0.25},\
    {"subject":0,"object":null,"verb":"blow","object_name":"bubble wand","match":null}],\
    "interactions_labelled":"one person only","boxes_labelled":true}
    """

@Suite("Reading our list of photographs")
struct PhotographListTests {
    private let folder = TemporaryFolder()

    private func read(_ text: String) throws -> [AnnotatedPicture] {
        folder.write(Array(text.utf8), to: "list.jsonl")
        return try AnnotatedPicture.list(contentsOf: folder("list.jsonl"))
    }

    @Test("Each line that is not empty is a photograph")
    func reading() throws {
        let nobody = line.with("none", for: "one person only")
        let everybody = line.with("V-COCO verbs, all people", for: "one person only")
        let all = try read("\(line)\n\n\(nobody)\n\(everybody)")
        #expect(all.map(\.coverage) == [.onePerson, .nobody, .everybody])
        let picture = all[0]
        #expect(picture.file == "a.jpg" && picture.width == 40 && picture.hasAllThings)
        #expect(picture.things.map(\.score) == [nil, 0.5, nil])
        #expect(picture.things.map(\.repeated) == [nil, 2, nil])
        #expect(picture.things.map(\.isCrowd) == [false, false, true])
        #expect(picture.interactions.map(\.match) == [0.25, nil])
        #expect(picture.interactions.map(\.object) == [1, nil])
        #expect(
            picture.triplets == [
                Triplet(verb: "walk", object: "dog"), Triplet(verb: "blow", object: "bubble wand"),
            ])
        // What a detector found is no truth.
        #expect(picture.trueBoxes.count == 2)
    }

    @Test(
        "Errors name the file, the line and the place",
        arguments: [
            (
                "\"subject\":0", "\"subject\":3",
                "line 2: interactions[0].subject: expected a whole number from 0 to 2, found 3"
            ),
            ("\"width\":40", "\"width\":\"40\"", "line 2: width: expected a whole number"),
            ("\"image\":\"a.jpg\",", "", "line 2: 'image' is missing"),
            ("\"boxes\":[{", "\"boxes\":[", "line 2: not JSON at byte"),
        ])
    func errors(part: String, replacement: String, message: String) throws {
        let error = try #require(throws: AnnotationError.self) {
            try read("\(line)\n\(line.with(replacement, for: part))\n")
        }
        #expect("\(error)".hasPrefix("\(folder("list.jsonl")): \(message)"), "\(error)")
    }
}
