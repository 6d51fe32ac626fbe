// The best choices for many shots that a budget of time and bits allows.
import Glibc

/// What may be spent, as means over all pixels.
public struct ShotBudget: Sendable, Hashable {
    /// Work in units of what the cheapest reference costs, and bits for a pixel; nil: as much as one likes.
    public var effort: Double?, bits: Double?

    /// A budget.
    public init(effort: Double? = nil, bits: Double? = nil) {
        (self.effort, self.bits) = (effort, bits)
    }
}

/// What each of some actions is worth and costs, shot by shot.
public struct ShotTable: Sendable {
    /// For each shot the same number of actions.
    public var worth: [[Double]], effort: [[Double]], bits: [[Double]]
    /// What part of the whole each shot is; they need not sum to one.
    public var weights: [Double]

    /// A table.
    public init(worth: [[Double]], effort: [[Double]], bits: [[Double]], weights: [Double]) {
        precondition(
            worth.count == effort.count && worth.count == bits.count
                && worth.count == weights.count, "a row for each shot")
        (self.worth, self.effort, self.bits, self.weights) = (worth, effort, bits, weights)
    }

    /// Shots.
    public var count: Int { worth.count }

    /// What some choices are worth and cost in all, each over the sum of weights.
    public func totals(_ choices: [Int]) -> (worth: Double, effort: Double, bits: Double) {
        var sums = (worth: 0.0, effort: 0.0, bits: 0.0)
        for (shot, choice) in choices.enumerated() {
            sums.worth += weights[shot] * worth[shot][choice]
            sums.effort += weights[shot] * effort[shot][choice]
            sums.bits += weights[shot] * bits[shot][choice]
        }
        let whole = max(weights.reduce(0, +), 1e-12)
        return (sums.worth / whole, sums.effort / whole, sums.bits / whole)
    }

    /// What is best at each shot where effort and bits have a price.
    func choices(prices: ShotPrices, among allowed: [[Int]]) -> [Int] {
        worth.indices.map { shot in
            let (w, e, b) = (worth[shot], effort[shot], bits[shot])
            var best = allowed[shot][0], most = -Double.infinity
            for action in allowed[shot] {
                let value = w[action] - prices.effort * e[action] - prices.bits * b[action]
                if value > most { (most, best) = (value, action) }
            }
            return best
        }
    }
}

/// What a unit of effort and a bit for each pixel have to bring, in decibels.
public struct ShotPrices: Sendable, Hashable {
    /// Of effort and of bits.
    public var effort: Double, bits: Double
}

/// Finds prices at which choices keep to a budget.
///
/// A budget over many shots turns into the same question for each of them: is it worth the price? The prices are those of
/// Lagrange's method, found by halving intervals; what they leave over buys the improvements that still fit.
struct PriceSearch<Failure: Error> {
    let budget: ShotBudget
    /// What choices made at some prices cost.
    let costs: (ShotPrices) throws(Failure) -> (effort: Double, bits: Double)
    var steps = 30

    static var dearest: (effort: Double, bits: Double) { (100, 10_000) }
    static var cheapest: (effort: Double, bits: Double) { (1e-6, 1e-4) }

    /// Prices at which both budgets are kept; the dearest where none are.
    func run() throws(Failure) -> ShotPrices {
        try lowest(Self.cheapest.effort, Self.dearest.effort, isLimited: budget.effort != nil) {
            (effort: Double) throws(Failure) in
            let bits = try bitPrice(at: effort)
            let prices = ShotPrices(effort: effort, bits: bits)
            return (prices, try costs(prices).effort <= budget.effort ?? .infinity)
        }
    }

    private func bitPrice(at effort: Double) throws(Failure) -> Double {
        try lowest(Self.cheapest.bits, Self.dearest.bits, isLimited: budget.bits != nil) {
            (bits: Double) throws(Failure) in
            let prices = ShotPrices(effort: effort, bits: bits)
            return (prices, try costs(prices).bits <= budget.bits ?? .infinity)
        }.bits
    }

