import TestSupport
import Testing

@testable import Interaction

/// Two photographs, one of them empty, in HICO-DET's form.
let smallHICODET = """
    {"annotation": [
      {"boxes_h": [[1, 1, 10, 20], [1, 1, 10, 20], [3, 1, 12, 20]],
       "boxes_o": [[5, 5, 30, 25], [5, 5, 30, 25], [1, 1, 10, 20]],
       "hoi": [0, 1, 2], "object": [0, 0, 1], "verb": [1, 0, 0]},
      {"boxes_h": [], "boxes_o": [], "hoi": [], "object": [], "verb": []}],
     "filenames": ["a.jpg", "b.jpg"], "empty": [1], "size": [[40, 30], null],
     "objects": ["hot_dog", "person"], "verbs": ["hold", "eat"],
     "correspondence": [[0, 0, 1], [1, 0, 0], [2, 1, 0]], "rare": [2], "non_rare": [0, 1]}
    """

extension String {
    /// The text with one part, which must be there, in place of another.
    func with(_ part: String, for other: String) -> String {
        let pieces = split(separator: other, maxSplits: 1, omittingEmptySubsequences: false)
        precondition(pieces.count == 2, "no '\(other)'")
        return pieces[0] + part + pieces[1]
    }
}

@Suite("Reading HICO-DET")
struct HICODETTests {
    private func read(_ text: String) throws -> HICODET {
        try HICODET(parsing: text.utf8, file: "t.json")
    }

    @Test("Boxes cover the pixels that the file counts from 1, and each thing is there once")
    func reading() throws {
        let set = try read(smallHICODET)
        #expect(set.pictures.map(\.file) == ["a.jpg", "b.jpg"])
        let first = set.pictures[0]
        #expect(first.width == 40 && first.height == 30 && set.pictures[1].width == nil)
        #expect(
            first.things == [
                .init("person", Box(0, 0, 10, 20)), .init("hot dog", Box(4, 4, 30, 25)),
                .init("person", Box(2, 0, 12, 20)),
            ])
        #expect(
            first.interactions == [
                .init(human: 0, verb: "eat", object: 1, named: "hot dog"),
                .init(human: 0, verb: "hold", object: 1, named: "hot dog"),
                .init(human: 2, verb: "hold", object: 0, named: "person"),
            ])
        #expect(set.triplets[1] == Triplet(verb: "hold", object: "hot dog") && set.rare == [2])
    }

    @Test(
        "Errors name the file and the place",
        arguments: [
            (
                "\"hoi\": [0, 1, 2]", "\"hoi\": [0, 1, 3]",
                "annotation[0].hoi[2]: expected a whole number from 0 to 2, found 3"
            ),
            (
                "\"hoi\": [0, 1, 2]", "\"hoi\": [0, 1]",
                "annotation[0]: lists of different lengths: 3 of boxes_h, 3 of boxes_o, 2 of hoi"
            ),
            (
                "[5, 5, 30, 25]", "[5, 5, 30]",
                "annotation[0].boxes_o[0]: expected four numbers, found [5,5,30]"
            ),
            (
                "[5, 5, 30, 25]", "[5, 5, 30, \"25\"]",
                "annotation[0].boxes_o[0][3]: expected a number, found \"25\""
            ),
            ("\"verbs\"", "\"words\"", "'verbs' is missing"),
            (
                "[40, 30]", "[40, -1]",
                "size[0][1]: expected a whole number from 1 to 999999, found -1"
            ),
            (
                "[1, 0, 0], [2", "[7, 0, 0], [2",
                "correspondence[1]: expected [1, object, verb], found [7,0,0]"
            ),
            ("\"rare\": [2]", "\"rare\": 2", "rare: expected a list, found 2"),
            ("\"b.jpg\"]", "\"b.jpg\"", "not JSON at byte"),
        ])
    func errors(part: String, replacement: String, message: String) throws {
        let error = try #require(throws: AnnotationError.self) {
            try read(smallHICODET.with(replacement, for: part))
        }
        #expect("\(error)".hasPrefix("t.json: " + message), "\(error)")
        #expect(error.exitCode == 65)
    }

    @Test("Files that cannot be opened or are compressed are told apart")
    func files() throws {
        let folder = TemporaryFolder()
        let missing = try #require(throws: AnnotationError.self) {
            try HICODET(contentsOf: folder("none.json"))
        }
        #expect(missing.exitCode == 66)
        folder.write([0x1F, 0x8B, 8, 0], to: "a.json.gz")
        let packed = try #require(throws: AnnotationError.self) {
            try HICODET(contentsOf: folder("a.json.gz"))
        }
        #expect(packed.problem == .compressed)
        folder.write(Array(smallHICODET.utf8), to: "a.json")
        #expect(try HICODET(contentsOf: folder("a.json")).pictures.count == 2)
    }
}

