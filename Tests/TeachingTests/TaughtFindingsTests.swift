import Glibc
import Interaction
import Tensors
import TestSupport
import Testing

@testable import Teaching

@Suite("Taught findings")
struct TaughtFindingsTests {
    private let folder = TemporaryFolder()
    // Looks of four numbers: one channel.
    private let space = plainSpace(width: 4, known: [[0, 0, 0, 1], [0, 0, 1, 0]])

    private func findings() throws -> TaughtFindings {
        let memory = try TaughtMemory(contentsOf: folder("m")).adding(
            [example("polish", "car", 1), example("play", "harp", 2)],
            looks: [[1, 0, 0, 0], [0, 1, 0, 0]].map { ($0, $0) })
        return try #require(try TaughtFindings(memory, in: space))
    }

    private let things = [
        Detection(Box(0, 0, 10, 20), category: COCO.person, score: 0.9),
        Detection(Box(50, 0, 60, 20), category: COCO.person, score: 0.5),
        Detection(Box(12, 0, 30, 20), category: COCO.index(of: "car") ?? 0, score: 0.6),
        Detection(Box(90, 0, 99, 20), category: COCO.index(of: "car") ?? 0, score: 0.7),
    ]

    /// What a car speaks for that is 2 pixels away from a person 20 high, and was seen at 0.6.
    private let near = pow((0.6 * exp(-0.1) + 0.02) / (0.15 + 0.02), 1.5)

    /// The first person looks like the first example, the second like nothing.
    private func look(_ boxes: [Box]) -> [[Float]] {
        boxes.map { box in
            let value: Float = box.x1 == 0 && box.x2 == 10 ? 1 : 0
            return [Float](repeating: value, count: PersonLook.cells * PersonLook.cells)
        }
    }

    @Test("Who looks like the examples is said to do it, with the nearest thing of the kind")
    func likeExample() throws {
        // Mean and largest of the person 1, of the picture 0: the direction (1, 0, 1, 0).
        var rules = FindingRules()
        rules.leastScore = 0
        let found = try findings()(things, width: 100, height: 20, look: look, rules)
        #expect(found.count == 4 && found.allSatisfy(\.isTaught))
        let best = try #require(found.max { $0.score < $1.score })
        #expect(best.triplet.description == "polish car" && best.human == things[0])
        #expect(best.object == things[2])
        // By hand: cosines 1/√2 with (1,0,0,0), 0 with the other example, and 0 and 1/√2 with what is known.
        let alike = exp(10 / 2.0.squareRoot())
        let evidence = log(alike * near / (alike * near + 1 + 1 + alike))
        let probability = 1 / (1 + exp(-evidence))
        #expect(abs(best.verbScore - probability) < 1e-4)
        #expect(abs(best.score - 0.9 * probability) < 1e-4)
        // The other looks like nothing, and the nearest car is his height away.
        let far = try #require(
            found.first { $0.human == things[1] && $0.objectName == "car" })
        let other = pow((0.6 * exp(-1) + 0.02) / (0.15 + 0.02), 1.5)
        #expect(abs(far.verbScore - 1 / (1 + (other + 3) / other)) < 1e-4)
        let harp = try #require(found.first { $0.objectName == "harp" })
        #expect(harp.object == nil)
    }

    @Test("Who looks like an example turned around counts as much")
    func mirrored() throws {
        let memory = try TaughtMemory(contentsOf: folder("mirrored")).adding(
            [example("polish", "car", 1)], looks: [([0, 1, 0, 0], [1, 0, 1, 0])])
        var rules = FindingRules()
        rules.leastScore = 0
        let taught = try #require(try TaughtFindings(memory, in: space))
        let found = try taught(things, width: 100, height: 20, look: look, rules)
        let best = try #require(found.max { $0.score < $1.score })
        // The mean of (0, 1, 0, 0) and (1, 0, 1, 0) / √2, for a person at (1, 0, 1, 0) / √2.
        let alike = exp(10 / 2.0.squareRoot())
        let evidence = log(alike * near / (alike * near + 1 + alike))
        #expect(best.human == things[0])
        #expect(abs(best.verbScore - 1 / (1 + exp(-evidence))) < 1e-4)
    }

    @Test("Without a thing of the kind it is less likely, and what is done to another kind is not")
    func nearby() throws {
        let taught = try findings()
        var rules = FindingRules()
        rules.leastScore = 0
        func likelihood(_ verb: String, _ things: [Detection]) throws -> Double {
            let found = try taught(things, width: 100, height: 20, look: look, rules)
            return try #require(found.first { $0.verb == verb }).verbScore
        }
        let (alone, beside) = (Array(things.prefix(1)), [things[0], things[2]])
        let (polish, without) = try (likelihood("polish", beside), likelihood("polish", alone))
        #expect(polish > 0.3 && without < 0.1)
        // A car that explains the person leaves less to the harp, which no detector knows; its absence leaves more.
        #expect(try likelihood("play", alone) > likelihood("play", beside))
    }

    @Test("What known doings are done to counts for them")
    func knownThings() throws {
        let space = plainSpace(
            width: 4, known: [[0, 0, 0, 1], [0, 0, 1, 0]], things: [nil, COCO.index(of: "dog")])
        let looks = try TaughtLooks(
            Tensor([1, 0, 0, 0], shape: [1, 4]), showing: [0], photographs: [1],
            things: space.things(of: [Triplet(verb: "play", object: "harp")]), beside: space.known)
        let codes = Tensor<Float>([0.6, 0, 0.8, 0], shape: [1, 4])
        func evidence(_ nearness: Float?) throws -> Double {
            var near = [Float](repeating: 0, count: NearThings.count)
            near[try #require(COCO.index(of: "dog"))] = nearness ?? 0
            return try looks.evidence(
                for: codes,
                near: nearness.map { _ in Tensor(near, shape: [1, NearThings.count]) })[0, 0]
        }
        // By hand: e⁶ for what is taught, 1 and e⁸ for what is known; a dog at 0.15 says nothing.
        #expect(abs(try evidence(nil) - log(exp(6.0) / (exp(6.0) + 1 + exp(8.0)))) < 1e-4)
        #expect(abs(try evidence(0.15) - evidence(nil)) < 1e-5)
        let half = exp(8.0) * pow(0.52 / 0.17, 1.5)
        #expect(abs(try evidence(0.5) - log(exp(6.0) / (exp(6.0) + 1 + half))) < 1e-4)
        #expect(try evidence(0) > evidence(0.15))
    }

    @Test("Only what is looked for is said, and nothing where nobody is")
    func rules() throws {
        let taught = try findings()
        var rules = FindingRules()
        rules.leastScore = 0
        rules.verbs = ["play"]
        let some = try taught(things, width: 100, height: 20, look: look, rules)
        #expect(Set(some.map(\.verb)) == ["play"])
        (rules.verbs, rules.objects) = (nil, ["car"])
        let others = try taught(things, width: 100, height: 20, look: look, rules)
        #expect(Set(others.map(\.objectName)) == ["car"])
        let none = try taught(
            [things[2]], width: 100, height: 20,
            look: { _ in
                Issue.record("nobody is there to be looked at")
                return []
            }, rules)
        #expect(none.isEmpty)
    }

    @Test("An empty memory tells nothing")
    func empty() throws {
        #expect(try TaughtFindings(TaughtMemory(contentsOf: folder("none")), in: space) == nil)
    }
}
