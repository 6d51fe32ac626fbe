// Ways to decide about shots, side by side: which part of what is possible does each bring?
import Enhancement
import Glibc
import Tensors

/// What a way to decide brought and spent.
public struct ContestResult: Sendable {
    /// The way to decide.
    public var name: String
    /// For each seed: mean worth in decibels, and what was spent over what was allowed, of effort and bits; nil where there
    /// was no budget.
    public var worth: [Double], effort: [Double?], bits: [Double?]
    /// Updates that its learner made; nil where nothing learns step by step.
    public var updates: Int?

    /// Mean of worth over seeds.
    public var mean: Double { worth.reduce(0, +) / Double(max(worth.count, 1)) }

    /// Which part of the way from the best constant setting to the oracle it went.
    public func part(from constant: Double, to oracle: Double) -> Double {
        oracle > constant ? (mean - constant) / (oracle - constant) : 0
    }
}

/// All ways at one budget.
public struct ContestRound: Sendable {
    /// What was limited, and to which part of what the dearest setting costs.
    public var limits: String, part: Double
    /// What the best constant setting is worth, and which it is; nil where none keeps to the budget.
    public var constant: (worth: Double, action: ShotAction)?
    /// What choices are worth that know all outcomes.
    public var oracle: Double
    /// The others.
    public var results: [ContestResult]
}

/// Lets ways to decide contend on shots that none has seen.
public struct ShotContest {
    /// Shots to learn from, and shots to decide about.
    public let training: [ShotOutcomes], validation: [ShotOutcomes]
    /// Steps, each with one update, of those that learn step by step.
    public var steps = 20_000
    /// Starts of everything random.
    public var seeds = 3
    /// Told what is going on.
    public var observe: (String) -> Void = { _ in }

    private let grid: ShotGrid

    /// A contest; nil where the shots were not tried on a grid.
    public init?(training: [ShotOutcomes], validation: [ShotOutcomes]) {
        guard let first = training.first, let grid = ShotGrid(of: first), !validation.isEmpty else {
            return nil
        }
        (self.training, self.validation, self.grid) = (training, validation, grid)
    }

    /// What is limited.
    enum Limits: String, CaseIterable {
        case time, size, both = "time and size"
    }

    /// All rounds.
    ///
    /// - Throws: ``PolicyError``, and what compiling throws.
    public func run() throws -> [ContestRound] {
        let unit = EffortUnit(of: training)
        let truth = ShotTable(validation, on: grid, unit: unit)
        let learned = ShotTable(training, on: grid, unit: unit)
        let states = validation.map(\.state)
        var rounds: [ContestRound] = []
        for limits in Limits.allCases {
            // Without a size, encoders are told the same of all shots.
            let allowed =
                limits == .time
                ? grid.actions(near: grid.qualities[0]) : Array(grid.actions.indices)
            let coding = ShotActionCoding(grid, allowed: allowed, states: training.map(\.state))
            var deciders: [(name: String, updates: Int?, all: [any ShotDecider])] = []
            let forests = (0..<seeds).map { seed in
                ShotPolicy(learning: training, on: grid, seed: UInt64(seed + 1)).table(
                    for: states, weights: truth.weights)
            }
            deciders.append(
                (
                    "foreseen outcomes", nil,
                    forests.map { ForeseeingDecider(table: $0, allowed: allowed) }
                ))
            deciders.append(("greedy by damage", nil, [damage(learned, states, allowed)]))
            let paid = (effort: limits != .size, bits: limits != .time)
            var actors: [(String, Int?, [any PolicyActor])] = [
                (
                    "fitted to the oracle", nil,
                    try (0..<seeds).map { try imitator(coding, learned, paid, seed: $0) }
                )
            ]
            for (name, options) in Self.learners {
                observe("\(limits.rawValue): \(name)")
                let all = try (0..<seeds).map {
                    try learner(options, coding, learned, paid, seed: $0)
                }
                actors.append((name, steps - Self.randomSteps, all))
            }
            for (name, updates, all) in actors {
                deciders.append(
                    (
                        name, updates,
                        all.enumerated().map { index, actor in
                            ActorDecider(
                                actor: actor, coding: coding, states: states,
                                foreseen: forests[index % forests.count])
                        }
                    ))
            }
            let dearest = allowed.map { action in
                truth.totals([Int](repeating: action, count: truth.count))
            }
            let most = (
                effort: dearest.map(\.effort).max() ?? 0, bits: dearest.map(\.bits).max() ?? 0
            )
            for part in [0.25, 0.5, 0.75] {
                let budget = ShotBudget(
                    effort: paid.effort ? part * most.effort : nil,
                    bits: paid.bits ? part * most.bits : nil)
                observe("\(limits.rawValue): \(Int(100 * part)) %")
                rounds.append(
                    ContestRound(
                        limits: limits.rawValue, part: part,
                        constant: truth.bestConstant(budget, among: allowed).map { action in
                            (
                                truth.totals([Int](repeating: action, count: truth.count)).worth,
                                grid.actions[action]
                            )
                        },
                        oracle: truth.totals(truth.allocation(budget, among: allowed)).worth,
                        results: try deciders.map { name, updates, all in
                            try result(name, updates, all, truth, budget)
                        }))
            }
        }
        return rounds
    }

