// What a configuration file means to one command: its values as texts that one would type.

/// What a configuration file gives to one command.
struct ConfiguredValues {
    /// The options.
    var options: Arguments
    /// The operands, by their place in the command's table.
    var operands: [Int: [String]] = [:]
}

extension ConfigurationFile {
    /// Values per key; reading a repeated option copies what it has, so there must be an end.
    private static let mostValues = 1000

    /// Reads the file by a command's table.
    ///
    /// - Throws: `UsageError.inFile` for keys that the command has not, for values of a wrong type,
    ///   and for options that exclude each other.
    func values(for command: Command, path: String) throws(UsageError) -> ConfiguredValues {
        do throws(UsageError) {
            return try read(command, path)
        } catch {
            throw .inFile(self.path, error)
        }
    }

    private func read(_ command: Command, _ path: String) throws(UsageError) -> ConfiguredValues {
        var result = ConfiguredValues(options: Arguments(command: path, table: command))
        let rows = Dictionary(uniqueKeysWithValues: command.options.map { ($0.name, $0) })
        for (key, value) in members {
            if Command.isOnlyTyped(key) { throw .refusedKey(key) }
            if let row = rows[key] {
                for text in try texts(value, for: row) {
                    guard result.options.take(text, for: row) else {
                        throw .badValue(
                            option: key, value: shown(.string(text)), expected: row.expectation,
                            suggestion: suggestion(for: text, among: row.words))
                    }
                }
            } else if let index = command.operands.firstIndex(where: { $0.key == key }) {
                result.operands[index] = try texts(value, for: command.operands[index])
            } else {
                throw unknown(key, command)
            }
        }
        let given = result.options
        try command.checkExclusions { given.values[$0] == nil ? nil : $0 }
        return result
    }

    private func unknown(_ key: String, _ command: Command) -> UsageError {
        if let answer = command.answers.first(where: { $0.options.contains(key) }) {
            return .answered(option: key, answer: answer.text)
        }
        let known = command.options.map(\.name).filter { !Command.isOnlyTyped($0) }
        return .unknownKey(
            truncated(key, toWidth: 60),
            suggestion: suggestion(for: key, among: known + command.operands.map(\.key)))
    }

    /// What one would type to give the option this value; none where it is not given.
    private func texts(_ value: JSONValue, for row: OptionRow) throws(UsageError) -> [String] {
        let wrong = UsageError.badValue(
            option: row.name, value: shown(value),
            expected: row.isFlag ? flagExpectation(row) : row.expectation, suggestion: nil)
        if row.isFlag {
            if let isOn = value.boolean { return isOn ? [""] : [] }
            guard row.isRepeated, let count = value.integer,
                (0...Self.mostValues).contains(count)
            else { throw wrong }
            return Array(repeating: "", count: count)
        }
        if let text = value.typed { return [text] }
        let texts: [String?]
        switch (row.composition, value) {
        case (.list, .array(let values)):
            let words = values.compactMap(\.typed)
            guard words.count == values.count else { throw wrong }
            return words.isEmpty ? [] : [words.joined(separator: ",")]
        case (.pairs, .object(let members)):
            texts = members.map { member in
                // On the command line the key ends at the first sign.
                guard !member.0.contains("="), !member.0.utf8.contains(0) else { return nil }
                let text = member.1.typed ?? member.1.boolean.map { "\($0)" }
                return text.map { "\(member.0)=\($0)" }
            }
        case (_, .array(let values)) where row.isRepeated: texts = values.map(\.typed)
        default: throw wrong
        }
        let found = texts.compactMap(\.self)
        guard found.count == texts.count else { throw wrong }
        guard found.count <= Self.mostValues else {
            throw .badValue(
                option: row.name, value: "\(found.count)",
                expected: "at most \(Self.mostValues) values", suggestion: nil)
        }
        return found
    }

    private func flagExpectation(_ row: OptionRow) -> String {
        row.isRepeated ? "true, false or how often (0 to \(Self.mostValues))" : "true or false"
    }

    private func texts(_ value: JSONValue, for operand: Operand) throws(UsageError) -> [String] {
        if let text = value.typed { return [text] }
        if operand.isVariadic, case .array(let values) = value {
            let texts = values.compactMap(\.typed)
            if texts.count == values.count { return texts }
        }
        throw .badValue(
            option: operand.key, value: shown(value),
            expected: operand.isVariadic ? "a text or an array of texts" : "a text",
            suggestion: nil)
    }

    /// A value as a message shows it, however long it is.
    private func shown(_ value: JSONValue) -> String {
        truncated(value.text ?? value.compact, toWidth: 60)
    }
}

extension JSONValue {
    /// The number or text as one would type it on a command line; nil for anything else. No word
    /// there can hold a zero, and a name of a file would end at it.
    fileprivate var typed: String? {
        switch self {
        case .string(let text): return text.utf8.contains(0) ? nil : text
        case .int(let value): return "\(value)"
        case .number(let value): return "\(value)"
        case .null, .bool, .array, .object: return nil
        }
    }
}

extension Operand {
    /// Its key in a configuration file.
    var key: String { name.lowercased() }
}

// MARK: - Under the command line

extension Arguments {
    /// Takes from a file what the command line does not give. An option on the command line wins
    /// over its own value in the file, and over options in the file that exclude it.
    mutating func fill(from file: ConfiguredValues, table: Command) {
        let typed = Set(values.keys)
        for row in table.options where file.options.values[row.name] != nil {
            let isExcluded =
                !typed.isDisjoint(with: row.excludes)
                || table.options.contains {
                    typed.contains($0.name) && $0.excludes.contains(row.name)
                }
            if typed.contains(row.name) || isExcluded { continue }
            values[row.name] = file.options.values[row.name]
            texts[row.name] = file.options.texts[row.name]
        }
        // Operands know their places only by those before them.
        for index in table.operands.indices.dropFirst(operands.count) {
            guard let given = file.operands[index] else { break }
            operands += given
        }
    }
}
