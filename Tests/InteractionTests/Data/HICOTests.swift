import Interaction
import Terminal
import TestSupport
import Testing

@Suite("HICO-DET's interactions")
struct HICOTests {
    @Test("There are 600 of 117 verbs and COCO's 80 things, each once")
    func counts() {
        #expect(HICO.triplets.count == 600 && Set(HICO.triplets).count == 600)
        #expect(HICO.verbs.count == 117 && HICO.verbs == HICO.verbs.sorted())
        #expect(Set(HICO.triplets.map(\.object)) == Set(COCO.categories))
        #expect(HICO.triplets.count { $0.verb == HICO.nothing } == 80)
    }

    @Test("Numbers are HICO-DET's")
    func numbers() {
        #expect(HICO.number(of: Triplet(verb: "board", object: "airplane")) == 1)
        #expect(HICO.number(of: Triplet(verb: "ride", object: "bicycle")) == 19)
        #expect(HICO.number(of: Triplet(verb: "talk_on", object: "cell phone")) == 288)
        #expect(HICO.number(of: Triplet(verb: HICO.nothing, object: "zebra")) == 600)
        #expect(HICO.number(of: Triplet(verb: "ride", object: "toaster")) == nil)
        #expect(HICO.number(ofVerb: "adjust") == 1 && HICO.number(ofVerb: "zip") == 117)
    }

    @Test("The published list is the same", .enabled(if: dataFolder != nil))
    func published() throws {
        let path = dataFolder! + "/hoi/annotations/hico_600.json"
        let list = try #require(try JSONValue(parsing: readBytes(path)).elements)
        for (triplet, entry) in zip(HICO.triplets, list) {
            #expect(entry["verb"]?.text == triplet.verb)
            #expect(entry["object"]?.text == triplet.object.replacing(" ", with: "_"))
        }
    }
}
