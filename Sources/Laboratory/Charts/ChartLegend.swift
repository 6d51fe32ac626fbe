// The legend of a chart: names beside a piece of their curves, in rows above the axes.
import Terminal

/// Where the names of curves stand. Above the axes they cover nothing, however many there are.
struct ChartLegend {
    /// One name: which curve, and where its piece of line begins.
    struct Entry {
        let index: Int, name: String, x: Double, row: Int
    }

    /// All names, in rows from the top.
    let entries: [Entry]
    /// How many rows there are.
    let rows: Int

    /// Pixels of a row.
    static let rowHeight = 20.0
    /// Pixels from the beginning of the line to the text.
    static let lead = 38.0

    /// Rows of at most `width` pixels.
    init(_ names: [String], width: Double) {
        var entries: [Entry] = []
        var x = 0.0, row = 0
        for (index, name) in names.enumerated() {
            let needed = Self.lead + textWidth(name, size: 13)
            if x > 0, x + needed > width { (x, row) = (0, row + 1) }
            entries.append(Entry(index: index, name: name, x: x, row: row))
            x += needed + 22
        }
        self.entries = entries
        rows = entries.isEmpty ? 0 : row + 1
    }

    /// The names as SVG, from `x` and `y` on.
    func svg(x: Double, y: Double) -> [String] {
        entries.flatMap { entry -> [String] in
            let look = SeriesLook(entry.index)
            let (left, middle) = (x + entry.x, y + (Double(entry.row) + 0.5) * Self.rowHeight)
            return [
                "<path class=\"s\(look.colour) curve\"\(look.dashAttribute) "
                    + "d=\"M\(svgNumber(left)) \(svgNumber(middle))h30\"/>",
                look.mark(left + 15, middle),
                "<text x=\"\(svgNumber(left + Self.lead))\" y=\"\(svgNumber(middle + 4.5))\">"
                    + "\(printable(entry.name).escapedAsMarkup)</text>",
            ]
        }
    }
}

extension SeriesLook {
    /// The attribute that dashes a line; nothing for one without gaps.
    var dashAttribute: String { dashes.map { " stroke-dasharray=\"\($0)\"" } ?? "" }
}

/// How wide a text gets at most, in pixels: fonts differ, so this is on the wide side.
func textWidth(_ text: String, size: Double) -> Double {
    0.6 * size * Double(displayWidth(text))
}
