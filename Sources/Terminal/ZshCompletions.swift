// Completions for zsh, from the same table as help.

extension Program {
    /// A file for a folder of `fpath`, named `_PROGRAM`.
    public func zshCompletions() -> String {
        let function = "_\(name)"
        var lines = [
            "#compdef \(name)",
            "# Completions of \(name) for zsh.",
            "\(function)() {",
            "    local -a commands",
            "    commands=(",
        ]
        for command in commands {
            lines.append("        '\(command.name):\(zshQuoted(command.summary, escaping: ":"))'")
        }
        lines += [
            "    )",
            "    if (( CURRENT == 2 )); then",
            "        _describe -t commands command commands",
            "        _arguments '--help[Show help]' '--version[Tell the version]'",
            "        return",
            "    fi",
            "    local command=$words[2]",
            "    shift words",
            "    (( CURRENT-- ))",
            "    case $command in",
        ]
        for command in commands {
            lines.append("    \(command.name))")
            let specifications =
                command.options.flatMap(zshSpecifications)
                + command.operands.enumerated().map { zshSpecification($1, position: $0 + 1) }
            lines.append("        _arguments -s -S \\")
            lines.append(
                specifications.map { "            \($0)" }.joined(separator: " \\\n"))
            lines.append("        ;;")
        }
        lines += ["    esac", "}", "\(function) \"$@\""]
        return lines.joined(separator: "\n")
    }

    /// One specification per spelling; each excludes the others unless the option is repeated.
    private func zshSpecifications(_ row: OptionRow) -> [String] {
        let help = zshQuoted(row.help, escaping: "[]:")
        let excluded = row.spellings + row.excludes.map { "--\($0)" }
        let prefix = row.isRepeated ? "*" : "(\(excluded.joined(separator: " ")))"
        return row.spellings.map { spelling in
            guard let placeholder = row.placeholder else {
                return "'\(prefix)\(spelling)[\(help)]'"
            }
            let joint = spelling.hasPrefix("--") ? "=" : "+"
            let message = zshQuoted(placeholder, escaping: ":[]")
            return "'\(prefix)\(spelling)\(joint)[\(help)]:\(message):\(row.completion.zsh)'"
        }
    }

    private func zshSpecification(_ operand: Operand, position: Int) -> String {
        let place = operand.isVariadic ? "*" : "\(position)"
        let mark = operand.isVariadic || !operand.isOptional ? ":" : "::"
        return
            "'\(place)\(mark)\(zshQuoted(operand.name, escaping: ":")):\(operand.completion.zsh)'"
    }
}

extension Completion {
    fileprivate var zsh: String {
        switch self {
        case .nothing: return " "
        case .words(let words): return "(\(words.joined(separator: " ")))"
        case .file, .wordsOrFile: return "_files"
        case .folder: return "_files -/"
        }
    }
}

/// Text inside single quotes, with a backslash before every character that zsh would read.
private func zshQuoted(_ text: String, escaping special: String) -> String {
    var result = ""
    for character in text {
        if character == "'" {
            result += "'\\''"
        } else {
            if special.contains(character) || character == "\\" { result += "\\" }
            result.append(character)
        }
    }
    return result
}
