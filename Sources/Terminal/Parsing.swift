// Reading a command line by its table.

extension Command {
    /// Reads the words after the command's name.
    ///
    /// Options and operands may come in any order; `--` ends the options; `--name=value`,
    /// `--name value`, `-o value` and `-ovalue` all give a value; short flags may be bundled. Of
    /// an option given twice the last counts, unless it is repeated. What the command line leaves
    /// open comes from the ``ConfigurationFile`` that ``CommonOptions/config`` names, where the
    /// command has that option.
    ///
    /// - Parameter path: what stands before the words, as in `mwgan enhance`.
    /// - Throws: ``UsageError``; ``ConfigurationFileError``.
    public func parse(_ words: [String], path: String? = nil) throws -> Arguments {
        let path = path ?? name
        var reader = ArgumentReader(command: self, path: path, words: words)
        var arguments = try reader.read()
        if arguments.wantsHelp { return arguments }
        if hasConfiguration, let file = arguments.texts[CommonOptions.config.row.name]?.last {
            let values = try ConfigurationFile(contentsOf: file).values(for: self, path: path)
            arguments.fill(from: values, table: self)
        }
        try checkOperands(arguments)
        return arguments
    }

    /// Refuses two options that contradict each other.
    ///
    /// - Parameter spelled: how an option was given; nil where it was not.
    func checkExclusions(_ spelled: (String) -> String?) throws(UsageError) {
        for row in options {
            guard let first = spelled(row.name) else { continue }
            for other in row.excludes {
                if let second = spelled(other) { throw .exclusive(first, second) }
            }
        }
    }

    /// Whoever only wants to see the configuration may leave operands out.
    private func checkOperands(_ arguments: Arguments) throws(UsageError) {
        let needed = operands.filter { !$0.isOptional }
        if arguments.operands.count < needed.count, !arguments.wantsConfiguration {
            throw .missingOperand(needed[arguments.operands.count].name)
        }
        if operands.last?.isVariadic != true, arguments.operands.count > operands.count {
            throw .unexpectedOperand(arguments.operands[operands.count])
        }
    }
}

private struct ArgumentReader {
    let command: Command
    let words: [String]
    var position = 0
    var arguments: Arguments
    /// Spelling under which each option was first given, for messages.
    var spelled: [String: String] = [:]

    init(command: Command, path: String, words: [String]) {
        self.command = command
        self.words = words
        arguments = Arguments(command: path, table: command)
    }

    mutating func read() throws(UsageError) -> Arguments {
        // Somebody who asks for help gets it, whatever else is wrong with the line.
        if words.prefix(while: { $0 != "--" }).contains(where: { $0 == "--help" || $0 == "-h" }) {
            arguments.wantsHelp = true
            return arguments
        }
        while position < words.count {
            let word = words[position]
            position += 1
            if word == "--" {
                arguments.operands += words[position...]
                break
            } else if word.hasPrefix("--") {
                try readLong(word)
            } else if word.hasPrefix("-"), word != "-", !isNegativeNumber(word) {
                try readShort(word)
            } else {
                arguments.operands.append(word)
            }
        }
        let spelled = spelled
        try command.checkExclusions { spelled[$0] }
        return arguments
    }

    private mutating func readLong(_ word: String) throws(UsageError) {
        let body = word.dropFirst(2)
        let sign = body.firstIndex(of: "=")
        let name = String(body[..<(sign ?? body.endIndex)])
        let value = sign.map { String(body[body.index(after: $0)...]) }
        guard
            let row = command.options.first(where: { $0.name == name || $0.aliases.contains(name) })
        else {
            if let answer = command.answers.first(where: { $0.options.contains(name) }) {
                throw .answered(option: "--\(name)", answer: answer.text)
            }
            let known = command.options.flatMap { [$0.name] + $0.aliases }
            let near = suggestion(for: name, among: known)
            throw .unknownOption("--\(name)", suggestion: near.map { "--\($0)" })
        }
        try store(row, spelling: "--\(name)", attached: value)
    }

    private mutating func readShort(_ word: String) throws(UsageError) {
        var rest = word.dropFirst()
        while let letter = rest.first {
            rest = rest.dropFirst()
            guard let row = command.options.first(where: { $0.short == letter }) else {
                let name = String(word.dropFirst())
                let isLongName = name.count > 1 && command.options.contains { $0.name == name }
                throw .unknownOption(
                    name.count > 1 && !isLongName ? "-\(letter) in \(word)" : word,
                    suggestion: isLongName ? "--\(name)" : nil)
            }
            if row.isFlag {
                try store(row, spelling: "-\(letter)", attached: nil)
            } else {
                if rest.first == "=" { rest = rest.dropFirst() }
                let attached = rest.isEmpty ? nil : String(rest)
                return try store(row, spelling: "-\(letter)", attached: attached)
            }
        }
    }

    private mutating func store(
        _ row: OptionRow, spelling: String, attached: String?
    ) throws(UsageError) {
        if spelled[row.name] == nil { spelled[row.name] = spelling }
        let text: String
        if row.isFlag {
            if let attached { throw .unexpectedValue(option: spelling, value: attached) }
            text = ""
        } else if let attached {
            text = attached
        } else {
            text = try nextValue(for: row, spelling: spelling)
        }
        guard arguments.take(text, for: row) else {
            throw .badValue(
                option: spelling, value: text, expected: row.expectation,
                suggestion: suggestion(for: text, among: row.words))
        }
    }

    /// The next word, unless it is an option: a forgotten value must not swallow one.
    private mutating func nextValue(
        for row: OptionRow, spelling: String
    ) throws(UsageError) -> String {
        let placeholder = row.placeholder ?? "a value"
        guard position < words.count else {
            throw .missingValue(option: spelling, placeholder: placeholder, following: nil)
        }
        let word = words[position]
        if word.hasPrefix("-"), word != "-", !isNegativeNumber(word) {
            throw .missingValue(option: spelling, placeholder: placeholder, following: word)
        }
        position += 1
        return word
    }

    private func isNegativeNumber(_ word: String) -> Bool {
        word.hasPrefix("-") && word.dropFirst().utf8.first.map { isDigit($0) || $0 == 0x2E } == true
    }
}
