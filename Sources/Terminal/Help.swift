// Help as a terminal shows it.

extension Program {
    /// What the program is and which commands it has; lines of at most `width` columns.
    public func overview(width: Int = Self.helpWidth, style: Style = Self.helpStyle) -> String {
        var lines = wrapped("\(name): \(summary).", toWidth: width)
        for paragraph in discussion { lines += [""] + wrapped(paragraph, toWidth: width) }
        lines += ["", "\(style.bold("Usage:")) \(name) COMMAND [options] ...", ""]
        lines.append(style.bold("Commands:"))
        lines += definitions(commands.map { ($0.name, $0.summary) }, width, style)
        if !examples.isEmpty {
            lines += ["", style.bold("Examples:")] + exampleLines(examples, width)
        }
        lines += [
            "", "'\(name) help COMMAND' explains a command; '\(name) --version' tells the version.",
        ]
        return lines.joined(separator: "\n")
    }

    /// A command's whole table; lines of at most `width` columns.
    public func help(
        for command: Command, width: Int = Self.helpWidth, style: Style = Self.helpStyle
    ) -> String {
        var lines = wrapped(command.summary, toWidth: width)
        lines += ["", "\(style.bold("Usage:")) \(name) \(command.name) \(command.synopsis)"]
        for paragraph in command.discussion { lines += [""] + wrapped(paragraph, toWidth: width) }
        if !command.operands.isEmpty {
            lines += ["", style.bold("Arguments:")]
            lines += definitions(command.operands.map { ($0.name, $0.help) }, width, style)
        }
        for group in command.groups {
            lines += ["", style.bold("\(group.name):")]
            lines += definitions(group.rows.map { ($0.term, $0.sentence) }, width, style)
        }
        if !command.examples.isEmpty {
            lines += ["", style.bold("Examples:")] + exampleLines(command.examples, width)
        }
        return lines.joined(separator: "\n")
    }

    /// Width of help: that of the terminal, within reason.
    public static var helpWidth: Int { min(max(terminalWidth(of: 1), 60), 100) }

    /// Style of help: bold headings on a terminal.
    public static var helpStyle: Style { Style(isTerminal: isTerminal(1)) }

    /// Terms on the left, sentences on the right; a long term has a line of its own.
    private func definitions(
        _ rows: [(term: String, text: String)], _ width: Int, _ style: Style
    ) -> [String] {
        let limit = 26
        let terms = rows.map { displayWidth($0.term) }.filter { $0 <= limit }
        let indent = 2 + (terms.max() ?? limit) + 2
        return rows.flatMap { row -> [String] in
            var text = wrapped(row.text, toWidth: max(20, width - indent))
            let margin = String(repeating: " ", count: indent)
            let isLong = displayWidth(row.term) + 4 > indent
            let first = isLong || text.isEmpty ? "" : text.removeFirst()
            let head = padded("  " + row.term, toWidth: first.isEmpty ? 0 : indent) + first
            return [head] + text.map { margin + $0 }
        }
    }

    private func exampleLines(_ examples: [Example], _ width: Int) -> [String] {
        examples.flatMap { example in
            ["  \(example.line)"]
                + wrapped(example.meaning, toWidth: width - 6).map { "      \($0)" }
        }
    }
}

extension OptionRow {
    /// `-o, --output OUT`; rows without a letter are indented as if they had one.
    var term: String {
        let names = short.map { "-\($0), --\(name)" } ?? "    --\(name)"
        return placeholder.map { "\(names) \($0)" } ?? names
    }

    /// The help sentence with default, aliases and repetition.
    var sentence: String {
        var notes: [String] = []
        if let defaultText { notes.append("default: \(defaultText)") }
        if !aliases.isEmpty {
            notes.append("also " + aliases.map { "--\($0)" }.joined(separator: ", "))
        }
        if isRepeated { notes.append("may be repeated") }
        return notes.isEmpty ? help : "\(help) (\(notes.joined(separator: "; ")))"
    }
}
