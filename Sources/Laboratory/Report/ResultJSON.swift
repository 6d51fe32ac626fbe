// What an experiment found, as JSON for programs.
import Terminal

extension ExperimentResult {
    /// All of it, numbers in full, with what was measured and how.
    ///
    /// A number that is none, or has no end, is `{"value": null, "is": "nan"}`: JSON has no word for
    /// it, and a bare null would hide which.
    public func json(of experiment: any Experiment, _ setting: ExperimentSetting) -> JSONValue {
        .object([
            ("experiment", .string(experiment.name)), ("claim", .string(experiment.claim)),
            ("source", .string(experiment.source)), ("setting", setting.json(of: experiment)),
            ("holds", .bool(holds)), ("findings", .array(findings.map(\.json))),
            ("tables", .array(tables.map(\.json))), ("charts", .array(charts.map(\.json))),
            ("notes", .array(notes.map(JSONValue.string))),
        ])
    }
}

extension ExperimentSetting {
    fileprivate func json(of experiment: any Experiment) -> JSONValue {
        let precision = precision ?? experiment.precisions.first
        return .object([
            ("seeds", .int(seeds)), ("precision", precision.map { .string($0.rawValue) } ?? .null),
            ("data", data.map(JSONValue.string) ?? .null), ("full", .bool(isFull)),
            ("threads", .int(threads)),
        ])
    }
}

extension ResultFinding {
    fileprivate var json: JSONValue {
        .object([
            ("expected", .string(expected)), ("found", .string(found)), ("holds", .bool(holds)),
        ])
    }
}

extension ResultTable {
    fileprivate var json: JSONValue {
        .object([
            ("title", .string(title)), ("columns", .array(columns.map(JSONValue.string))),
            ("rows", .array(rows.map { .array($0.map(\.json)) })),
        ])
    }
}

extension ResultCell {
    fileprivate var json: JSONValue {
        switch self {
        case .text(let text): .string(text)
        case .number(let number): .measured(number)
        case .spread(let mean, let deviation):
            .object([("mean", .measured(mean)), ("deviation", .measured(deviation))])
        }
    }
}

extension Chart {
    fileprivate var json: JSONValue {
        .object([
            ("title", .string(title)), ("x", x.json), ("y", y.json),
            (
                "series",
                .array(
                    series.map { series in
                        .object([
                            ("name", .string(series.name)),
                            ("points", .array(series.points.map(\.json))),
                        ])
                    })
            ),
        ])
    }
}

extension Chart.Axis {
    fileprivate var json: JSONValue {
        .object([("label", .string(label)), ("logarithmic", .bool(isLogarithmic))])
    }
}

extension Chart.Point {
    fileprivate var json: JSONValue {
        .object([("x", .measured(x)), ("y", .measured(y)), ("error", .measured(error))])
    }
}

extension JSONValue {
    /// A number; where JSON has none for it, null with the word for what it is.
    fileprivate static func measured(_ value: Double) -> JSONValue {
        value.isFinite
            ? .number(value) : .object([("value", .null), ("is", .string(value.significant(4)))])
    }
}
