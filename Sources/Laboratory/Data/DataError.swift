// What can be wrong with files that experiments learn from.
import Terminal

/// A data set that cannot be read; prints as one line.
public struct DataError: ExitCodeProviding, Hashable {
    /// What is wrong.
    public enum Problem: Sendable, Hashable {
        /// The system does not open or read it, for this reason.
        case unreadable(reason: String)
        /// The folder holds none of these.
        case holdsNone(of: [String])
        /// It ends before what its header promises.
        case truncated
        /// It is not what its name says, in these words.
        case malformed(String)
    }

    /// The file or folder.
    public let path: String
    /// What is wrong with it.
    public let problem: Problem

    /// An error about `path`.
    public init(_ path: String, _ problem: Problem) { (self.path, self.problem) = (path, problem) }

    /// 66 where there is nothing to read, else 65.
    public var exitCode: Int32 {
        switch problem {
        case .unreadable, .holdsNone: ExitCode.noInput.rawValue
        case .truncated, .malformed: ExitCode.badData.rawValue
        }
    }

    /// One line: which file, what is wrong.
    public var description: String {
        let path = printable(path)
        switch problem {
        case .unreadable(let reason): return "\(path): cannot be read: \(reason)"
        case .holdsNone(let names):
            return "\(path): holds no \(names.joined(separator: " and no ")); see --data"
        case .truncated: return "\(path): ends too early; get it anew"
        case .malformed(let what): return "\(path): \(what)"
        }
    }
}
