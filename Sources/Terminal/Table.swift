// Rows and columns for people.

/// A table of text with aligned columns.
public struct Table: Sendable {
    /// On which side a column's texts stand.
    public enum Alignment: Sendable { case left, right }

    private let header: [String]
    private let alignments: [Alignment]
    private var rows: [[String]] = []

    /// A table with a header; columns are aligned left unless said otherwise.
    public init(_ columns: [(title: String, alignment: Alignment)]) {
        header = columns.map(\.title)
        alignments = columns.map(\.alignment)
    }

    /// A table without a header.
    public init(alignments: [Alignment]) {
        header = []
        self.alignments = alignments
    }

    /// Adds a row; traps unless it has one text per column.
    public mutating func append(_ row: [String]) {
        precondition(
            row.count == alignments.count, "\(row.count) texts, \(alignments.count) columns")
        rows.append(row.map(printable))
    }

    /// Lines without trailing spaces; the header, if any, in bold.
    public func lines(style: Style = Style(isEnabled: false)) -> [String] {
        let all = header.isEmpty ? rows : [header] + rows
        let widths = alignments.indices.map { column in
            all.map { displayWidth($0[column]) }.max() ?? 0
        }
        func line(_ row: [String]) -> String {
            let cells = row.indices.map { column in
                padded(
                    row[column], toWidth: widths[column],
                    alignRight: alignments[column] == .right)
            }
            let text = cells.joined(separator: "  ")
            return String(text.reversed().drop { $0 == " " }.reversed())
        }
        return (header.isEmpty ? [] : [style.bold(line(header))]) + rows.map(line)
    }
}
