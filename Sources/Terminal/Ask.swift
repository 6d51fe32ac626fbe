// A question to the person at the terminal.
import Glibc

/// What came of a question.
public enum Reply: Sendable, Equatable {
    /// Yes.
    case yes
    /// No.
    case no
    /// Nobody is there to ask.
    case nobody
    /// A signal came instead of an answer.
    case interrupted
}

/// Asks a question that takes yes or no; an empty answer means `fallback`.
///
/// Waits for an answer only where both input and output are terminals. Ctrl-D means no.
///
/// - Parameters:
///   - assumed: the answer given beforehand (`-y`, `-n`); nothing is asked then.
///   - input: where the answer is typed.
public func ask(
    _ question: String, default fallback: Bool, assumed: Bool? = nil,
    console: Console = .standardError, input: Int32 = 0
) -> Reply {
    if let assumed { return assumed ? .yes : .no }
    guard console.isInteractive, isatty(input) == 1 else { return .nobody }
    while true {
        console.setStatus("\(question) [\(fallback ? "Y/n" : "y/N")] ")
        defer { console.setStatus("") }
        switch readLine(from: input) {
        case .interrupted: return .interrupted
        case .end: return .no
        case .line(let line):
            if let answer = readAnswer(line, default: fallback) { return answer ? .yes : .no }
        }
    }
}

/// Yes or no in a typed line; nil if it is neither.
func readAnswer(_ line: String, default fallback: Bool) -> Bool? {
    let word = line.filter { !$0.isWhitespace }.lowercased()
    switch word {
    case "": return fallback
    case "y", "yes": return true
    case "n", "no": return false
    default: return nil
    }
}

private enum TypedLine { case line(String), end, interrupted }

private func readLine(from descriptor: Int32) -> TypedLine {
    var bytes: [UInt8] = []
    while true {
        // poll, unlike read, is never restarted after a signal.
        var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        if poll(&wait, 1, -1) < 0 { return errno == EINTR ? .interrupted : .end }
        var byte: UInt8 = 0
        guard read(descriptor, &byte, 1) == 1 else { return .end }
        if byte == UInt8(ascii: "\n") { return .line(String(decoding: bytes, as: UTF8.self)) }
        bytes.append(byte)
    }
}
