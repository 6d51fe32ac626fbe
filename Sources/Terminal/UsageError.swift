// What can be wrong with a command line, or with a configuration file that it names.

/// A command line that makes no sense; prints as one line.
public enum UsageError: Error, Equatable, Sendable {
    /// No command was given to a program that has several.
    case missingCommand(program: String)
    /// The first word is no command of the program.
    case unknownCommand(String, suggestion: String?)
    /// The option is not in the command's table.
    case unknownOption(String, suggestion: String?)
    /// The option is known elsewhere, and the table says what to do here instead.
    case answered(option: String, answer: String)
    /// The option wants a value; `following` is the option that stands in its place.
    case missingValue(option: String, placeholder: String, following: String?)
    /// A flag was given a value.
    case unexpectedValue(option: String, value: String)
    /// The value is not of the option's type.
    case badValue(option: String, value: String, expected: String, suggestion: String?)
    /// Two options contradict each other.
    case exclusive(String, String)
    /// A positional argument is missing.
    case missingOperand(String)
    /// There are more positional arguments than the command takes.
    case unexpectedOperand(String)
    /// A key of a configuration file is no option and no operand of the command.
    case unknownKey(String, suggestion: String?)
    /// A key of a configuration file names an option that only a command line may give.
    case refusedKey(String)
    /// What is wrong stands in this configuration file.
    indirect case inFile(String, UsageError)
    /// Options that each make sense do not make sense together, in the command's own words.
    case nonsense(String)
}

extension UsageError: ExitCodeProviding {
    /// Always ``ExitCode/usage``.
    public var exitCode: Int32 { ExitCode.usage.rawValue }

    /// One line: what is wrong, and what may have been meant.
    public var description: String {
        func hint(_ suggestion: String?) -> String {
            suggestion.map { "; did you mean \($0)?" } ?? ""
        }
        switch self {
        case .missingCommand(let program):
            return "a command is missing; '\(program) help' lists them"
        case .unknownCommand(let name, let suggestion):
            return "unknown command '\(printable(name))'" + hint(suggestion)
        case .unknownOption(let option, let suggestion):
            return "unknown option \(printable(option))" + hint(suggestion)
        case .answered(let option, let answer):
            return "\(option): \(answer)"
        case .missingValue(let option, let placeholder, let following?):
            return "\(option) wants \(placeholder), but \(printable(following)) follows; "
                + "if that is the value, write \(option)=\(printable(following))"
        case .missingValue(let option, let placeholder, nil):
            return "\(option) wants \(placeholder)"
        case .unexpectedValue(let option, let value):
            return "\(option) takes no value, but got '\(printable(value))'"
        case .badValue(let option, let value, let expected, let suggestion):
            return "\(option) wants \(expected), not '\(printable(value))'" + hint(suggestion)
        case .exclusive(let first, let second):
            return "\(first) and \(second) exclude each other; give one of them"
        case .missingOperand(let name):
            return "\(name) is missing"
        case .unexpectedOperand(let value):
            return "unexpected argument '\(printable(value))'"
        case .unknownKey(let key, let suggestion):
            return "unknown key '\(printable(key))'" + hint(suggestion)
        case .refusedKey(let key):
            return "'\(printable(key))' belongs on the command line, not in a file"
        case .inFile(let path, let error):
            return "\(printable(path)): \(error)"
        case .nonsense(let line):
            return line
        }
    }
}
