import Interaction
import TestSupport
import Testing

@Suite("Boxes from a file")
struct KnownDetectionsTests {
    private let folder = TemporaryFolder()

    private func read(
        _ text: String, _ numbering: KnownDetections.Numbering = .annotations
    ) throws -> KnownDetections {
        try KnownDetections(
            contentsOf: folder.write(Array(text.utf8), to: "boxes.json"), numbering: numbering)
    }

    @Test("COCO's results are known by number or by name, in COCO's numbering or from 0")
    func results() throws {
        let known = try read(
            """
            [{"image_id": 42, "category_id": 2, "bbox": [1, 2, 30, 40], "score": 0.5},
             {"image_id": 42, "category_id": 90, "bbox": [5, 5, 10, 10], "score": 0.75},
             {"file_name": "a/b.jpg", "category_id": 1, "bbox": [0, 0, 9, 9]},
             {"image_id": "c", "category_id": 1, "bbox": [0, 0, 9, 9], "score": null}]
            """)
        let found = known.detections(of: "x/COCO_val2014_000000000042.jpg", width: 20, height: 20)
        #expect(
            found == [
                thing("toothbrush", Box(5, 5, 15, 15), 0.75),
                thing("bicycle", Box(1, 2, 20, 20), 0.5),
            ])
        #expect(known.knows("000000000042.png") && !known.knows("000000000043.png"))
        #expect(known.detections(of: "/elsewhere/b.jpg", width: 9, height: 9).count == 1)
        #expect(known.detections(of: "c.jpg", width: 9, height: 9).first?.score == 1)
        let other = try read(
            "[{\"image_id\": 1, \"category_id\": 79, \"bbox\": [0, 0, 1, 1], \"score\": 1}]",
            .indices)
        #expect(
            other.detections(of: "1.jpg", width: 5, height: 5).first?.category
                == COCO.index(of: "toothbrush"))
    }

    @Test("Lines of photographs with boxes are known by name, repeated things once")
    func lines() throws {
        let known = try read(
            """
            {"image": "p/a.jpg", "boxes": [{"category": "horse", "box": [1, 1, 5, 5], "score": 0.4},
              {"category": "horse", "box": [1, 1, 5, 6], "score": 0.3, "duplicate_of": 0}]}

            {"image": "b.jpg", "boxes": []}
            """.replacing("\n  ", with: " "))
        #expect(
            known.detections(of: "p/a.jpg", width: 9, height: 9) == [
                thing("horse", Box(1, 1, 5, 5), 0.4)
            ])
        #expect(known.knows("b.jpg") && !known.knows("c.jpg"))
    }

    @Test("Boxes outside the picture, empty ones and endless ones are left out")
    func boxes() throws {
        let known = try read(
            """
            [{"image_id": 1, "category_id": 1, "bbox": [30, 30, 5, 5], "score": 1},
             {"image_id": 1, "category_id": 1, "bbox": [3, 3, 0, 5], "score": 1},
             {"image_id": 1, "category_id": 1, "bbox": [1e308, 0, 1e308, 5], "score": 1}]
            """)
        #expect(known.detections(of: "1.jpg", width: 20, height: 20).isEmpty)
    }

    @Test(
        "What is wrong is said with its place",
        arguments: [
            ("[{\"image_id\": 1}]", "[0]: 'category_id' is missing"),
            ("[{\"image_id\": 1, \"category_id\": 0, \"bbox\": [0,0,1,1]}]", "a category of 1-90"),
            ("[{\"image_id\": 1, \"category_id\": 1, \"bbox\": [0,0,1]}]", "four numbers"),
            (
                "[{\"image_id\": 1, \"category_id\": 1, \"bbox\": [0,0,1,1], \"score\": 7}]",
                "from 0 to 1"
            ),
            ("{\"image\": \"a\", \"boxes\": [{\"category\": \"dragon\"}]}", "80 categories"),
            ("{\"image\": \"a\"}", "line 1: 'boxes' is missing"), ("nonsense", "not JSON"),
        ])
    func errors(text: String, message: String) {
        #expect {
            try read(text)
        } throws: {
            "\($0)".contains(message) && ($0 as? AnnotationError)?.exitCode == 65
        }
    }

    @Test("Numbers are read off names as COCO writes them")
    func numbers() {
        #expect(COCO.imageNumber(ofFile: "COCO_val2014_000000000042.jpg") == 42)
        #expect(COCO.imageNumber(ofFile: "7.png") == 7 && COCO.imageNumber(ofFile: "a.jpg") == nil)
        #expect(COCO.imageNumber(ofFile: "99999999999999999999.jpg") == nil)
        // Others number their photographs, too.
        #expect(COCO.imageNumber(ofFile: "riding_a_bike_009.jpg") == nil)
    }
}
