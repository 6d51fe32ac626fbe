// A program is a value: its commands, and the shell that finds the one that is meant.

/// An environment variable that the program looks at.
public struct EnvironmentVariable: Sendable, Equatable {
    /// Its name.
    public let name: String
    /// One sentence.
    public let help: String

    /// A variable.
    public init(_ name: String, help: String) {
        self.name = name
        self.help = help
    }
}

/// A program: its commands and what the man page says beside them.
///
/// `help`, `man`, `completions` and `--version` come with every program.
public struct Program: Sendable {
    /// The name, as typed.
    public let name: String
    /// One line without a full stop, as the man page's NAME has it.
    public let summary: String
    /// `1.2.0`.
    public let version: String
    /// Date of this version: `2026-03-01`.
    public let date: String
    /// Paragraphs that say more.
    public let discussion: [String]
    /// The commands, the built-in ones last.
    public let commands: [Command]
    /// Variables that the program looks at.
    public let environment: [EnvironmentVariable]
    /// Lines worth showing.
    public let examples: [Example]

    /// A program. Traps if two commands share a name.
    public init(
        _ name: String, summary: String, version: String, date: String, discussion: [String] = [],
        commands: [Command], environment: [EnvironmentVariable] = [], examples: [Example] = []
    ) {
        self.name = name
        self.summary = summary
        self.version = version
        self.date = date
        self.discussion = discussion
        self.commands = commands + Self.builtIns(program: name, commands.map(\.name))
        self.environment = environment
        self.examples = examples
        precondition(Set(self.commands.map(\.name)).count == self.commands.count)
    }

    /// Reads the command line and does what it says.
    ///
    /// Errors are printed as one line, `program command: what`, on standard error.
    ///
    /// - Parameters:
    ///   - words: the command line without the program's own name.
    ///   - output: where help and other asked-for text goes, in whole lines.
    ///   - errors: where complaints go.
    /// - Returns: the status to exit with.
    public func run(
        _ words: [String], output: (String) -> Void = { writeAll(Array(($0 + "\n").utf8), to: 1) },
        errors: Console = .standardError
    ) -> ExitCode {
        func complain(_ path: String, _ error: any Error) -> ExitCode {
            let line = error is any CustomStringConvertible ? "\(error)" : String(reflecting: error)
            errors.print("\(path): \(errors.style.red("error:")) \(printable(line))")
            if case UsageError.missingCommand = error { return .usage }
            if error is UsageError { errors.print("Try '\(path) --help'.") }
            let status = (error as? any ExitCodeProviding)?.exitCode
            return status.flatMap(ExitCode.init(rawValue:)) ?? .someFailed
        }
        do {
            guard let first = words.first else {
                throw UsageError.missingCommand(program: name)
            }
            if first == "--version" {
                output("\(name) \(version)")
                return .success
            }
            if first == "--help" || first == "-h" {
                output(overview())
                return .success
            }
            if first.hasPrefix("-"), first != "-" {
                let near = suggestion(for: first, among: ["--help", "--version"])
                throw UsageError.unknownOption(first, suggestion: near)
            }
            guard let command = commands.first(where: { $0.name == first }) else {
                let near = suggestion(for: first, among: commands.map(\.name))
                throw UsageError.unknownCommand(first, suggestion: near.map { "'\($0)'" })
            }
            return try run(command, Array(words.dropFirst()), output, complain)
        } catch {
            return complain(name, error)
        }
    }

    private func run(
        _ command: Command, _ words: [String], _ output: (String) -> Void,
        _ complain: (String, any Error) -> ExitCode
    ) throws -> ExitCode {
        let path = "\(name) \(command.name)"
        do {
            let arguments = try command.parse(words, path: path)
            if arguments.wantsHelp {
                output(help(for: command))
                return .success
            }
            if arguments.wantsConfiguration {
                output(arguments.configuration)
                return .success
            }
            if let text = try builtIn(command, arguments) {
                output(text)
                return .success
            }
            return try command.action(arguments)
        } catch let code as ExitCode {
            return code
        } catch {
            return complain(path, error)
        }
    }
}

// MARK: - What every program has

extension Program {
    private static let shells = ["bash", "zsh", "fish"]
    private static let commandName = Operand(
        "COMMAND", help: "The command to explain.", isOptional: true, completion: .nothing)
    private static let shellName = Operand(
        "SHELL", help: "bash, zsh or fish.", completion: .words(shells))

    /// Their text comes from the program itself, so their actions are never called.
    private static func builtIns(program: String, _ names: [String]) -> [Command] {
        [
            Command(
                "help", summary: "Explain a command.",
                operands: [
                    Operand(
                        commandName.name, help: commandName.help, isOptional: true,
                        completion: .words(names))
                ], action: { _ in .success }),
            Command(
                "completions", summary: "Print completions for a shell.", operands: [shellName],
                examples: [
                    Example(
                        "source <(\(program) completions bash)",
                        "Completes command lines in this shell.")
                ], action: { _ in .success }),
            Command("man", summary: "Print the manual page (mdoc).", action: { _ in .success }),
        ]
    }

    /// The text of a built-in command; nil for any other.
    private func builtIn(_ command: Command, _ arguments: Arguments) throws -> String? {
        let word = arguments.operands.first
        switch command.name {
        case "help":
            guard let word else { return overview() }
            guard let command = commands.first(where: { $0.name == word }) else {
                let near = suggestion(for: word, among: commands.map(\.name))
                throw UsageError.unknownCommand(word, suggestion: near.map { "'\($0)'" })
            }
            return help(for: command)
        case "man": return manualPage()
        case "completions":
            switch word {
            case "bash": return bashCompletions()
            case "zsh": return zshCompletions()
            case "fish": return fishCompletions()
            default:
                throw UsageError.badValue(
                    option: "SHELL", value: word ?? "", expected: "bash, zsh or fish",
                    suggestion: suggestion(for: word ?? "", among: Self.shells))
            }
        default: return nil
        }
    }
}
