// Whether trying actions from everywhere finds what climbing from where one is does not.
import Glibc
import Policy
import Tensors

/// Best-of-ten climbs on a landscape with three hollows, by how far a try may go.
public struct ZOSPILandscape: Experiment {
    public let name = "zospi-landscape"
    public let claim =
        "actions tried from the whole range escape from local optima, near ones do not"
    public let source = "Sun et al. (arXiv:2006.06600), figure 1 c"

    /// The experiment.
    public init() {}

    /// Where a climb is worth least and most: positions and values, between them half waves of a cosine.
    static let turns: [(action: Float, value: Float)] = [
        (-1, -1), (-0.825, 0), (-0.65, -1), (-0.3, -0.6), (0.05, -1), (0.52, -0.26), (1, -1),
    ]

    /// What an action is worth.
    static func value(_ action: Float) -> Float {
        let next = max(turns.firstIndex { $0.action >= action } ?? turns.count - 1, 1)
        let (a, b) = (turns[next - 1], turns[next])
        let part = (action - a.action) / (b.action - a.action)
        return a.value + (b.value - a.value) * (1 - cos(.pi * part)) / 2
    }

    /// Radii, and what the paper's figure shows at the end.
    static let radii: [(radius: Double, published: Double)] = [
        (0.01, -0.60), (0.1, -0.60), (0.3, -0.59), (0.5, -0.24), (1, -0.07), (2, 0.01),
    ]

    public func run(_ setting: ExperimentSetting) throws -> ExperimentResult {
        var result = ExperimentResult()
        var table = ResultTable(
            "value after 50 rounds from -0.1, the best of 10 tries each",
            columns: ["tries", "value", "in the paper's figure"])
        var chart = Chart(
            "climbs by how far a try may go", x: .init("rounds"), y: .init("value"))
        func measure(_ name: String, _ search: CandidateSearch, published: Double?) -> Double {
            setting.observe(name)
            let curves = (1...max(setting.seeds, 1)).map { climb(search, seed: UInt64($0)) }
            let ends = Spread(curves.compactMap(\.last))
            table.append(.text(name), ends.cell, published.map { .number($0) } ?? .text("-"))
            chart.series.append(
                .init(
                    name,
                    curves[0].indices.map { round in
                        .init(Double(round), Spread(curves.map { $0[round] }).mean)
                    }))
            return ends.mean
        }
        var ends: [Double] = []
        for (radius, published) in Self.radii {
            let mean = measure(
                "a + U(-r, r), r = \(radius.significant(1))",
                CandidateSearch(global: 0, local: 10, radius: radius), published: published)
            ends.append(mean)
            // Between its turns the landscape is not published, and what is found at these depends on that.
            guard radius != 0.5, radius != 1 else { continue }
            result.findings.append(
                ResultFinding(
                    "r = \(radius.significant(1)): \(published.significant(2)) within 0.03, as read off the figure",
                    found: mean.significant(3), holds: abs(mean - published) <= 0.03))
        }
        result.findings.append(
            ResultFinding(
                "from r = 0.3 on a longer reach ends higher",
                found: ends.dropFirst(2).map { $0.significant(3) }.joined(separator: ", "),
                holds: zip(ends.dropFirst(2), ends.dropFirst(3)).allSatisfy { $0 < $1 }))
        let whole = measure(
            "U(-max, max)", CandidateSearch(global: 10, local: 0), published: nil)
        let half = measure(
            "U(-max, max) / 2, as the published code", CandidateSearch(global: 10, local: 0).halved,
            published: nil)
        let mixed = measure(
            "5 global, 5 local", CandidateSearch(global: 5, local: 5, radius: 0.25), published: nil)
        result.findings += [
            ResultFinding(
                "tries from the whole box find the best hollow: -0.02 at least",
                found: whole.significant(3), holds: whole >= -0.02),
            ResultFinding(
                "half of the box misses it: -0.25 at most", found: half.significant(3),
                holds: half <= -0.25),
            ResultFinding(
                "global and local tries come nearer than global ones alone",
                found: "\(mixed.significant(3)) beside \(whole.significant(3))",
                holds: mixed >= whole),
        ]
        result.tables = [table]
        result.charts = [chart]
        result.notes = [
            "each figure is the mean of 1000 climbs a seed",
            "half waves of a cosine stand between the landscape's turns; the paper's curve there is not known, and the figures at r = 0.5 and 1 depend on it",
        ]
        return result
    }

    /// The mean value along 1000 climbs.
    func climb(_ search: CandidateSearch, seed: UInt64) -> [Double] {
        var random = RandomSource(seed: seed)
        let box = ActionBox(1)
        var actions = Tensor<Float>(repeating: -0.1, shape: [1000, 1])
        func mean() -> Double {
            actions.elements.reduce(0) { $0 + Double(Self.value($1)) } / Double(actions.count)
        }
        var curve = [mean()]
        for _ in 0..<50 {
            let tries = search.candidates(around: actions, in: box, using: &random)
            actions = search.improved(tries, by: tries.map(Self.value)).actions
            curve.append(mean())
        }
        return curve
    }
}
