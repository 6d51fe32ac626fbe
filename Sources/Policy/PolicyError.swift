// What can go wrong while a policy is learned.
import Terminal

/// A step that cannot be learned from, or learning that went wrong; prints as one line.
public enum PolicyError: ExitCodeProviding, Hashable {
    /// A number of a step is not finite.
    case notFinite(part: String, index: Int)
    /// A part of a step has other than so many numbers.
    case wrongCount(part: String, expected: Int, found: Int)
    /// Critics' values are no longer finite.
    case diverged(update: Int)

    /// 65.
    public var exitCode: Int32 { ExitCode.badData.rawValue }

    /// One line.
    public var description: String {
        switch self {
        case .notFinite(let part, let index):
            "number \(index) of the \(part) is not finite: look for NaN where it is made"
        case .wrongCount(let part, let expected, let found):
            "the \(part) has \(found) numbers, expected \(expected)"
        case .diverged(let update):
            "the critics diverged at update \(update): take a lower rate, or smaller rewards"
        }
    }
}
