// Choices under budgets, beside all choices that there are.
import Enhancement
import Tensors
import Testing

@testable import Policy

@Suite("Budgets over shots")
struct ShotBudgetTests {
    private static func table(_ shots: Int, actions: Int, seed: UInt64) -> ShotTable {
        var random = RandomSource(seed: seed)
        func rows(_ scale: Double) -> [[Double]] {
            (0..<shots).map { _ in (0..<actions).map { scale * Double($0) * random.uniform() } }
        }
        return ShotTable(
            worth: rows(0.2), effort: rows(2), bits: rows(0.1),
            weights: (0..<shots).map { _ in 0.5 + random.uniform() })
    }

    /// All choices, by counting.
    private static func best(_ table: ShotTable, _ budget: ShotBudget, actions: Int) -> Double? {
        var choices = [Int](repeating: 0, count: table.count)
        var best: Double?
        while true {
            let sums = table.totals(choices)
            if sums.effort <= budget.effort ?? .infinity, sums.bits <= budget.bits ?? .infinity {
                best = max(best ?? -.infinity, sums.worth)
            }
            guard let place = choices.firstIndex(where: { $0 < actions - 1 }) else { return best }
            choices[place] += 1
            for index in 0..<place { choices[index] = 0 }
        }
    }

    @Test("An allocation keeps to its budget, and comes near the best of all choices")
    func allocation() throws {
        var parts: [Double] = []
        for seed in 1...12 {
            let table = Self.table(6, actions: 4, seed: UInt64(seed))
            let dearest = table.totals([Int](repeating: 3, count: 6))
            for (effort, bits) in [(0.3, nil), (nil, 0.5), (0.6, 0.4)] as [(Double?, Double?)] {
                let budget = ShotBudget(
                    effort: effort.map { $0 * dearest.effort }, bits: bits.map { $0 * dearest.bits }
                )
                let chosen = table.allocation(budget, among: [0, 1, 2, 3])
                let sums = table.totals(chosen)
                #expect(sums.effort <= (budget.effort ?? .infinity) + 1e-9)
                #expect(sums.bits <= (budget.bits ?? .infinity) + 1e-9)
                let best = try #require(Self.best(table, budget, actions: 4))
                parts.append(sums.worth / best)
            }
        }
        // Single shots can be worth much among six; lines between choices cannot be walked.
        #expect(parts.reduce(0, +) / Double(parts.count) > 0.93)
        #expect(parts.allSatisfy { $0 > 0.7 && $0 < 1 + 1e-9 })
    }

    @Test("Without a budget all is done that is worth something; with none to spend the cheapest")
    func ends() {
        let table = ShotTable(
            worth: [[0, 1, 2], [0, -1, -2]], effort: [[0, 1, 2], [0, 1, 2]],
            bits: [[1, 1, 1], [1, 1, 1]], weights: [1, 3])
        #expect(table.allocation(ShotBudget(), among: [0, 1, 2]) == [2, 0])
        #expect(table.allocation(ShotBudget(effort: 0), among: [0, 1, 2]) == [0, 0])
        #expect(table.allocation(ShotBudget(effort: 0.25), among: [0, 1, 2]) == [1, 0])
        // Nothing keeps to it: then what is cheapest.
        #expect(table.allocation(ShotBudget(bits: 0.1), among: [0, 1, 2]).count == 2)
        #expect(table.bestConstant(ShotBudget(bits: 0.1), among: [0, 1, 2]) == nil)
        #expect(table.bestConstant(ShotBudget(), among: [0, 1, 2]) == 0)
    }

    @Test("Turns one after the other spend what is there and not more than the last turn's error")
    func turns() throws {
        let truth = Self.table(40, actions: 5, seed: 9)
        // What is foreseen is off by a quarter either way.
        var foreseen = truth
        var random = RandomSource(seed: 3)
        for shot in 0..<40 {
            for action in 0..<5 { foreseen.effort[shot][action] *= 0.75 + 0.5 * random.uniform() }
        }
        let budget = ShotBudget(effort: 0.4 * truth.totals([Int](repeating: 4, count: 40)).effort)
        let decider = ForeseeingDecider(table: foreseen, allowed: [0, 1, 2, 3, 4])
        let sums = truth.totals(try ShotContest.play(decider, truth, budget))
        let spent = sums.effort / (budget.effort ?? 1)
        #expect(spent > 0.95 && spent < 1.02, "\(spent)")
        let oracle = truth.totals(truth.allocation(budget, among: [0, 1, 2, 3, 4])).worth
        #expect(sums.worth > 0.9 * oracle && sums.worth <= oracle * 1.02)
    }
}