    /// What deciders bring when their turns come one after the other.
    private func result(
        _ name: String, _ updates: Int?, _ deciders: [any ShotDecider], _ truth: ShotTable,
        _ budget: ShotBudget
    ) throws -> ContestResult {
        var result = ContestResult(name: name, worth: [], effort: [], bits: [], updates: updates)
        for decider in deciders {
            let choices = try Self.play(decider, truth, budget)
            let sums = truth.totals(choices)
            result.worth.append(sums.worth)
            result.effort.append(budget.effort.map { sums.effort / $0 })
            result.bits.append(budget.bits.map { sums.bits / $0 })
        }
        return result
    }

    /// Lets a decider choose shot by shot; what each has really cost counts for the next.
    static func play(
        _ decider: any ShotDecider, _ truth: ShotTable, _ budget: ShotBudget
    ) throws -> [Int] {
        var weight = truth.weights.reduce(0, +)
        var (effort, bits) = (budget.effort.map { $0 * weight }, budget.bits.map { $0 * weight })
        var choices: [Int] = []
        for shot in 0..<truth.count {
            let left = ShotBudget(
                effort: effort.map { max(0, $0) / weight }, bits: bits.map { max(0, $0) / weight })
            let action = try decider.action(for: shot, left: left)
            choices.append(action)
            effort = effort.map { $0 - truth.weights[shot] * truth.effort[shot][action] }
            bits = bits.map { $0 - truth.weights[shot] * truth.bits[shot][action] }
            weight -= truth.weights[shot]
        }
        return choices
    }

    private func damage(
        _ learned: ShotTable, _ states: [ShotState], _ allowed: [Int]
    ) -> DamageDecider {
        let costs = grid.actions.indices.map { action in
            learned.totals([Int](repeating: action, count: learned.count))
        }
        return DamageDecider(
            grid: grid, states: states, effort: costs.map(\.effort), bits: costs.map(\.bits),
            allowed: allowed)
    }

    // MARK: - Those that learn actions

    private static let randomSteps = 500
    private static var learners: [(String, PolicyOptions)] {
        [("ZOSPI", PolicyOptions(.zospi)), ("TD3", PolicyOptions(.td3))].map { name, options in
            var options = options
            options.discount = 0
            return (name, options)
        }
    }

    /// A forest that is shown the best action at many prices.
    private func imitator(
        _ coding: ShotActionCoding, _ table: ShotTable, _ paid: (effort: Bool, bits: Bool),
        seed: Int
    ) throws -> any PolicyActor {
        var random = RandomSource(seed: UInt64(seed + 100))
        var (states, actions): ([Float], [Float]) = ([], [])
        let count = 30 * table.count
        for _ in 0..<count {
            let shot = Int(random.next() % UInt64(table.count))
            let prices = coding.prices(&random, effort: paid.effort, bits: paid.bits)
            states += coding.state(training[shot].state, prices)
            actions += coding.numbers(best(shot, table, prices, coding.allowed))
        }
        var forest = ForestActor(
            stateCount: coding.stateCount, box: coding.box, trees: 50, least: 4, capacity: count,
            interval: 1, seed: UInt64(seed + 1))
        forest.learn(
            Tensor(states, shape: [count, coding.stateCount]),
            Tensor(actions, shape: [count, coding.box.count]))
        return forest
    }

    private func best(
        _ shot: Int, _ table: ShotTable, _ prices: ShotPrices, _ allowed: [Int]
    ) -> Int {
        allowed.max {
            table.value($0, of: shot, at: prices) < table.value($1, of: shot, at: prices)
        } ?? allowed[0]
    }

    /// An actor that learns from rewards: worth less what it costs at prices drawn for each step, beside the best that there is.
    private func learner(
        _ options: PolicyOptions, _ coding: ShotActionCoding, _ table: ShotTable,
        _ paid: (effort: Bool, bits: Bool), seed: Int
    ) throws -> any PolicyActor {
        let learner = try PolicyLearner(
            stateCount: coding.stateCount, box: coding.box, options, seed: UInt64(seed + 1))
        var random = RandomSource(seed: UInt64(seed + 200))
        for step in 0..<steps {
            let shot = Int(random.next() % UInt64(table.count))
            let prices = coding.prices(&random, effort: paid.effort, bits: paid.bits)
            let state = coding.state(training[shot].state, prices)
            let numbers =
                step < Self.randomSteps
                ? coding.box.random(using: &random) : try learner.act(state, exploring: true)
            let action = coding.action(numbers)
            let most = table.value(best(shot, table, prices, coding.allowed), of: shot, at: prices)
            // What is far off is as bad as what is very far off.
            let reward = max(-2, table.value(action, of: shot, at: prices) - most)
            try learner.remember(
                Experience(state: state, action: numbers, reward: Float(reward)))
            if step >= Self.randomSteps { try learner.update() }
        }
        return learner.actor
    }
}
