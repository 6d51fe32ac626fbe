// One row of a command's table of options, and the typed key that reads its value.

/// What a shell may offer as the value of an option or an argument.
public enum Completion: Sendable, Equatable {
    /// Nothing that a shell could know.
    case nothing
    /// One of these words.
    case words([String])
    /// A file.
    case file
    /// A folder.
    case folder
    /// One of these words, or a file.
    case wordsOrFile([String])
}

/// What one text of an option is made of, and so what may give it in a configuration file.
public enum Composition: Sendable, Equatable {
    /// One value.
    case single
    /// Words between commas, or an array of them.
    case list
    /// A key and a value; a table gives several.
    case pairs
}

/// One row of the table: all that help, completions and the man page say about an option.
public struct OptionRow: Sendable {
    /// The long name, without dashes.
    public let name: String
    /// Other long names that mean the same.
    public let aliases: [String]
    /// The one-letter name.
    public let short: Character?
    /// What stands for the value in help; nil for a flag.
    public let placeholder: String?
    /// The value when the option is not given, as one would type it.
    public let defaultText: String?
    /// One sentence.
    public let help: String
    /// The heading under which help lists it.
    public let group: String
    /// Whether it may be given several times, each time adding a value.
    public let isRepeated: Bool
    /// Names of options that contradict it.
    public let excludes: [String]
    /// What a shell may offer as the value.
    public let completion: Completion
    /// What the value must be, as in "wants ...".
    public let expectation: String
    /// What may stand for several texts in a configuration file.
    public let composition: Composition

    /// Turns one more text into the value, given the value so far; nil if it is not of the type.
    let accumulate: @Sendable (_ text: String, _ soFar: (any Sendable)?) -> (any Sendable)?

    /// Whether the option stands alone, without a value.
    public var isFlag: Bool { placeholder == nil }

    /// The words for one who typed something near one of them.
    var words: [String] {
        switch completion {
        case .words(let words), .wordsOrFile(let words): return words
        case .nothing, .file, .folder: return []
        }
    }

    /// All spellings, short first: `["-o", "--output"]`.
    public var spellings: [String] {
        (short.map { ["-\($0)"] } ?? []) + ([name] + aliases).map { "--\($0)" }
    }
}

/// Anything that contributes a row to a command's table.
public protocol OptionDeclaring: Sendable {
    /// The row.
    var row: OptionRow { get }
}

/// An option whose value is a `Value`: the key that reads it from ``Arguments``.
///
///     static let threads = Option.integer("threads", in: 1...1024, placeholder: "N", help: "...")
///     let count: Int? = arguments[threads]
public struct Option<Value: Sendable>: OptionDeclaring {
    /// What help, completions and the man page say about it.
    public let row: OptionRow
    /// The value when it is not given.
    public let fallback: Value

    /// What is stored for a given option, so that the type survives erasure even for optionals.
    struct Box: Sendable { let value: Value }

    /// An option with its own parser.
    ///
    /// - Parameters:
    ///   - fallback: the value when it is not given.
    ///   - defaultText: `fallback` as one would type it; nil if help should not name one.
    ///   - expectation: what the value must be, as in "--name wants ...".
    ///   - combine: the new value from one more text and the value so far (nil at first), or nil
    ///     if the text is not of the type.
    public init(
        _ name: String, short: Character? = nil, aliases: [String] = [], placeholder: String?,
        fallback: Value, defaultText: String? = nil, expectation: String, help: String,
        group: String = "Options", isRepeated: Bool = false, excludes: [String] = [],
        completion: Completion = .nothing, composition: Composition = .single,
        combine: @escaping @Sendable (_ text: String, _ soFar: Value?) -> Value?
    ) {
        self.fallback = fallback
        row = OptionRow(
            name: name, aliases: aliases, short: short, placeholder: placeholder,
            defaultText: defaultText, help: help, group: group, isRepeated: isRepeated,
            excludes: excludes, completion: completion, expectation: expectation,
            composition: composition,
            accumulate: { text, soFar in
                combine(text, (soFar as? Box)?.value).map(Box.init(value:))
            })
    }
}
