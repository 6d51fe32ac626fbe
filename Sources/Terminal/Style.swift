// Colour and weight of text, where the reader is a terminal that wants them.

/// Wraps text in escape sequences, or leaves it alone.
public struct Style: Sendable {
    /// Whether escape sequences are written.
    public let isEnabled: Bool

    /// A style that writes escape sequences if `isEnabled`.
    public init(isEnabled: Bool) { self.isEnabled = isEnabled }

    /// Colour only on a terminal that is not dumb, and only without `NO_COLOR` (no-color.org:
    /// present and not empty).
    public init(isTerminal: Bool, environment: (String) -> String? = environmentVariable) {
        let isRefused = environment("NO_COLOR").map { !$0.isEmpty } ?? false
        let isDumb = environment("TERM").map { $0 == "dumb" || $0.isEmpty } ?? true
        self.init(isEnabled: isTerminal && !isRefused && !isDumb)
    }

    /// Bold.
    public func bold(_ text: String) -> String { wrap(text, "1") }
    /// Faint.
    public func dim(_ text: String) -> String { wrap(text, "2") }
    /// Underlined.
    public func underlined(_ text: String) -> String { wrap(text, "4") }
    /// Red: errors.
    public func red(_ text: String) -> String { wrap(text, "31") }
    /// Green: gains.
    public func green(_ text: String) -> String { wrap(text, "32") }
    /// Yellow: warnings.
    public func yellow(_ text: String) -> String { wrap(text, "33") }

    private func wrap(_ text: String, _ code: String) -> String {
        isEnabled ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
