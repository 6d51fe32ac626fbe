// What an experiment found, as plain text for a terminal.
import Terminal

/// A result as a person reads it: the claim, the figures, and whether they agree.
public struct ResultText {
    private let experiment: any Experiment
    private let result: ExperimentResult

    /// The text of what `experiment` found.
    public init(_ experiment: any Experiment, _ result: ExperimentResult) {
        (self.experiment, self.result) = (experiment, result)
    }

    /// Lines, none of them wider than `width` but those of tables.
    public func lines(width: Int = 80, style: Style = Style(isEnabled: false)) -> [String] {
        var lines = Self.heading(experiment, width: width, style: style)
        for table in result.tables { lines += [""] + table.lines(style: style) }
        if !result.findings.isEmpty { lines.append("") }
        for finding in result.findings { lines += finding.lines(width: width, style: style) }
        if !result.notes.isEmpty { lines.append("") }
        for note in result.notes { lines += indented(note, by: "note: ", width: width) }
        return lines
    }

    /// A table alone.
    public static func lines(
        of table: ResultTable, style: Style = Style(isEnabled: false)
    ) -> [String] { table.lines(style: style) }

    /// An experiment's name, what it is about, and where the claim stands.
    public static func heading(
        _ experiment: any Experiment, width: Int = 80, style: Style = Style(isEnabled: false)
    ) -> [String] {
        [style.bold(printable(experiment.name))]
            + indented(experiment.claim, by: "  ", width: width)
            + indented("(\(experiment.source))", by: "  ", width: width)
    }
}

extension ResultTable {
    /// The title, and the figures below it; columns of words stand on the left, others
    /// on the right.
    func lines(style: Style) -> [String] {
        var table = Table(
            columns.enumerated().map { index, title in
                let words = rows.count { if case .text = $0[index] { true } else { false } }
                return (printable(title), 2 * words > rows.count ? .left : .right)
            })
        for row in rows { table.append(row.map(\.text)) }
        return [style.underlined(printable(title))] + table.lines(style: style)
    }
}

extension ResultFinding {
    /// Whether it holds, what was expected, what was found.
    func lines(width: Int, style: Style) -> [String] {
        let verdict = holds ? "holds" : "does not hold"
        var lines = indented("\(expected); found: \(found)", by: "\(verdict): ", width: width)
        let painted = holds ? style.green(verdict) : style.red(verdict)
        lines[0].replaceSubrange(
            ..<lines[0].index(lines[0].startIndex, offsetBy: verdict.count), with: painted)
        return lines
    }
}

/// Lines that start with `start`, or with as many spaces.
private func indented(_ text: String, by start: String, width: Int) -> [String] {
    let lines = wrapped(printable(text), toWidth: max(20, width - start.count))
    let space = String(repeating: " ", count: start.count)
    // A text without words is a line, too: what it belongs to must not go missing.
    return lines.isEmpty
        ? [start] : lines.enumerated().map { ($0.offset == 0 ? start : space) + $0.element }
}
