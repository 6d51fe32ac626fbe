// The figures of detectors as tables, JSON and CSV.
import Interaction
import Terminal

/// What was measured of one detector, or of another and one beside it.
struct DetectorFigures: Figures {
    private let files: [String]
    private let accuracies: [DetectionAccuracy]
    private let kinds: [Int]
    private let persons: (figures: [Estimate?], ratios: [Estimate?])
    private let means: (figures: [Estimate?], ratios: [Estimate?])

    init(files: [String], truth: [[TrueBox]], found: [[[Detection]]], kinds: [Int]) {
        (self.files, self.kinds) = (files, kinds)
        accuracies = found.map { DetectionAccuracy(truth: truth, detections: $0) }
        let bootstrap = DetectionBootstrap(truth: truth, found: found)
        persons = bootstrap.precision(of: [COCO.index(of: "person")!])
        means = bootstrap.precision(of: kinds)
    }

    private static func percent(_ value: Double?) -> String {
        value.map { fixed(100 * $0, decimals: 1) } ?? "n/a"
    }

    private static func text(_ estimate: Estimate?) -> String {
        guard let estimate else { return "n/a" }
        let ends = estimate.interval
        return percent(estimate.value)
            + " (\(percent(ends.lowerBound)) to \(percent(ends.upperBound)))"
    }

    private var rows: [(name: String, values: [Double?])] {
        func row(_ name: String, _ part: (DetectionAccuracy.Scores) -> Double?) -> (
            String, [Double?]
        ) {
            (name, accuracies.map { part($0.scores) })
        }
        return [
            row("AP") { $0.average }, row("AP50") { $0.at50 }, row("AP75") { $0.at75 },
            row("AP small") { $0.small }, row("AP medium") { $0.medium },
            row("AP large") { $0.large },
        ]
    }

    private var estimates: [(name: String, figures: [Estimate?], ratios: [Estimate?])] {
        [
            ("AP50 person", persons.figures, persons.ratios),
            ("AP50 of \(kinds.count) kinds", means.figures, means.ratios),
        ]
    }

    /// Means, then AP50 with intervals, and its share of the other's; then each of the kinds.
    var table: [String] {
        var table = Table([("%", .left)] + files.map { ($0, Table.Alignment.right) })
        for row in rows { table.append([row.name] + row.values.map(Self.percent)) }
        for row in estimates {
            table.append([row.name] + row.figures.map(Self.text))
            if files.count > 1 {
                table.append(["  of the other's", ""] + [Self.text(row.ratios.last!)])
            }
        }
        for kind in kinds {
            table.append(
                ["  \(COCO.categories[kind])"]
                    + accuracies.map { Self.percent($0.byCategory[kind]?.at50) })
        }
        return table.lines()
    }

    /// A line a figure.
    var csv: [String] {
        func number(_ value: Double?) -> String { value.map { "\(Float(100 * $0))" } ?? "" }
        func lines(_ name: String, _ estimates: [Estimate?]) -> [String] {
            zip(files, estimates).map { file, estimate in
                [
                    name, file, number(estimate?.value), number(estimate?.interval.lowerBound),
                    number(estimate?.interval.upperBound),
                ].joined(separator: ",")
            }
        }
        var all = ["figure,weights,percent,low,high"]
        for row in rows {
            for (file, value) in zip(files, row.values) {
                all.append("\(row.name),\(file),\(number(value)),,")
            }
        }
        for row in estimates {
            all += lines(row.name, row.figures) + lines(row.name + " share", row.ratios)
        }
        for kind in kinds {
            for (file, accuracy) in zip(files, accuracies) {
                let value = number(accuracy.byCategory[kind]?.at50)
                all.append("AP50 \(COCO.categories[kind]),\(file),\(value),,")
            }
        }
        return all
    }

    /// Everything.
    var json: JSONValue {
        func number(_ value: Double?) -> JSONValue { value.map { .number(100 * $0) } ?? .null }
        func object(_ estimate: Estimate?) -> JSONValue {
            guard let estimate else { return .null }
            let ends = estimate.interval
            return .object([
                ("value", number(estimate.value)), ("low", number(ends.lowerBound)),
                ("high", number(ends.upperBound)),
            ])
        }
        func figures(of index: Int) -> JSONValue {
            var members: [(String, JSONValue)] = [("weights", .string(files[index]))]
            for row in rows { members.append((row.name, number(row.values[index]))) }
            for row in estimates {
                members.append((row.name, object(row.figures[index])))
                members.append((row.name + " share", object(row.ratios[index])))
            }
            let each = kinds.map { kind -> (String, JSONValue) in
                (COCO.categories[kind], number(accuracies[index].byCategory[kind]?.at50))
            }
            return .object(members + [("kinds", .object(each))])
        }
        return .array(files.indices.map(figures))
    }
}
