// Completions for fish, from the same table as help.

extension Program {
    /// A file for fish's folder of completions, named `PROGRAM.fish`.
    public func fishCompletions() -> String {
        var lines = ["# Completions of \(name) for fish."]
        let start = "complete -c \(name)"
        lines.append("\(start) -n __fish_use_subcommand -f -l help -d 'Show help'")
        lines.append("\(start) -n __fish_use_subcommand -f -l version -d 'Tell the version'")
        for command in commands {
            lines.append(
                "\(start) -n __fish_use_subcommand -f -a \(command.name)"
                    + " -d \(fishQuoted(command.summary))")
        }
        for command in commands {
            let condition = "-n '__fish_seen_subcommand_from \(command.name)'"
            for operand in command.operands {
                if let words = operand.completion.fish {
                    lines.append("\(start) \(condition) \(words)")
                }
            }
            for row in command.options {
                let short = row.short.map { " -s \($0)" } ?? ""
                let long = ([row.name] + row.aliases).map { " -l \($0)" }.joined()
                let value = row.isFlag ? "" : " -r " + (row.completion.fish ?? "-F")
                lines.append(
                    "\(start) \(condition)\(short)\(long)\(value) -d \(fishQuoted(row.help))")
            }
        }
        return lines.joined(separator: "\n")
    }
}

extension Completion {
    /// What to offer; nil for files, which fish offers by itself.
    fileprivate var fish: String? {
        switch self {
        case .nothing: return "-f"
        case .words(let words): return "-f -a '\(words.joined(separator: " "))'"
        case .file: return nil
        case .folder: return "-f -a '(__fish_complete_directories)'"
        case .wordsOrFile(let words): return "-F -a '\(words.joined(separator: " "))'"
        }
    }
}

private func fishQuoted(_ text: String) -> String {
    var result = ""
    for character in text {
        if character == "'" || character == "\\" { result += "\\" }
        result.append(character)
    }
    return "'\(result)'"
}
