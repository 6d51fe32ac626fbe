import TestSupport
import Testing

@testable import Interaction

@Suite("Annotations of any form")
struct AnnotationFileTests {
    private let folder = TemporaryFolder()

    private func read(_ text: String, instances: String? = nil) throws -> AnnotationFile {
        try AnnotationFile(
            contentsOf: folder.write(Array(text.utf8), to: "a.json"), instances: instances)
    }

    @Test("HICO-DET is told by its list of combinations")
    func hicodet() throws {
        guard case .hicodet(let set) = try read(smallHICODET) else {
            Issue.record("another form")
            return
        }
        #expect(set.pictures.count == 2)
        #expect(try read(smallHICODET).listedTriplets == set.triplets)
    }

    @Test("V-COCO is told in both forms, and the official one asks for instances")
    func vcoco() throws {
        guard case .vcoco(let pairs) = try read(pairsOfVCOCO) else {
            Issue.record("another form")
            return
        }
        #expect(pairs.hasPairsOnly && pairs.pictures.count == 2)
        let instances = folder.write(Array(smallInstances.utf8), to: "i.json")
        guard case .vcoco(let official) = try read(officialVCOCO, instances: instances) else {
            Issue.record("another form")
            return
        }
        #expect(!official.hasPairsOnly && official.pictures.map(\.file) == ["i.jpg", "j.jpg"])
        let error = try #require(throws: AnnotationError.self) { try read(officialVCOCO) }
        #expect(error.exitCode == 65 && "\(error)".contains("COCO's instances"))
    }

    @Test("PPDM's form is told, and has HICO-DET's list")
    func exchanged() throws {
        let file = try read(
            """
            [{"file_name": "HICO_train2015_00000001.jpg", "annotations": [
                {"bbox": [0, 0, 9, 9], "category_id": 1}, {"bbox": [5, 5, 9, 9], "category_id": 19}],
              "hoi_annotation": [{"subject_id": 0, "object_id": 1, "category_id": 77}]}]
            """)
        #expect(file.listedTriplets == HICO.triplets)
        #expect(file.pictures[0].triplets == [Triplet(verb: HICO.verbs[76], object: "horse")])
    }

    @Test("Our lines are told, one or several")
    func lines() throws {
        let line =
            "{\"image\": \"a.jpg\", \"width\": 9, \"height\": 9, \"boxes\": [], \"interactions\": []}"
        for count in [1, 3] {
            let file = try read([String](repeating: line, count: count).joined(separator: "\n"))
            #expect(file.pictures.count == count && file.listedTriplets == nil)
        }
    }

    @Test("Anything else is refused with its name", arguments: ["[]", "{}", "[1, 2]", "{\"image"])
    func others(text: String) throws {
        let error = try #require(throws: AnnotationError.self) { try read(text) }
        #expect("\(error)".hasPrefix(folder("a.json")) && error.exitCode == 65)
    }
}
