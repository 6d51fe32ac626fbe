import Testing

@testable import Interaction

@Suite("Objectives")
struct PredicateObjectiveTests {
    @Test("Only the usual detector is told the object, and only cdann's adversary the verb")
    func told() {
        #expect(PredicateObjective.allCases.filter(\.readsObject) == [.prior])
        #expect(PredicateObjective.allCases.filter(\.readsVerb) == [.cdann])
        #expect(PredicateObjective.allCases.filter { !$0.aligns } == [.prior, .erm])
        for objective in PredicateObjective.allCases {
            let networks = PredicateNetworks(
                PredicateSettings(objective, steps: 1), verbCount: 7)
            #expect(networks.head.readsObject == objective.readsObject)
            #expect((networks.discriminator != nil) == objective.isAdversarial)
        }
    }

    @Test("Alignment counts nothing at first and all of λ in the end, and never less than before")
    func schedule() {
        let schedule = AlignmentSchedule(lambda: 0.4)
        #expect(schedule.weight(at: 0, of: 100) == 0)
        #expect(abs(schedule.weight(at: 100, of: 100) - 0.4) < 1e-4)
        let weights = (0...100).map { schedule.weight(at: $0, of: 100) }
        #expect(zip(weights, weights.dropFirst()).allSatisfy { $0 < $1 })
        #expect(abs(schedule.weight(at: 10, of: 100) - 0.4 * 0.4621171572600098) < 1e-12)
    }
}
