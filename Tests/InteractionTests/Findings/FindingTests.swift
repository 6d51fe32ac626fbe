import Interaction
import Testing

@Suite("A finding")
struct FindingTests {
    @Test("It is said as people say it")
    func phrase() {
        let found = finding("sit_on", "dining table")
        #expect(found.phrase == "sit on dining table" && found.objectName == "dining table")
        #expect(found.triplet == Triplet(verb: "sit_on", object: "dining table"))
    }
}
