import Testing

@testable import Interaction

@Suite("Events of a video")
struct InteractionEventTests {
    private let ride = finding("ride", "horse", 0.4)

    private func events(_ frames: [[Finding]], step: Double = 0.5) -> [InteractionEvent] {
        var merger = EventMerger()
        for (index, findings) in frames.enumerated() {
            merger.add(findings, at: Double(index) * step)
        }
        return merger.finish()
    }

    @Test("Neighbouring frames are one event, from the first to the frame behind the last")
    func neighbours() {
        var better = ride
        better.score = 0.7
        let found = events([[], [ride], [better], [ride], [], [], []])
        #expect(found.count == 1)
        #expect(found[0].start == 0.5 && found[0].end == 2 && found[0].frames == 3)
        #expect(found[0].score == 0.7 && found[0].people == 1)
    }

    @Test("One frame without it does not end an event, two do")
    func gaps() {
        #expect(events([[ride], [], [ride]]).map(\.frames) == [2])
        #expect(events([[ride], [], [], [ride]]).map(\.frames) == [1, 1])
    }

    @Test("People who do it at once are counted, and different things kept apart")
    func people() {
        var other = ride
        other.human.box = Box(50, 10, 70, 60)
        let found = events([[ride, other, finding("feed", "horse")], [ride]])
        #expect(found.map(\.triplet.verb) == ["feed", "ride"] && found.map(\.people) == [1, 2])
    }

    @Test("The last frame lasts as long as the others; a single one lasts no time")
    func end() {
        #expect(events([[ride], [ride]])[0].end == 1)
        var merger = EventMerger()
        for time in [0, 0.5] { merger.add([ride], at: time) }
        #expect(merger.finish(at: 0.75).map(\.end) == [0.75])
        #expect(events([[ride]])[0].end == 0 && events([[], []]).isEmpty)
    }
}
