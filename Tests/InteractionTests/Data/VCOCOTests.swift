import Testing

@testable import Interaction

/// Two photographs as pairs.
let pairsOfVCOCO = """
    {"annotations": [
      {"boxes_h": [[1, 2, 3, 4], [1, 2, 3, 4]], "boxes_o": [[5, 6, 7, 8], [5, 6, 7, 9.5]], "actions": [1, 0],
       "objects": [2, 1], "file_name": "a.jpg"},
      {"boxes_h": [], "boxes_o": [], "actions": [], "objects": [], "file_name": "b.jpg"}],
     "classes": ["hold obj", "ride instr"], "objects": ["background", "person", "bicycle"], "images": [3, 4]}
    """

/// Two photographs in the official form. Things stand role by role: all agents, then all instruments.
let officialVCOCO = """
    [{"action_name": "walk", "role_name": ["agent"], "include": [[]], "image_id": [9, 4], "ann_id": [70, 71],
      "role_object_id": [70, 71], "label": [0, 1]},
     {"action_name": "hit", "role_name": ["agent", "instr", "obj"], "include": [[], [], []],
      "image_id": [9, 4], "ann_id": [70, 71], "role_object_id": [70, 71, 73, 0, 0, 0], "label": [1, 0]}]
    """

@Suite("Reading V-COCO")
struct VCOCOTests {
    private let instances: COCOInstances

    init() throws {
        instances = try COCOInstances(parsing: smallInstances.utf8, file: "i.json")
    }

    @Test("Pairs are read with action, role and thing")
    func readingPairs() throws {
        let set = try VCOCO(parsingPairs: pairsOfVCOCO.utf8, file: "t.json")
        #expect(set.hasPairsOnly && set.verbs == ["hold obj", "ride instr"])
        #expect(set.pictures.map(\.file) == ["a.jpg", "b.jpg"])
        let picture = set.pictures[0]
        #expect(picture.things.count == 3 && picture.things[0] == .init("person", Box(1, 2, 3, 4)))
        #expect(
            picture.interactions == [
                .init(human: 0, verb: "ride instr", object: 1, named: "bicycle"),
                .init(human: 0, verb: "hold obj", object: 2, named: "person"),
            ])
    }

    @Test("The official form keeps actions without things, and things out of sight")
    func readingOfficial() throws {
        let set = try VCOCO(
            parsingOfficial: officialVCOCO.utf8, file: "t.json", instances: instances)
        #expect(!set.hasPairsOnly && set.verbs == ["walk", "hit instr", "hit obj"])
        #expect(set.pictures.map(\.file) == ["i.jpg", "j.jpg"])
        #expect(
            set.pictures[0].interactions == [
                .init(human: 0, verb: "hit instr", object: 2, named: "dog"),
                .init(human: 0, verb: "hit obj", object: nil, named: nil),
            ])
        #expect(
            set.pictures[1].interactions == [
                .init(human: 0, verb: "walk", object: nil, named: nil)
            ])
        #expect(set.pictures.allSatisfy { $0.coverage == .everybody })
        #expect(set.pictures[0].triplets == [Triplet(verb: "hit instr", object: "dog")])
    }

    @Test(
        "Errors name the file and the place",
        arguments: [
            ("[70, 71, 73, 0, 0, 0]", "[70, 71, 73, 0, 0]", "[1]: lists of different lengths"),
            (
                "[70, 71, 73, 0, 0, 0]", "[70, 71, 71, 0, 0, 0]",
                "[1].role_object_id[2]: expected the id of an annotation of the same image, found 71"
            ),
            ("\"label\": [1, 0]", "\"label\": [2, 0]", "[1].label[0]: expected a whole number"),
            (
                "\"image_id\": [9, 4]", "\"image_id\": [9, 5]",
                "[0].image_id[1]: expected the id of an image of the instances, found 5"
            ),
            ("[\"agent\"]", "[\"obj\"]", "[0].role_name: expected a list that begins"),
        ])
    func errors(part: String, replacement: String, message: String) throws {
        let error = try #require(throws: AnnotationError.self) {
            try VCOCO(
                parsingOfficial: officialVCOCO.with(replacement, for: part).utf8, file: "t.json",
                instances: instances)
        }
        #expect("\(error)".hasPrefix("t.json: " + message), "\(error)")
    }
}
