// What methods reached, as a table and as curves.
import Policy

/// Rows and curves of methods beside each other.
struct PolicyReport {
    /// Steps at which a column stands.
    private let steps: [Int]
    private(set) var table: ResultTable
    private(set) var chart: Chart

    init(_ title: String, steps: [Int]) {
        self.steps = steps
        table = ResultTable(
            title,
            columns: ["method"] + steps.map { "after \($0)" } + [
                "least at the end", "updates", "of the actor", "seconds",
            ])
        chart = Chart(title, x: .init("steps"), y: .init("mean return"))
    }

    /// Appends what a method reached from all starts.
    mutating func append(_ name: String, _ outcomes: [PolicyOutcome]) {
        let cells = steps.map { step in
            Spread(outcomes.map { $0.points.last { $0.step <= step }?.meanReturn ?? .nan }).cell
        }
        let first = outcomes[0]
        table.rows.append(
            [.text(name)] + cells + [
                .number(outcomes.map(\.last).min() ?? .nan), .number(Double(first.updates)),
                .number(Double(first.actorUpdates)), Spread(outcomes.map(\.seconds)).cell,
            ])
        chart.series.append(
            .init(
                name,
                first.points.indices.map { index in
                    let spread = Spread(outcomes.map { $0.points[index].meanReturn })
                    return .init(
                        Double(first.points[index].step), spread.mean, error: spread.deviation)
                }))
    }
}

extension PolicyOutcome {
    /// The mean return at the end.
    var last: Double { points.last?.meanReturn ?? .nan }
}

extension ExperimentSetting {
    /// The same, with words before all that is told.
    func told(_ start: String) -> ExperimentSetting {
        var setting = self
        let observe = observe
        setting.observe = { observe(start + $0) }
        return setting
    }
}
