// What can be wrong with a memory that is kept on disk.
import Terminal

/// A stored memory that cannot be read or changed; prints as one line.
public struct MemoryStoreError: ExitCodeProviding, Equatable {
    /// What is wrong.
    public enum Problem: Sendable, Equatable {
        /// The system does not read it, for this reason.
        case unreadable(reason: String)
        /// It is no index of a memory.
        case foreign
        /// It is of a version that this program does not know.
        case version(Int)
        /// Its bytes are not those that were written.
        case damaged(expected: String)
        /// A line of the index is not what it should be.
        case malformed(line: Int, expected: String)
        /// A file of patterns cannot be used.
        case patterns(String)
        /// Patterns of other widths than those that are stored.
        case otherWidth(expected: Int, found: Int)
        /// There is a memory of that name already, or twice in what is to be stored.
        case duplicate(name: String)
        /// There is no memory of that name.
        case noSuchMemory(name: String)
        /// Another process writes to it.
        case busy
        /// Another process changed it since it was read.
        case changed
        /// There is something under the name already.
        case exists
        /// It cannot be written, for this reason.
        case notWritten(String)
    }

    /// The file or folder.
    public let path: String
    /// What is wrong with it.
    public let problem: Problem

    init(_ path: String, _ problem: Problem) { (self.path, self.problem) = (path, problem) }

    /// 65 where data are wrong, 66 where there is nothing to read, 73 and 74 where it cannot be written, 75 where
    /// it can be tried again.
    public var exitCode: Int32 {
        switch problem {
        case .unreadable: ExitCode.noInput.rawValue
        case .exists: ExitCode.cannotCreate.rawValue
        case .notWritten: ExitCode.inputOutput.rawValue
        case .busy, .changed: ExitCode.tryLater.rawValue
        default: ExitCode.badData.rawValue
        }
    }

    /// One line: which file, what is wrong, what to do.
    public var description: String { "\(printable(path)): \(what)" }

    private var what: String {
        switch problem {
        case .unreadable(let reason): "cannot be read: \(reason)"
        case .foreign: "is no index of a memory; name the folder of one"
        case .version(let version):
            "is an index of version \(version), and only 1 is known; use a newer program"
        case .damaged(let expected):
            "is damaged: \(expected); restore it from a copy, or store the memories anew"
        case .malformed(let line, let expected):
            "line \(line): \(expected) is wanted; the index is damaged"
        case .patterns(let reason): reason
        case .otherWidth(let expected, let found):
            "holds patterns of \(expected) numbers, not \(found)"
        case .duplicate(let name): "'\(printable(name))' is stored twice; names must differ"
        case .noSuchMemory(let name): "holds no memory '\(printable(name))'"
        case .busy: "another process writes to it; try again later"
        case .changed: "another process changed it since it was read; read it again"
        case .exists: "is there already; name another folder"
        case .notWritten(let reason): reason
        }
    }
}
