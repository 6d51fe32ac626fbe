// The manual page, in mdoc(7), from the same table as help.

extension Program {
    /// The source of the manual page of section 1.
    public func manualPage() -> String {
        var page = [
            ".Dd \(manualDate)", ".Dt \(name.uppercased()) 1", ".Os", ".Sh NAME", ".Nm \(name)",
            ".Nd \(roff(summary))", ".Sh SYNOPSIS",
        ]
        for command in commands {
            page += [".Nm", ".Cm \(command.name)", ".Op Ar options"]
            page += command.operands.map(\.manual)
        }
        page += [".Nm", ".Fl -version", ".Sh DESCRIPTION"]
        page += paragraphs(discussion.isEmpty ? [summary + "."] : discussion)
        page += [".Pp", "The commands are:"]
        for command in commands { page += section(command) }
        if !environment.isEmpty {
            page += [".Sh ENVIRONMENT", ".Bl -tag -width Ds"]
            for variable in environment {
                page += [".It Ev \(variable.name)", roff(variable.help)]
            }
            page.append(".El")
        }
        page += [".Sh EXIT STATUS", ".Bl -tag -width Ds"]
        for code in ExitCode.allCases { page += [".It \(code.rawValue)", roff(code.meaning)] }
        page.append(".El")
        if !examples.isEmpty { page += [".Sh EXAMPLES"] + self.examples(examples) }
        return page.joined(separator: "\n")
    }

    private func section(_ command: Command) -> [String] {
        var lines = [".Ss \(name) \(command.name)", ".Nm", ".Cm \(command.name)", ".Op Ar options"]
        lines += command.operands.map(\.manual)
        lines += [".Pp", roff(command.summary)]
        if !command.discussion.isEmpty { lines += [".Pp"] + paragraphs(command.discussion) }
        lines += [".Bl -tag -width Ds"]
        for operand in command.operands {
            lines += [".It Ar \(operand.name)", roff(operand.help)]
        }
        for row in command.options {
            let names = (row.short.map { ["Fl \($0)"] } ?? []) + ["Fl -\(row.name)"]
            let value = row.placeholder.map { " Ar \(argument($0))" } ?? ""
            lines += [".It \(names.joined(separator: " , "))\(value)", roff(row.sentence)]
        }
        lines.append(".El")
        if !command.examples.isEmpty {
            lines += [".Pp", "For example:"] + examples(command.examples)
        }
        return lines
    }

    private func paragraphs(_ texts: [String]) -> [String] {
        Array(texts.map { [roff($0)] }.joined(separator: [".Pp"]))
    }

    private func examples(_ examples: [Example]) -> [String] {
        [".Bl -tag -width Ds"]
            + examples.flatMap { [".It Li \(argument($0.line))", roff($0.meaning)] } + [".El"]
    }

    /// `2026-03-01` as mdoc wants it: `March 1, 2026`.
    private var manualDate: String {
        let months = [
            "January", "February", "March", "April", "May", "June", "July", "August", "September",
            "October", "November", "December",
        ]
        let parts = date.split(separator: "-").compactMap { Int($0) }
        precondition(parts.count == 3 && (1...12).contains(parts[1]), "\(date) is no date")
        return "\(months[parts[1] - 1]) \(parts[2]), \(parts[0])"
    }
}

extension Operand {
    fileprivate var manual: String {
        let dots = isVariadic ? " ..." : ""
        return (isOptional ? ".Op Ar " : ".Ar ") + name + dots
    }
}

/// Text that troff prints as it stands: backslashes and leading dots mean nothing. Each sentence
/// starts a line, as mdoc wants it.
private func roff(_ text: String) -> String {
    var escaped = ""
    for character in text {
        switch character {
        case "\\": escaped += "\\e"
        case "-": escaped += "\\-"
        default: escaped.append(character)
        }
    }
    let words = escaped.split(separator: " ")
    var lines: [String] = [""]
    for word in words {
        lines[lines.count - 1] += (lines.last!.isEmpty ? "" : " ") + word
        if word.hasSuffix("."), !word.hasSuffix("..") { lines.append("") }
    }
    if lines.last!.isEmpty { lines.removeLast() }
    return lines.map { $0.hasPrefix(".") || $0.hasPrefix("'") ? "\\&" + $0 : $0 }
        .joined(separator: "\n")
}

/// Text as one macro argument, quoted where it has to be.
private func argument(_ text: String) -> String {
    "\""
        + roff(text).split(separator: "\n").joined(separator: " ").split(
            separator: "\"",
            omittingEmptySubsequences: false
        ).joined(separator: "\\(dq") + "\""
}
