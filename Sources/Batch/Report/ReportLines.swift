// The report for programs: JSON Lines and a table of comma-separated values.
import Terminal

/// Writes `report.jsonl` and `report.csv`, a line and a row for each job.
///
/// `report.jsonl` holds all that is known but pictures. `report.csv` is flat (RFC 4180): columns that all jobs have,
/// then one for each figure of quality and one for each step.
public struct ReportLines {
    private let figures: [String]
    private let steps: [String]
    private let json: (String) throws -> Void
    private let csv: (String) throws -> Void

    /// Lines that are handed to `json`, rows that are handed to `csv`; the summary says which columns there are.
    public init(
        _ summary: ReportSummary, json: @escaping (String) throws -> Void,
        csv: @escaping (String) throws -> Void
    ) {
        (figures, steps) = (summary.figureNames, summary.timingNames)
        (self.json, self.csv) = (json, csv)
    }

    /// Writes the names of the columns.
    ///
    /// - Throws: What `csv` throws.
    public func begin() throws {
        let names = [
            "name", "kind", "state", "reason", "output", "encoder", "resumed", "frames", "seconds",
            "frames per second", "bytes in", "bytes out", "interactions", "surest interaction",
            "warnings", "first warning",
        ]
        let all = names + figures + steps.map { $0 + " seconds" }
        try csv(Self.row(all.map(Self.text)))
    }

    /// Writes a job.
    ///
    /// - Throws: What `json` and `csv` throw.
    public func add(_ job: ReportJob) throws {
        try json(job.json.compact + "\n")
        let surest = job.interactions.max { $0.score < $1.score }
        let texts = [
            job.name, job.kind.rawValue, job.stateWord, job.reason, job.output, job.encoder,
        ]
        let numbers: [Double?] = [
            job.frames.map(Double.init), job.seconds, job.framesPerSecond,
            job.bytesIn.map(Double.init), job.bytesOut.map(Double.init),
            Double(job.interactions.count),
        ]
        let cells =
            texts.map(Self.text) + [job.wasResumed ? "true" : "false"] + numbers.map(Self.number)
            + [
                Self.text(surest?.phrase), Self.number(Double(job.warnings.count)),
                Self.text(job.warnings.first),
            ]
        try csv(
            Self.row(
                cells + figures.map { Self.number(job.figure($0)) }
                    + steps.map { Self.number(job.seconds(of: $0)) }))
    }

    private static func row(_ cells: [String]) -> String { cells.joined(separator: ",") + "\r\n" }

    /// A number with all its digits; empty where there is none.
    private static func number(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "" }
        return JSONValue.number(value).compact
    }

    /// A text that stays one when a spreadsheet opens it.
    ///
    /// Looked at in bytes: `\r\n` is one character, and so is `=` with a combining mark.
    private static func text(_ value: String?) -> String {
        guard var value, let first = value.utf8.first else { return "" }
        if "=+-@\t\r\n".utf8.contains(first) { value = "'" + value }
        guard value.utf8.contains(where: { "\",\r\n".utf8.contains($0) }) else { return value }
        var quoted = "\""
        for scalar in value.unicodeScalars {
            if scalar == "\"" { quoted += "\"" }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }
}

extension ReportJob {
    /// All that is known but pictures.
    var json: JSONValue {
        func text(_ value: String?) -> JSONValue { value.map(JSONValue.string) ?? .null }
        func number(_ value: Double?) -> JSONValue { value.map(JSONValue.number) ?? .null }
        func whole(_ value: Int?) -> JSONValue { value.map(JSONValue.int) ?? .null }
        var steps: [(String, JSONValue)] = []
        for timing in timings where !steps.contains(where: { $0.0 == timing.name }) {
            steps.append((timing.name, number(seconds(of: timing.name))))
        }
        var members: [(String, JSONValue)] = [
            ("name", .string(name)), ("kind", .string(kind.rawValue)),
            ("state", .string(stateWord)), ("reason", text(reason)), ("output", text(output)),
            ("comparison", comparison?.json ?? .null),
            ("figures", .array(figures.map(\.json))), ("frames", whole(frames)),
            ("seconds", number(seconds)), ("framesPerSecond", number(framesPerSecond)),
            ("bytesIn", whole(bytesIn.map(Int.init))), ("bytesOut", whole(bytesOut.map(Int.init))),
            ("encoder", text(encoder)), ("resumed", .bool(wasResumed)),
            ("interactions", .array(interactions.map(\.json))),
            ("warnings", .array(warnings.map(JSONValue.string))), ("timings", .object(steps)),
        ]
        if let shots { members.append(("plan", shots.plan)) }
        return .object(members)
    }
}

extension ReportJob.Comparison {
    fileprivate var json: JSONValue {
        .object([
            ("before", .string(before)), ("after", .string(after)), ("width", .int(width)),
            ("height", .int(height)), ("time", time.map(JSONValue.number) ?? .null),
        ])
    }
}

extension ReportJob.Figure {
    fileprivate var json: JSONValue {
        .object([
            ("name", .string(name)), ("value", .number(value)), ("unit", .string(unit)),
            ("meaning", .string(meaning)),
        ])
    }
}

extension ReportJob.Interaction {
    fileprivate var json: JSONValue {
        .object([
            ("phrase", .string(phrase)), ("score", .number(score)),
            ("time", time.map(JSONValue.number) ?? .null),
            ("drawing", drawing.map(JSONValue.string) ?? .null),
        ])
    }
}
