import Interaction
import Testing

@Suite("Pairs of humans and things")
struct HumanObjectPairTests {
    @Test("Every human is paired with every other thing, humans included")
    func all() {
        #expect(
            HumanObjectPair.all([true, false, true]) == [
                HumanObjectPair(human: 0, object: 1), HumanObjectPair(human: 0, object: 2),
                HumanObjectPair(human: 2, object: 0), HumanObjectPair(human: 2, object: 1),
            ])
        for count in 0..<6 {
            for humans in 0...count {
                let isHuman = (0..<count).map { $0 < humans }
                let pairs = HumanObjectPair.all(isHuman)
                #expect(pairs.count == humans * max(count - 1, 0))
                #expect(Set(pairs).count == pairs.count)
            }
        }
    }

    @Test("Detections of persons are the humans")
    func detections() {
        let box = Box(0, 0, 1, 1)
        let found = [
            Detection(box, category: 17, score: 0.9),
            Detection(box, category: COCO.person, score: 0.8),
        ]
        #expect(HumanObjectPair.all(found) == [HumanObjectPair(human: 1, object: 0)])
    }
}
