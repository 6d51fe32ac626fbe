import Glibc
import Testing

@testable import Interaction

@Suite("Things near a person")
struct NearThingsTests {
    private let human = Box(10, 0, 20, 40)

    private func thing(_ box: Box, _ name: String, _ score: Double) -> Detection {
        Detection(box, category: COCO.index(of: name) ?? 0, score: score)
    }

    @Test("What touches counts as it is sure, what is a height away by e less")
    func nearness() {
        #expect(NearThings.nearness(thing(Box(15, 5, 90, 9), "cup", 0.6), to: human) == 0.6)
        for box in [
            Box(60, 0, 70, 40), Box(-50, 0, -30, 9), Box(10, 80, 20, 90), Box(44, 72, 50, 80),
        ] {
            let near = NearThings.nearness(thing(box, "cup", 0.6), to: human)
            #expect(abs(near - 0.6 * exp(-1)) < 1e-12, "\(box) \(near)")
        }
    }

    @Test("Of each kind the nearest counts, and nobody is near himself")
    func values() throws {
        let cup = try #require(COCO.index(of: "cup"))
        let found = NearThings.values(
            around: human,
            in: [
                thing(Box(60, 0, 70, 40), "cup", 0.9), thing(Box(15, 5, 90, 9), "cup", 0.6),
                thing(Box(60, 0, 70, 40), "cup", 0.2), thing(Box(11, 0, 20, 40), "person", 0.8),
            ])
        #expect(found.count == 80 && found[cup] == 0.6)
        #expect(found.enumerated().allSatisfy { $0.offset == cup || $0.element == 0 })
        let beside = NearThings.values(
            around: human, in: [thing(Box(20, 0, 30, 40), "person", 0.8)])
        #expect(beside[COCO.person] == 0.8)
    }
}
