import Testing

@testable import Interaction

/// Two photographs in COCO's form.
let smallInstances = """
    {"images": [{"id": 9, "file_name": "i.jpg", "width": 100, "height": 80}, {"id": 4, "file_name": "j.jpg"}],
     "annotations": [
      {"id": 70, "image_id": 9, "category_id": 1, "bbox": [1.5, 2, 10, 20], "area": 120.5, "iscrowd": 0,
       "segmentation": [[1, 2, 3]]},
      {"id": 71, "image_id": 4, "category_id": 1, "bbox": [0, 0, 5, 5]},
      {"id": 72, "image_id": 9, "category_id": 18, "bbox": [3, 4, 5, 6], "iscrowd": 1},
      {"id": 73, "image_id": 9, "category_id": 18, "bbox": [30, 40, 5, 6]}],
     "categories": [{"id": 1, "name": "person"}, {"id": 18, "name": "dog"}]}
    """

@Suite("Reading COCO's instances")
struct COCOInstancesTests {
    @Test("Things are where the file says, with corners for extents")
    func reading() throws {
        let set = try COCOInstances(parsing: smallInstances.utf8, file: "t.json")
        #expect(set.pictures.map(\.file) == ["i.jpg", "j.jpg"])
        let things = set.pictures[0].things
        #expect(things.count == 3 && set.pictures[1].things.count == 1)
        #expect(things[0].box == Box(1.5, 2, 11.5, 22) && things[0].area == 120.5)
        #expect(!things[0].isCrowd && things[1].isCrowd && things[1].category == "dog")
        #expect(set.pictureIndices == [9: 0, 4: 1])
        #expect(set.places[73] == .init(picture: 0, thing: 2))
        #expect(set.pictures[0].coverage == .nobody)
        #expect(set.pictures[0].trueBoxes.map(\.area) == [120.5, 30, 30])
        #expect(set.pictures[0].trueBoxes.map(\.category) == [0, 16, 16])
    }

    @Test(
        "Errors name the file and the place",
        arguments: [
            (
                "\"image_id\": 4", "\"image_id\": 5",
                "annotations[1].image_id: expected the id of one of the images, found 5"
            ),
            (
                "\"id\": 71", "\"id\": 70",
                "annotations[1].id: expected a number that no other annotation has, found 70"
            ),
            ("\"id\": 4", "\"id\": 9", "images[1].id: expected a number that no other image has"),
            ("\"category_id\": 18", "\"category_id\": 2", "annotations[2].category_id: expected"),
            (
                "[0, 0, 5, 5]", "[0, 0, null, 5]",
                "annotations[1].bbox[2]: expected a number, found null"
            ),
            ("\"width\": 100", "\"width\": 1.5", "images[0].width: expected a whole number"),
        ])
    func errors(part: String, replacement: String, message: String) throws {
        let error = try #require(throws: AnnotationError.self) {
            try COCOInstances(
                parsing: smallInstances.with(replacement, for: part).utf8, file: "t.json")
        }
        #expect("\(error)".hasPrefix("t.json: " + message), "\(error)")
    }
}
