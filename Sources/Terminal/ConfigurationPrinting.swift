// What is in force, as a configuration file.

extension Arguments {
    /// The options and operands in force as TOML, which read with `--config` gives them again.
    ///
    /// Options that are not given but have a default stand there as comments.
    public var configuration: String {
        var lines = ["# \(command)"]
        var used = 0
        for operand in definition.operands where used < operands.count {
            let given = operand.isVariadic ? Array(operands[used...]) : [operands[used]]
            lines.append("\(operand.key.asTOMLKey) = \(Self.text(given, operand.isVariadic))")
            used += given.count
        }
        for group in definition.groups {
            let rows = group.rows.filter { !Command.isOnlyTyped($0.name) }.compactMap(line)
            if !rows.isEmpty { lines += ["", "# \(group.name)"] + rows }
        }
        return lines.joined(separator: "\n")
    }

    private func line(_ row: OptionRow) -> String? {
        let key = row.name.asTOMLKey
        guard let texts = texts[row.name] else {
            return row.defaultText.map { "# \(key) = \($0.asTOMLValue)" }
        }
        switch (row.isFlag, row.isRepeated) {
        case (true, false): return "\(key) = true"
        case (true, true): return "\(key) = \(texts.count)"
        case (false, true): return "\(key) = \(Self.text(texts, true))"
        case (false, false): return "\(key) = \(texts[0].asTOMLValue)"
        }
    }

    private static func text(_ texts: [String], _ isArray: Bool) -> String {
        let strings = texts.map(\.asTOMLString).joined(separator: ", ")
        return isArray ? "[\(strings)]" : strings
    }
}
