// Ways to decide about the shots of a video, one after the other, by what is left of a budget.
import Enhancement
import Glibc
import Tensors

/// Decides about shots in order; what the earlier ones have cost is known when the next one's turn comes.
public protocol ShotDecider {
    /// What is done with a shot.
    ///
    /// - Parameters:
    ///   - shot: Its number; those from it on are not done yet.
    ///   - left: What may be spent on these, as means.
    /// - Returns: An action of the grid, one of those that are allowed.
    func action(for shot: Int, left: ShotBudget) throws -> Int
}

/// Chooses what is foreseen to be worth most within the budget.
struct ForeseeingDecider: ShotDecider {
    let table: ShotTable
    let allowed: [Int]

    func action(for shot: Int, left: ShotBudget) -> Int {
        table.rest(from: shot).allocation(left, among: allowed)[0]
    }
}

/// Gives the most damaged shots all that can be done, the others nothing, and every shot the same quality.
struct DamageDecider: ShotDecider {
    let grid: ShotGrid
    let states: [ShotState]
    /// What actions cost on average where outcomes were measured.
    let effort: [Double], bits: [Double]
    let allowed: [Int]

    func action(for shot: Int, left: ShotBudget) -> Int {
        func best(_ isWhole: Bool) -> Int? {
            // The finest quality that fits, then the most work, or none.
            let fitting = allowed.filter { bits[$0] <= left.bits ?? .infinity }
            let usable =
                fitting.isEmpty ? [allowed.min { bits[$0] < bits[$1] } ?? allowed[0]] : fitting
            let finest = usable.map { grid.actions[$0].quality }.min() ?? 0
            let same = usable.filter { grid.actions[$0].quality == finest }
            return isWhole
                ? same.max { effort[$0] < effort[$1] } : same.min { effort[$0] < effort[$1] }
        }
        guard let whole = best(true), let none = best(false) else { return allowed[0] }
        guard let most = left.effort, effort[whole] > most else { return whole }
        let share = max(0, most - effort[none]) / max(effort[whole] - effort[none], 1e-9)
        let rest = states.indices[shot...]
        let rank = rest.filter { states[$0].lumaStep > states[shot].lumaStep }.count
        return Double(rank) + 0.5 < share * Double(rest.count) ? whole : none
    }
}

/// Asks an actor, at prices for which all that is left fits into the budget as far as costs are foreseen.
struct ActorDecider: ShotDecider {
    let actor: any PolicyActor
    let coding: ShotActionCoding
    let states: [ShotState]
    let foreseen: ShotTable

    func action(for shot: Int, left: ShotBudget) throws -> Int {
        let rest = Array(states.indices[shot...])
        func actions(_ prices: ShotPrices) throws -> [Int] {
            let rows = rest.flatMap { coding.state(states[$0], prices) }
            let values = try actor.actions(
                for: Tensor(rows, shape: [rest.count, coding.stateCount]))
            return rest.indices.map { coding.action(values.row($0)) }
        }
        let table = foreseen.rest(from: shot)
        var search = PriceSearch<any Error>(budget: left) {
            (prices: ShotPrices) throws(any Error) in
            let sums = table.totals(try actions(prices))
            return (sums.effort, sums.bits)
        }
        search.steps = 12
        return try actions(try search.run())[0]
    }
}

/// What actions are as numbers of a box, and what an actor is told.
struct ShotActionCoding: Sendable {
    let grid: ShotGrid
    /// Actions that may be taken.
    let allowed: [Int]
    private let models: [String?], strengths: [Float], balances: [Balance], qualities: [Double]
    private let means: [Float], deviations: [Float]

    /// Prices that actors learn, as powers of ten: of effort and of bits.
    static let effortPowers = -4.5 ... -0.5, bitPowers = -1.5...2.0

