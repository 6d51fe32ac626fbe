import Testing

@testable import Interaction

@Suite("Reading HICO-DET-SG")
struct HICODETSGTests {
    private let text = """
        [{"file_name": "HICO_train2015_00000001.jpg", "annotations": [
            {"bbox": [207, 32, 426, 299], "category_id": 1}, {"bbox": [58, 97, 571, 404], "category_id": 4}],
          "hoi_annotation": [{"subject_id": 0, "object_id": 1, "category_id": 2, "hoi_category_id": 153}]},
         {"file_name": "HICO_test2015_00000001.jpg", "annotations": [
            {"bbox": [208, 33, 427, 300], "category_id": 1}, {"bbox": [59, 98, 572, 405], "category_id": 4}],
          "hoi_annotation": [{"subject_id": 0, "object_id": 1, "category_id": 1}]}]
        """

    private func read(_ text: String) throws -> HICODETSG {
        try HICODETSG(parsing: text.utf8, file: "t.json", verbs: ["ride", "race"])
    }

    @Test("Boxes cover the same pixels, whether the file counts them from 0 or from 1")
    func reading() throws {
        let set = try read(text)
        let boxes = [Box(207, 32, 427, 300), Box(58, 97, 572, 405)]
        #expect(set.pictures.allSatisfy { $0.things.map(\.box) == boxes })
        #expect(
            set.triplets == [
                Triplet(verb: "race", object: "motorcycle"),
                Triplet(verb: "ride", object: "motorcycle"),
            ])
    }

    @Test(
        "Errors name the file and the place",
        arguments: [
            (
                "\"category_id\": 4}", "\"category_id\": 12}",
                "[0].annotations[1].category_id: expected"
            ),
            (
                "\"category_id\": 2,", "\"category_id\": 3,",
                "[0].hoi_annotation[0].category_id: expected a whole number from 1 to 2, found 3"
            ),
            ("\"object_id\": 1", "\"object_id\": 2", "[0].hoi_annotation[0].object_id: expected"),
        ])
    func errors(part: String, replacement: String, message: String) throws {
        let error = try #require(throws: AnnotationError.self) {
            try read(text.with(replacement, for: part))
        }
        #expect("\(error)".hasPrefix("t.json: " + message), "\(error)")
    }
}
