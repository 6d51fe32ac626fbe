// The types of options: flags, numbers with ranges, words, paths, times, sizes, pairs.

/// One `K=V` of a repeated option.
public struct KeyValue: Sendable, Equatable {
    /// What stands before the first `=`.
    public let key: String
    /// What stands after it.
    public let value: String

    /// A pair.
    public init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}

extension Option where Value == Bool {
    /// A flag: true when given.
    public static func flag(
        _ name: String, short: Character? = nil, aliases: [String] = [], help: String,
        group: String = "Options", excludes: [String] = []
    ) -> Option {
        Option(
            name, short: short, aliases: aliases, placeholder: nil, fallback: false,
            expectation: "no value", help: help, group: group, excludes: excludes
        ) { _, _ in true }
    }
}

extension Option where Value == Int {
    /// A flag that counts how often it was given: `-v -v`.
    public static func count(
        _ name: String, short: Character? = nil, help: String, group: String = "Options",
        excludes: [String] = []
    ) -> Option {
        Option(
            name, short: short, placeholder: nil, fallback: 0, expectation: "no value", help: help,
            group: group, isRepeated: true, excludes: excludes
        ) { _, soFar in (soFar ?? 0) + 1 }
    }

    /// A whole number within `range`.
    public static func integer(
        _ name: String, short: Character? = nil, aliases: [String] = [],
        in range: ClosedRange<Int>, default fallback: Int, placeholder: String = "N", help: String,
        group: String = "Options"
    ) -> Option {
        Option(
            name, short: short, aliases: aliases, placeholder: placeholder, fallback: fallback,
            defaultText: "\(fallback)", expectation: wholeNumber(in: range), help: help,
            group: group
        ) { text, _ in readInteger(text, in: range) }
    }
}

extension Option where Value == Int? {
    /// A whole number within `range`; nil when not given.
    public static func integer(
        _ name: String, short: Character? = nil, aliases: [String] = [],
        in range: ClosedRange<Int>, placeholder: String = "N", help: String,
        group: String = "Options"
    ) -> Option {
        Option(
            name, short: short, aliases: aliases, placeholder: placeholder, fallback: nil,
            expectation: wholeNumber(in: range), help: help, group: group
        ) { text, _ in readInteger(text, in: range).map(Optional.some) }
    }
}

extension Option where Value == Double {
    /// A number within `range`.
    public static func real(
        _ name: String, short: Character? = nil, aliases: [String] = [],
        in range: ClosedRange<Double>, default fallback: Double, placeholder: String = "X",
        help: String, group: String = "Options"
    ) -> Option {
        Option(
            name, short: short, aliases: aliases, placeholder: placeholder, fallback: fallback,
            defaultText: shortest(fallback), expectation: number(in: range), help: help,
            group: group
        ) { text, _ in readReal(text, in: range) }
    }
}

extension Option where Value == Double? {
    /// A number within `range`; nil when not given.
    public static func real(
        _ name: String, short: Character? = nil, aliases: [String] = [],
        in range: ClosedRange<Double>, placeholder: String = "X", help: String,
        group: String = "Options"
    ) -> Option {
        Option(
            name, short: short, aliases: aliases, placeholder: placeholder, fallback: nil,
            expectation: number(in: range), help: help, group: group
        ) { text, _ in readReal(text, in: range).map(Optional.some) }
    }

    /// A time in seconds: `90`, `90s`, `1h2m3.5s`, `12:30.5`, `1:02:03`; nil when not given.
    public static func time(
        _ name: String, short: Character? = nil, aliases: [String] = [],
        placeholder: String = "TIME", help: String, group: String = "Options"
    ) -> Option {
        Option(
            name, short: short, aliases: aliases, placeholder: placeholder, fallback: nil,
            expectation: "a time such as 90s or 12:30.5", help: help, group: group
        ) { text, _ in readTime(text).map(Optional.some) }
    }
}

extension Option where Value == String? {
    /// Any text; nil when not given.
    public static func string(
        _ name: String, short: Character? = nil, aliases: [String] = [], placeholder: String,
        help: String, group: String = "Options", completion: Completion = .nothing
    ) -> Option {
        Option(
            name, short: short, aliases: aliases, placeholder: placeholder, fallback: nil,
            expectation: "a text that is not empty", help: help, group: group,
            completion: completion
        ) { text, _ in text.isEmpty ? .none : .some(.some(text)) }
    }

    /// A file or folder; nil when not given.
    public static func path(
        _ name: String, short: Character? = nil, aliases: [String] = [],
        placeholder: String = "FILE", help: String, group: String = "Options",
        completion: Completion = .file
    ) -> Option {
        Option(
            name, short: short, aliases: aliases, placeholder: placeholder, fallback: nil,
            expectation: "a path that is not empty", help: help, group: group,
            completion: completion
        ) { text, _ in text.isEmpty ? .none : .some(.some(text)) }
    }

