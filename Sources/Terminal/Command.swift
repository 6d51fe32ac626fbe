// A command is a value: one table that parses, and that help, completions and the man page print.

/// A positional argument.
public struct Operand: Sendable, Equatable {
    /// The name in help, in capitals.
    public let name: String
    /// One sentence.
    public let help: String
    /// Whether it may be left out.
    public let isOptional: Bool
    /// Whether there may be several; only the last operand may be so.
    public let isVariadic: Bool
    /// What a shell may offer.
    public let completion: Completion

    /// A positional argument.
    public init(
        _ name: String, help: String, isOptional: Bool = false, isVariadic: Bool = false,
        completion: Completion = .file
    ) {
        self.name = name
        self.help = help
        self.isOptional = isOptional
        self.isVariadic = isVariadic
        self.completion = completion
    }

    /// As in a synopsis: `INPUT...`, `[OUT]`.
    public var synopsis: String {
        let name = isVariadic ? "\(name)..." : name
        return isOptional ? "[\(name)]" : name
    }
}

/// What to say to somebody who types an option that other programs have and this one has not.
public struct Answer: Sendable, Equatable {
    /// Long names without dashes.
    public let options: [String]
    /// One sentence: what to do instead.
    public let text: String

    /// An answer to any of `options`.
    public init(to options: String..., text: String) {
        self.options = options
        self.text = text
    }
}

/// A command line worth showing, and what it does.
public struct Example: Sendable, Equatable {
    /// The whole line, as typed.
    public let line: String
    /// What it does.
    public let meaning: String

    /// An example.
    public init(_ line: String, _ meaning: String) {
        self.line = line
        self.meaning = meaning
    }
}

/// A command: its table and what it does.
public struct Command: Sendable {
    /// The name, as typed.
    public let name: String
    /// One line that starts with a verb.
    public let summary: String
    /// Paragraphs that say more.
    public let discussion: [String]
    /// Positional arguments in order.
    public let operands: [Operand]
    /// Options in the order in which help lists them.
    public let options: [OptionRow]
    /// Answers to options that this command has not.
    public let answers: [Answer]
    /// Lines worth showing.
    public let examples: [Example]
    /// What the command does.
    public let action: @Sendable (Arguments) throws -> ExitCode

    /// A command. Traps where the table contradicts itself.
    public init(
        _ name: String, summary: String, discussion: [String] = [], operands: [Operand] = [],
        options: [any OptionDeclaring] = [], answers: [Answer] = [], examples: [Example] = [],
        action: @escaping @Sendable (Arguments) throws -> ExitCode
    ) {
        self.name = name
        self.summary = summary
        self.discussion = discussion
        self.operands = operands
        // Help stands last, so under the last heading.
        let group = options.last?.row.group ?? "Options"
        self.options = options.map(\.row) + [Command.help(group: group).row]
        self.answers = answers
        self.examples = examples
        self.action = action
        var seen: Set<String> = []
        for spelling in self.options.flatMap(\.spellings)
            + answers.flatMap(\.options).map({ "--\($0)" })
        {
            precondition(seen.insert(spelling).inserted, "\(name) has two rows for \(spelling)")
        }
        for row in self.options {
            for other in row.excludes {
                precondition(seen.contains("--\(other)"), "\(name) has no --\(other) to exclude")
            }
        }
        if hasConfiguration {
            for operand in operands {
                precondition(
                    !seen.contains("--\(operand.key)"), "\(name) has two meanings of \(operand.key)"
                )
            }
        }
        for operand in operands.dropLast() {
            precondition(
                !operand.isVariadic && !operand.isOptional, "only the last operand may vary")
        }
    }

    /// The row that every command has.
    private static func help(group: String) -> Option<Bool> {
        .flag("help", short: "h", help: "Show this help and exit.", group: group)
    }

    /// Whether a configuration file may stand in for the command line.
    var hasConfiguration: Bool {
        options.contains { $0.name == CommonOptions.config.row.name }
    }

    /// Whether an option makes sense on a command line only.
    static func isOnlyTyped(_ name: String) -> Bool {
        [CommonOptions.config.row.name, CommonOptions.printConfig.row.name, "help"].contains(name)
    }

    /// `[options] INPUT...`
    var synopsis: String {
        (["[options]"] + operands.map(\.synopsis)).joined(separator: " ")
    }

    /// Groups of options in order of first appearance.
    var groups: [(name: String, rows: [OptionRow])] {
        var groups: [(name: String, rows: [OptionRow])] = []
        for row in options {
            if let index = groups.firstIndex(where: { $0.name == row.group }) {
                groups[index].rows.append(row)
            } else {
                groups.append((row.group, [row]))
            }
        }
        return groups
    }
}