/// An unpacked copy of a file of the annotations.
func unpacked(_ name: String, in folder: TemporaryFolder) -> String {
    let path = folder(name)
    _ = shell("gzip -dc '\(dataFolder!)/hoi/annotations/\(name).gz' > '\(path)'")
    return path
}

@Suite(
    "The published annotations",
    .enabled(if: dataFolder != nil, "PERCEPT_DATA is not set"))
struct PublishedAnnotationTests {
    @Test("HICO-DET's test set has its 9,658 photographs and 33,405 pairs of 600 kinds")
    func hicodet() throws {
        let folder = TemporaryFolder()
        let set = try HICODET(
            contentsOf: unpacked("hicodet_instances_test2015.json", in: folder))
        #expect(set.pictures.count == 9658 && set.verbs.count == 117 && set.rare.count == 138)
        #expect(set.pictures.count { $0.interactions.isEmpty } == 112)
        #expect(set.pictures.reduce(0) { $0 + $1.interactions.count } == 33_405)
        let shown = set.pictures.reduce(into: Set<Triplet>()) { $0.formUnion($1.triplets) }
        #expect(Set(set.triplets).count == 600 && shown == Set(set.triplets))
        // Every kind of thing is one of COCO's.
        #expect(Set(set.triplets.map(\.object)) == Set(COCO.categories))
        let sitting = try #require(set.pictures.first { $0.file == "HICO_test2015_00003124.jpg" })
        #expect(sitting.triplets == [Triplet(verb: "sit_on", object: "chair")])
        #expect(sitting.things.map(\.box) == [Box(207, 42, 475, 418), Box(199, 146, 518, 418)])
    }

    @Test("V-COCO's training set has its 2,533 photographs and 6,400 pairs")
    func vcoco() throws {
        let set = try VCOCO(
            pairs: dataFolder! + "/hoi/annotations/instances_vcoco_train.json")
        #expect(set.pictures.count == 2533 && set.verbs.count == 24 && set.hasPairsOnly)
        #expect(set.pictures.reduce(0) { $0 + $1.interactions.count } == 6400)
        #expect(set.pictures.count { !$0.interactions.isEmpty } == 2336)
    }

    @Test("Our list has its 6,465 photographs and 6,441 interactions")
    func list() throws {
        let all = try AnnotatedPicture.list(contentsOf: dataFolder! + "/hoi/train.jsonl")
        #expect(all.count == 6465)
        #expect(all.reduce(0) { $0 + $1.interactions.count } == 6441)
        #expect(all.count { $0.coverage == .onePerson } == 6286)
        #expect(all.count { $0.coverage == .everybody } == 8)
        let annotated = all.filter(\.hasAllThings)
        #expect(annotated.count == 179)
        #expect(annotated.reduce(0) { $0 + $1.trueBoxes.count } == 1647)
        #expect(annotated.reduce(0) { $0 + $1.things.count { $0.isCrowd } } == 12)
    }
}