    /// The lowest number for which `test` holds, to a power of a small factor; the highest where it never does.
    private func lowest(
        _ low: Double, _ high: Double, isLimited: Bool,
        _ test: (Double) throws(Failure) -> (prices: ShotPrices, holds: Bool)
    ) throws(Failure) -> ShotPrices {
        let free = try test(0)
        if !isLimited || free.holds { return free.prices }
        var (low, high) = (log(low), log(high))
        var best = try test(exp(high)).prices
        for _ in 0..<steps {
            let middle = (low + high) / 2
            let (prices, holds) = try test(exp(middle))
            if holds { (high, best) = (middle, prices) } else { low = middle }
        }
        return best
    }
}

extension ShotTable {
    /// The best choices that keep to a budget, by prices and what they leave over; the cheapest where nothing keeps to it.
    ///
    /// - Parameter allowed: Actions to choose from.
    /// - SeeAlso: Everett, "Generalized Lagrange multiplier method" (1963).
    public func allocation(_ budget: ShotBudget, among allowed: [Int]) -> [Int] {
        allocation(budget, perShot: worth.map { _ in allowed })
    }

    /// The same where each shot has actions of its own to choose from.
    func allocation(_ budget: ShotBudget, perShot allowed: [[Int]]) -> [Int] {
        guard count > 0 else { return [] }
        let prices = PriceSearch<Never>(budget: budget) { prices in
            let sums = totals(choices(prices: prices, among: allowed))
            return (sums.effort, sums.bits)
        }.run()
        var result = choices(prices: prices, among: allowed)
        fill(&result, budget, among: allowed)
        return result
    }

    /// Spends what is left on the improvements that still fit, the one that gives most for its part of the budget first.
    func fill(_ choices: inout [Int], _ budget: ShotBudget, among allowed: [[Int]]) {
        let whole = max(weights.reduce(0, +), 1e-12)
        let sums = totals(choices)
        var left = (
            effort: (budget.effort ?? .infinity) - sums.effort,
            bits: (budget.bits ?? .infinity) - sums.bits
        )
        guard left.effort >= 0, left.bits >= 0 else { return }
        func part(_ cost: Double, of budget: Double?) -> Double {
            budget.map { max(0, cost) / max($0, 1e-12) } ?? 0
        }
        while true {
            var best: (shot: Int, action: Int, rate: Double)?
            for shot in choices.indices {
                let (now, weight) = (choices[shot], weights[shot] / whole)
                for action in allowed[shot] where worth[shot][action] > worth[shot][now] {
                    let effort = weight * (self.effort[shot][action] - self.effort[shot][now])
                    let bits = weight * (self.bits[shot][action] - self.bits[shot][now])
                    guard effort <= left.effort, bits <= left.bits else { continue }
                    let gain = weight * (worth[shot][action] - worth[shot][now])
                    let rate =
                        gain
                        / (part(effort, of: budget.effort) + part(bits, of: budget.bits) + 1e-9)
                    if rate > best?.rate ?? 0 { best = (shot, action, rate) }
                }
            }
            guard let best else { return }
            let (shot, now) = (best.shot, choices[best.shot])
            left.effort -= weights[shot] / whole * (effort[shot][best.action] - effort[shot][now])
            left.bits -= weights[shot] / whole * (bits[shot][best.action] - bits[shot][now])
            choices[shot] = best.action
        }
    }

    /// The best single action for all shots that keeps to a budget; nil where none does.
    public func bestConstant(_ budget: ShotBudget, among allowed: [Int]) -> Int? {
        allowed.filter { action in
            let sums = totals([Int](repeating: action, count: count))
            return sums.effort <= budget.effort ?? .infinity
                && sums.bits <= budget.bits ?? .infinity
        }.max { a, b in
            totals([Int](repeating: a, count: count)).worth
                < totals([Int](repeating: b, count: count)).worth
        }
    }
}
