// A file for parsers that open paths: it lives in memory and has no name.
import Glibc

/// A nameless file that each run overwrites.
public struct MemoryFile: Sendable {
    private let descriptor: Int32

    /// Makes an empty one.
    public init() {
        var template = Array("/dev/shm/fuzz-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        precondition(descriptor >= 0, "no memory file")
        unlink(template)
    }

    /// Under this path the file can be opened.
    public var path: String { "/proc/self/fd/\(descriptor)" }

    /// Replaces what is in it; false where that fails.
    public func fill(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Bool {
        guard ftruncate(descriptor, 0) == 0 else { return false }
        return count == 0 || pwrite(descriptor, start, count, 0) == count
    }
}
