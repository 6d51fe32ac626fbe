import Interaction
import Testing

@testable import Teaching

@Suite("Lesson")
struct LessonTests {
    private let triplet = Triplet(verb: "polish", object: "car")

    private func person(_ box: Box, _ score: Double) -> Detection {
        Detection(box, category: COCO.person, score: score)
    }

    private func car(_ box: Box, _ score: Double) -> Detection {
        Detection(box, category: COCO.index(of: "car") ?? 0, score: score)
    }

    private func who(
        _ choice: Lesson.Choice, among things: [Detection]
    ) -> (human: Detection, thing: Detection?)? {
        choice.pair(for: triplet, among: things, width: 200, height: 100)
    }

    @Test("Of several people the surest, the largest, and the one who has the thing is meant")
    func best() {
        let small = person(Box(0, 0, 10, 20), 0.8), large = person(Box(100, 0, 130, 60), 0.8)
        let unsure = person(Box(150, 0, 180, 60), 0.3)
        #expect(who(.best, among: [small, large, unsure])?.human == large)
        #expect(who(.best, among: [small, large, unsure])?.thing == nil)
        // As large and nearly as sure, but beside a car, which the other one is far from.
        let beside = person(Box(1, 0, 31, 60), 0.7), thing = car(Box(32, 20, 50, 60), 0.9)
        let found = who(.best, among: [large, beside, thing])
        #expect(found?.human == beside && found?.thing == thing)
        #expect(who(.best, among: [thing]) == nil)
    }

    @Test("People are counted from the left, and boxes end where the picture does")
    func named() {
        let right = person(Box(100, 0, 130, 60), 0.9), left = person(Box(10, 0, 30, 60), 0.3)
        #expect(who(.person(1), among: [right, left])?.human == left)
        #expect(who(.person(2), among: [right, left])?.human == right)
        #expect(who(.person(3), among: [right, left]) == nil)
        let inside = who(.box(Box(150, 50, 900, 900)), among: [right])
        #expect(inside?.human == person(Box(150, 50, 200, 100), 1))
        #expect(who(.box(Box(300, 0, 400, 50)), among: [right]) == nil)
    }

    @Test("The thing is the surest and nearest of its kind, and never the person")
    func thing() {
        let human = person(Box(0, 0, 20, 40), 0.9)
        let near = car(Box(25, 0, 60, 40), 0.5), far = car(Box(150, 0, 190, 40), 0.9)
        func found(_ name: String, _ things: [Detection]) -> Detection? {
            TaughtFindings.thing(named: name, of: human, in: things)
        }
        #expect(found("car", [human, far, near]) == near)
        #expect(found("car", [human, far]) == far)
        // Much surer is nearer than a little less far.
        #expect(found("car", [human, near, car(Box(30, 0, 70, 40), 0.9)])?.score == 0.9)
        #expect(found("person", [human]) == nil)
        #expect(found("harp", [human, near]) == nil)
    }
}
