import Glibc
import Testing

@testable import Interaction

@Suite("Finding interactions")
struct InteractionFinderTests {
    private let model = constantModel([
        ("feed", 0.3), ("ride", 0.8), (HICO.nothing, 0.9), ("sail", 0.6),
    ])
    private let things = [
        thing("person", Box(10, 10, 40, 60), 0.9), thing("horse", Box(20, 30, 90, 80), 0.8),
        thing("bicycle", Box(50, 30, 90, 80), 0.5),
    ]

    private func find(
        _ things: [Detection]? = nil, _ change: (inout FindingRules) -> Void = { _ in }
    ) throws -> [Finding] {
        var rules = FindingRules()
        rules.leastScore = 0
        change(&rules)
        return try InteractionFinder(model, rules: rules)(
            things ?? self.things, width: 100, height: 100)
    }

    @Test(
        "A score is the boxes' to a power, times the verb's; the surest come first",
        arguments: [1, 2.8])
    func scores(power: Double) throws {
        let found = try find { $0.power = power }
        #expect(Set(found.map(\.phrase)) == ["ride horse", "feed horse", "ride bicycle"])
        #expect(zip(found, found.dropFirst()).allSatisfy { $0.score > $1.score })
        for finding in found {
            let verb = finding.verb == "ride" ? 0.8 : 0.3
            #expect(abs(finding.verbScore - verb) < 1e-5)
            let expected = pow(0.9 * (finding.object?.score ?? 0), power) * verb
            #expect(abs(finding.score - expected) < 1e-5)
            #expect(finding.human == things[0])
        }
    }

    @Test("Closed, only HICO-DET's combinations are believed; open, any")
    func modes() throws {
        #expect(try !find().contains { $0.verb == "sail" })
        let open = try find { $0.isClosed = false }
        #expect(open.count == 6 && open.contains { $0.phrase == "sail horse" })
        #expect(!open.contains { $0.verb == HICO.nothing })
    }

    @Test("Verbs, things, scores and numbers limit what is said")
    func limits() throws {
        #expect(try find { $0.verbs = ["feed"] }.map(\.phrase) == ["feed horse"])
        #expect(try find { $0.verbs = [HICO.nothing] }.count == 2)
        #expect(
            try find { $0.objects = ["bicycle"] }.map(\.phrase)
                == ["ride bicycle"])
        #expect(try find { $0.limit = 1 }.map(\.phrase) == ["ride horse"])
        #expect(try find { $0.leastScore = 0.4 }.map(\.phrase) == ["ride horse"])
    }

    @Test("Nobody, or nothing beside a person: nothing to say")
    func empty() throws {
        #expect(try find([]).isEmpty)
        #expect(try find([things[1], things[2]]).isEmpty)
        #expect(try find([things[0]]).isEmpty)
    }

    @Test("People are told of by their looks, with no thing, unless a pair says the same")
    func people() throws {
        let model = BranchedModel(
            model,
            people: constantPeople([("play guitar", 0.7), ("ride horse", 0.6), ("eat cake", 0.1)]))
        let things = things + [thing("person", Box(60, 5, 95, 90), 0.6)]
        var asked: [Box] = []
        func find(
            looks: Bool = true, _ change: (inout FindingRules) -> Void = { _ in }
        ) throws -> [Finding] {
            var rules = FindingRules()
            change(&rules)
            return try InteractionFinder(model, rules: rules)(things, width: 100, height: 90) {
                asked = $0
                return $0.map { _ in [0.5, -1] }
            }
        }
        let found = try find()
        let alone = found.filter { $0.object == nil }
        // Both play; the first rides the horse that is seen, and so does the second.
        #expect(alone.map(\.phrase) == ["play guitar", "play guitar"])
        #expect(Set(alone.map(\.human)) == [things[0], things[3]])
        #expect(abs(alone[0].score - 0.9 * 0.7) < 1e-5 && abs(alone[0].verbScore - 0.7) < 1e-5)
        #expect(zip(found, found.dropFirst()).allSatisfy { $0.score >= $1.score })
        // A person's own box, and the whole picture.
        let scene = Box(0, 0, 100, 90)
        #expect(asked == [things[0].box, scene, things[3].box, scene])
        // The horse out of sight, or the verb not said of pairs.
        #expect(try find { $0.leastBox = 0.85 }.map(\.phrase) == ["play guitar", "ride horse"])
        #expect(try find { $0.verbs = ["play"] }.map(\.phrase) == ["play guitar", "play guitar"])
        #expect(try find { $0.objects = ["guitar"] }.count == 2)
        #expect(try find { $0.objects = ["bicycle"] }.allSatisfy { $0.object != nil })
        #expect(try find { $0.leastScore = 0.5 }.count { $0.object == nil } == 1)
        // Where nobody looks nothing is said.
        let blind = try InteractionFinder(model)(things, width: 100, height: 90)
        #expect(blind.allSatisfy { $0.object != nil } && !blind.isEmpty)
    }

    @Test("More pairs than the head takes at once are all told")
    func many() throws {
        let people = (0..<15).map { thing("person", Box(Double($0), 0, 20, 20), 0.9) }
        let horses = (0..<15).map { thing("horse", Box(Double($0), 5, 30, 30), 0.9) }
        #expect(try find(people + horses) { $0.verbs = ["ride"] }.count == 225)
    }
}