    /// One of `words`; nil when not given.
    public static func choice(
        _ name: String, short: Character? = nil, aliases: [String] = [], of words: [String],
        placeholder: String, help: String, group: String = "Options"
    ) -> Option {
        Option(
            name, short: short, aliases: aliases, placeholder: placeholder, fallback: nil,
            expectation: oneOf(words), help: help, group: group, completion: .words(words)
        ) { text, _ in words.contains(text) ? .some(.some(text)) : .none }
    }
}

extension Option where Value == String {
    /// Any text.
    public static func string(
        _ name: String, short: Character? = nil, aliases: [String] = [], default fallback: String,
        placeholder: String, help: String, group: String = "Options",
        completion: Completion = .nothing
    ) -> Option {
        Option(
            name, short: short, aliases: aliases, placeholder: placeholder, fallback: fallback,
            defaultText: fallback, expectation: "a text that is not empty", help: help,
            group: group, completion: completion
        ) { text, _ in text.isEmpty ? nil : text }
    }
}

extension Option where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    /// One of the cases of an enumeration, by raw value.
    public static func choice(
        _ name: String, short: Character? = nil, aliases: [String] = [], default fallback: Value,
        placeholder: String? = nil, help: String, group: String = "Options"
    ) -> Option {
        let words = Value.allCases.map(\.rawValue)
        return Option(
            name, short: short, aliases: aliases,
            placeholder: placeholder ?? words.joined(separator: "|"), fallback: fallback,
            defaultText: fallback.rawValue, expectation: oneOf(words), help: help, group: group,
            completion: .words(words)
        ) { text, _ in Value(rawValue: text) }
    }
}

extension Option where Value == Int64? {
    /// A number of bytes: `700M`, `1.5GB`, `64KiB`, `123456`; nil when not given.
    public static func byteSize(
        _ name: String, short: Character? = nil, aliases: [String] = [],
        placeholder: String = "SIZE", help: String, group: String = "Options"
    ) -> Option {
        Option(
            name, short: short, aliases: aliases, placeholder: placeholder, fallback: nil,
            expectation: "a size such as 700M or 1.5G", help: help, group: group
        ) { text, _ in readByteSize(text).map(Optional.some) }
    }
}

extension Option where Value == [KeyValue] {
    /// `K=V`, as often as wanted.
    public static func pairs(
        _ name: String, short: Character? = nil, aliases: [String] = [],
        placeholder: String = "K=V", help: String, group: String = "Options"
    ) -> Option {
        Option(
            name, short: short, aliases: aliases, placeholder: placeholder, fallback: [],
            expectation: "a pair such as key=value", help: help, group: group, isRepeated: true,
            composition: .pairs
        ) { text, soFar in
            guard let sign = text.firstIndex(of: "="), sign != text.startIndex else { return nil }
            let pair = KeyValue(
                key: String(text[..<sign]), value: String(text[text.index(after: sign)...]))
            return (soFar ?? []) + [pair]
        }
    }
}

extension Option where Value == [String] {
    /// A text, as often as wanted.
    public static func strings(
        _ name: String, short: Character? = nil, aliases: [String] = [], placeholder: String,
        help: String, group: String = "Options", completion: Completion = .nothing
    ) -> Option {
        Option(
            name, short: short, aliases: aliases, placeholder: placeholder, fallback: [],
            expectation: "a text that is not empty", help: help, group: group, isRepeated: true,
            completion: completion
        ) { text, soFar in text.isEmpty ? nil : (soFar ?? []) + [text] }
    }
}

extension Option where Value == [String] {
    /// Some of `words`, separated by commas; empty when not given.
    public static func list(
        _ name: String, of words: [String], placeholder: String, help: String,
        group: String = "Options"
    ) -> Option {
        Option(
            name, placeholder: placeholder, fallback: [],
            expectation: "words out of \(words.joined(separator: ", ")), separated by commas",
            help: help, group: group, completion: .words(words), composition: .list
        ) { text, _ in
            let chosen = text.split(separator: ",", omittingEmptySubsequences: false).map(
                String.init)
            return chosen.allSatisfy(words.contains) ? chosen : nil
        }
    }
}

// MARK: - How a type is named in "wants ..."

private func wholeNumber(in range: ClosedRange<Int>) -> String {
    if range.upperBound == .max { return "a whole number of at least \(range.lowerBound)" }
    return "a whole number from \(range.lowerBound) to \(range.upperBound)"
}

private func number(in range: ClosedRange<Double>) -> String {
    if range.upperBound == .infinity { return "a number of at least \(shortest(range.lowerBound))" }
    return "a number from \(shortest(range.lowerBound)) to \(shortest(range.upperBound))"
}

private func oneOf(_ words: [String]) -> String {
    words.count < 2
        ? words.joined() : words.dropLast().joined(separator: ", ") + " or " + words.last!
}
