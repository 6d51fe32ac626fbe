// What can be wrong with a file of annotations.
import Terminal

/// A file of annotations that cannot be used.
public struct AnnotationError: ExitCodeProviding, Equatable {
    /// The file as the caller named it.
    public let file: String
    /// Where in it: `annotation[3].boxes_h`, `line 7: boxes`; empty for the file as a whole.
    public let place: String
    /// What is wrong there.
    public let problem: Problem

    /// What can be wrong.
    public enum Problem: Sendable, Equatable {
        /// The system refuses to open or read it.
        case unreadable(reason: String)
        /// It is compressed with gzip.
        case compressed
        /// It is not JSON.
        case notJSON(reason: String, byte: Int)
        /// A member is missing.
        case missing(String)
        /// A value is of another kind.
        case unexpected(expected: String, found: String)
        /// Lists that belong together have different lengths.
        case lengths([String: Int])
        /// It is V-COCO's official form, whose boxes are elsewhere.
        case instancesNeeded
    }

    /// An error about `file`.
    public init(file: String, place: String, problem: Problem) {
        (self.file, self.place, self.problem) = (file, place, problem)
    }

    /// 66 where the file cannot be opened, else 65.
    public var exitCode: Int32 {
        if case .unreadable = problem { return ExitCode.noInput.rawValue }
        return ExitCode.badData.rawValue
    }

    /// `train.json: annotation[3].hoi[0]: expected a number from 0 to 599, found 600`
    public var description: String {
        let start = printable(place.isEmpty ? file : "\(file): \(place)")
        switch problem {
        case .unreadable(let reason): return "\(start): cannot be read (\(reason))"
        case .compressed: return "\(start): is compressed; unpack it first (gunzip -k)"
        case .notJSON(let reason, let byte): return "\(start): not JSON at byte \(byte): \(reason)"
        case .missing(let name): return "\(start): '\(name)' is missing"
        case .unexpected(let expected, let found):
            return "\(start): expected \(expected), found \(printable(found))"
        case .lengths(let lengths):
            let parts = lengths.sorted { $0.key < $1.key }.map { "\($0.value) of \($0.key)" }
            return "\(start): lists of different lengths: \(parts.joined(separator: ", "))"
        case .instancesNeeded:
            return "\(start): V-COCO's official form has its boxes in COCO's instances, which are "
                + "needed, too"
        }
    }
}
