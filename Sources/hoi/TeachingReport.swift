// The figures of 'hoi study --teach' as tables and JSON.
import Teaching
import Terminal

/// What few photographs teach.
struct TeachingReport {
    let result: TeachingStudy.Result
    let draws: Int

    private static let counts = TeachingGround.counts

    private static func text(_ figure: TeachingStudy.Figure?, decimals: Int = 1) -> String {
        guard let figure else { return "n/a" }
        return
            "\(fixed(figure.mean, decimals: decimals)) ± \(fixed(figure.deviation, decimals: decimals))"
    }

    private static func table(
        _ title: String, _ counts: [Int], _ rows: [(String, [Int: TeachingStudy.Figure])]
    ) -> [String] {
        var table = Table(
            [(title, .left)]
                + counts.map { ("\($0) \($0 == 1 ? "photograph" : "photographs")", .right) })
        for (name, figures) in rows { table.append([name] + counts.map { text(figures[$0]) }) }
        return table.lines()
    }

    /// Choices, figures, gains, and the old verbs.
    var lines: [String] {
        let choices = result.choices.sorted { a, b in
            func sum(_ row: TeachingStudy.Row) -> Double {
                row.figures.values.reduce(0) { $0 + $1.mean }
            }
            return sum(a) > sum(b)
        }
        var lines = ["chosen on: " + result.chosenOn.joined(separator: ", ")]
        lines += Self.table("mAP, %", [1, 5], choices.map { ($0.method, $0.figures) })
        lines += ["", "measured on: " + result.reportedOn.joined(separator: ", ")]
        lines += Self.table(
            "mAP, %, \(draws) draws", Self.counts, result.rows.map { ($0.method, $0.figures) })
        lines += [""]
        lines += Self.table(
            "gain of what ships over", Self.counts, result.gains.map { ($0.method, $0.figures) })
        lines += [""]
        lines += Self.table(
            "old verbs and people", Self.counts,
            [
                ("mAP of old verbs before, %", result.before),
                ("mAP of old verbs after, %", result.after),
                ("of old verbs' people said to do what was taught, %", result.alarms),
                ("of those who do it said to, %", result.found),
            ])
        return lines
    }

    /// Everything.
    var json: JSONValue {
        func figures(_ figures: [Int: TeachingStudy.Figure]) -> JSONValue {
            .object(
                figures.sorted { $0.key < $1.key }.map { count, figure in
                    (
                        "\(count)",
                        .object([
                            ("mean", .number(figure.mean)),
                            ("deviation", .number(figure.deviation)),
                        ])
                    )
                })
        }
        func rows(_ rows: [TeachingStudy.Row]) -> JSONValue {
            .object(rows.map { ($0.method, figures($0.figures)) })
        }
        return .object([
            ("chosen on", .array(result.chosenOn.map { .string($0) })),
            ("measured on", .array(result.reportedOn.map { .string($0) })),
            ("draws", .int(draws)), ("choices", rows(result.choices)),
            ("methods", rows(result.rows)),
            ("gains", rows(result.gains)), ("before", figures(result.before)),
            ("after", figures(result.after)), ("alarms", figures(result.alarms)),
            ("found", figures(result.found)),
        ])
    }

    /// Prints, and writes what `--report` asks for.
    func say(_ arguments: Arguments) throws -> ExitCode {
        if let path = arguments[EvaluateCommand.report] {
            try CommonOptions.write(json.pretty, to: path)
        }
        for line in lines { CommonOptions.output(line) }
        return .success
    }
}