    init(_ grid: ShotGrid, allowed: [Int], states: [ShotState]) {
        (self.grid, self.allowed) = (grid, allowed)
        let choices = allowed.map { grid.actions[$0].choice }
        var models: [String?] = []
        for choice in choices where !models.contains(choice.model) { models.append(choice.model) }
        self.models = models
        strengths = Set(choices.filter { $0.model != nil }.map(\.strength)).sorted()
        balances =
            choices.contains { $0.balance == .automatic } ? [.fixed(0), .automatic] : [.fixed(0)]
        qualities = Set(allowed.map { grid.actions[$0].quality }).sorted()
        let count = ShotState.seenCount, states = states.map(\.seen)
        var (means, deviations) = (
            [Float](repeating: 0, count: count), [Float](repeating: 1, count: count)
        )
        for column in 0..<count {
            let values = states.map { Double($0[column]) }
            let mean = values.reduce(0, +) / Double(max(values.count, 1))
            let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            means[column] = Float(mean)
            deviations[column] = Float(
                max((square / Double(max(values.count, 1))).squareRoot(), 1e-3))
        }
        (self.means, self.deviations) = (means, deviations)
    }

    /// Numbers of what an actor is told: the state and both prices.
    var stateCount: Int { ShotState.seenCount + 2 }
    /// Model, strength, balance, quality.
    var box: ActionBox { ActionBox(4) }

    func state(_ state: ShotState, _ prices: ShotPrices) -> [Float] {
        func power(_ price: Double, _ range: ClosedRange<Double>) -> Float {
            let power = min(max(log10(max(price, 1e-12)), range.lowerBound), range.upperBound)
            return Float(2 * (power - range.lowerBound) / (range.upperBound - range.lowerBound) - 1)
        }
        let seen = state.seen
        let values = seen.indices.map {
            min(max((seen[$0] - means[$0]) / deviations[$0], -3), 3)
        }
        return values + [
            power(prices.effort, Self.effortPowers), power(prices.bits, Self.bitPowers),
        ]
    }

    /// The action that numbers of the box mean: each number parts its side into equal steps.
    func action(_ numbers: [Float]) -> Int {
        func step(_ number: Float, of count: Int) -> Int {
            min(max(Int(Float(count) * (number + 1) / 2), 0), count - 1)
        }
        let model = models[step(numbers[0], of: models.count)]
        let quality = qualities[step(numbers[3], of: qualities.count)]
        let strength = strengths.isEmpty ? 1 : strengths[step(numbers[1], of: strengths.count)]
        let balance = balances[step(numbers[2], of: balances.count)]
        func find(_ test: (ShotChoice) -> Bool) -> Int? {
            allowed.first {
                grid.actions[$0].quality == quality && test(grid.actions[$0].choice)
            }
        }
        // A model without perceptual weights has one balance.
        return find {
            $0.model == model && (model == nil || $0.strength == strength && $0.balance == balance)
        }
            ?? find { $0.model == model && (model == nil || $0.strength == strength) }
            ?? find { $0.model == model } ?? allowed[0]
    }

    /// Numbers of the box that mean an action: the middles of its steps.
    func numbers(_ action: Int) -> [Float] {
        let (choice, quality) = (grid.actions[action].choice, grid.actions[action].quality)
        func middle(_ index: Int?, of count: Int) -> Float {
            2 * (Float(index ?? 0) + 0.5) / Float(max(count, 1)) - 1
        }
        return [
            middle(models.firstIndex(of: choice.model), of: models.count),
            choice.model == nil
                ? 0 : middle(strengths.firstIndex(of: choice.strength), of: strengths.count),
            choice.model == nil
                ? 0 : middle(balances.firstIndex(of: choice.balance), of: balances.count),
            middle(qualities.firstIndex(of: quality), of: qualities.count),
        ]
    }

    /// Prices drawn evenly on their logarithms; a part of them nothing, as where there is no budget.
    func prices(_ random: inout RandomSource, effort: Bool, bits: Bool) -> ShotPrices {
        func draw(_ range: ClosedRange<Double>, _ isPaid: Bool) -> Double {
            let power =
                range.lowerBound + (range.upperBound - range.lowerBound) * random.uniform()
            return isPaid ? pow(10, power) : 0
        }
        return ShotPrices(
            effort: draw(Self.effortPowers, effort), bits: draw(Self.bitPowers, bits))
    }
}

extension ShotTable {
    /// The shots from one on.
    func rest(from shot: Int) -> ShotTable {
        ShotTable(
            worth: Array(worth[shot...]), effort: Array(effort[shot...]),
            bits: Array(bits[shot...]),
            weights: Array(weights[shot...]))
    }

    /// What an action is worth at some prices.
    func value(_ action: Int, of shot: Int, at prices: ShotPrices) -> Double {
        worth[shot][action] - prices.effort * effort[shot][action]
            - prices.bits * bits[shot][action]
    }
}
