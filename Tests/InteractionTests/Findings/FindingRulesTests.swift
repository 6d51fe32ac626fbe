import Testing

@testable import Interaction

@Suite("Rules of findings")
struct FindingRulesTests {
    @Test("Nothing is looked for only when asked")
    func nothing() {
        var rules = FindingRules()
        #expect(rules.wants(verb: "ride") && !rules.wants(verb: HICO.nothing))
        rules.verbs = [HICO.nothing]
        #expect(!rules.wants(verb: "ride") && rules.wants(verb: HICO.nothing))
    }

    @Test("The best people and the best things are paired, so many of each")
    func chosen() {
        var rules = FindingRules()
        rules.boxLimit = 2
        let scores = [0.3, 0.9, 0.5, 0.1]
        let all =
            scores.map { thing("person", Box(0, 0, 1, 1), $0) }
            + scores.map { thing("dog", Box(0, 0, 1, 1), $0) }
        let chosen = rules.chosen(all)
        #expect(chosen.map(\.score) == [0.9, 0.9, 0.5, 0.5])
        #expect(chosen.count { $0.category == COCO.person } == 2)
    }
}
