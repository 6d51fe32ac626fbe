import Terminal
import Testing

@testable import Interaction

@Suite("Findings for other programs")
struct FindingsExchangeTests {
    private func picture(_ findings: [Finding]) -> PictureFindings {
        var found = PictureFindings(image: "x/COCO_val2014_000000000007.jpg")
        found.findings = findings
        return found
    }

    @Test("HICO-DET's predictions name boxes by place, verbs and pairs by HICO-DET's numbers")
    func hico() throws {
        let value = picture([finding("ride", "bicycle"), finding("hold", "bicycle")]).hicoPrediction
        #expect(value["file_name"]?.text == "COCO_val2014_000000000007.jpg")
        let boxes = try #require(value["predictions"]?.elements)
        #expect(boxes.compactMap { $0["category_id"]?.integer } == [1, 2])
        let pairs = try #require(value["hoi_prediction"]?.elements)
        #expect(pairs.count == 2 && pairs[0]["subject_id"]?.integer == 0)
        #expect(pairs[0]["object_id"]?.integer == 1)
        #expect(pairs[0]["category_id"]?.integer == HICO.number(ofVerb: "ride"))
        #expect(pairs[0]["hoi_category_id"]?.integer == 19)
    }

    @Test("V-COCO's detections are a person each, the surest thing for each role")
    func vcoco() throws {
        let all = picture([
            finding("ride", "skis", 0.9), finding("hold", "skis", 0.5),
            finding("carry", "skis", 0.4), finding("hold", "cup", 0.3),
            finding("wear", "skis", 0.8),
        ]).vcocoDetections(number: 3)
        #expect(all.count == 1)
        #expect(all[0]["image_id"]?.integer == 7)
        #expect(all[0]["ski_agent"]?.double == 0.9)
        #expect(all[0]["ski_instr"]?.elements?.last?.double == 0.9)
        #expect(all[0]["hold_obj"]?.elements?.last?.double == 0.5)
        #expect(all[0]["wear_obj"] == nil && all[0]["carry_obj"]?.elements?.count == 5)
    }

    @Test(
        "What is done with a thing that is not seen has no place in V-COCO's form, and none in HICO-DET's"
    )
    func unseenThing() throws {
        let both = picture([finding("ride", "skis", 0.9), doing("hold", "umbrella", 0.6)])
        let value = try #require(both.vcocoDetections(number: 1).first)
        #expect(value["hold_agent"]?.double == 0.6)
        let place = try #require(value["hold_obj"]?.elements)
        #expect(place.count == 5 && place[4].double == 0.6)
        #expect(place.prefix(4).allSatisfy { $0.double == nil })
        #expect(both.hicoPrediction["hoi_prediction"]?.elements?.count == 1)
        #expect(both.hicoPrediction["predictions"]?.elements?.count == 2)
    }

    @Test("A person of whom V-COCO knows no action is left out")
    func unknown() { #expect(picture([finding("wear", "tie")]).vcocoDetections(number: 1).isEmpty) }
}
