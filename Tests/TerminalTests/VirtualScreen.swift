// What a terminal shows after some bytes: as much of one as the console uses.

/// A screen that is as high as it needs to be.
struct VirtualScreen {
    private(set) var lines: [String] = [""]
    private var row = 0, column = 0
    /// Whether a line was written up to the last column.
    private(set) var hasWrapped = false

    init(_ text: String, width: Int) {
        var rest = Substring(text).unicodeScalars
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\r": column = 0
            case "\n":
                // The terminal's driver adds the return.
                (row, column) = (row + 1, 0)
                if row == lines.count { lines.append("") }
            case "\u{1B}":
                let sequence = rest.prefix { !("A"..."Z").contains($0) }
                let command = rest.dropFirst(sequence.count).first
                rest = rest.dropFirst(sequence.count + 1)
                switch (String(sequence), command) {
                case ("[", "A"): row = max(0, row - 1)
                case ("[2", "K"): lines[row] = ""
                default: preconditionFailure("unknown sequence \(String(sequence))")
                }
            default:
                // Only writing at the end of a line occurs, or over nothing.
                lines[row] += String(repeating: " ", count: max(0, column - lines[row].count))
                precondition(lines[row].count == column, "written over '\(lines[row])'")
                lines[row].unicodeScalars.append(scalar)
                column += 1
                if column >= width { hasWrapped = true }
            }
        }
    }
}
