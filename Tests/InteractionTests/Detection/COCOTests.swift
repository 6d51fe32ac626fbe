import Interaction
import Testing

@Suite("COCO's categories")
struct COCOTests {
    @Test("There are 80, each once, and each is found by name and by number")
    func categories() {
        #expect(Set(COCO.categories).count == 80)
        #expect(COCO.identifiers.count == 80)
        for (index, name) in COCO.categories.enumerated() {
            #expect(COCO.index(of: name) == index)
            #expect(COCO.index(ofIdentifier: COCO.identifiers[index]) == index)
        }
        #expect(COCO.index(of: "bubble wand") == nil && COCO.index(ofIdentifier: 12) == nil)
    }

    @Test("Names and COCO's own numbers belong together")
    func numbers() {
        let known = [
            "person": 1, "stop sign": 13, "umbrella": 28, "cup": 47, "chair": 62, "toilet": 70,
            "tv": 72, "book": 84, "toothbrush": 90,
        ]
        for (name, number) in known {
            #expect(COCO.index(of: name) == COCO.index(ofIdentifier: number))
        }
    }
}
