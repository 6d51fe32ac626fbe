// Files that appear under their name only when they are complete.
import Glibc

/// A file that cannot be created or written.
public struct FileWriteError: Error, Equatable, CustomStringConvertible {
    /// The file that was to be written, what failed, and the system's reason.
    public let file: String, step: String, code: Int32

    /// An error about `file`; `step` is a verb.
    package init(file: String, step: String, code: Int32) {
        self.file = file
        self.step = step
        self.code = code
    }

    /// Whether the file could not be created at all, as opposed to written to its end.
    public var isCreation: Bool { step == "create" }

    /// `runs/a.safetensors: cannot write: No space left on device; what was there is untouched`
    public var description: String {
        "\(escaped(file)): cannot \(step): \(String(cString: strerror(code))); "
            + "what was there is untouched"
    }
}

/// Checks before long work that a file can be written at its end: that its folder lets files be made.
///
/// - Throws: ``FileWriteError``.
package func checkCanWrite(_ path: String) throws(FileWriteError) {
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    guard access(folder, W_OK | X_OK) == 0 else {
        throw FileWriteError(file: path, step: "create", code: errno)
    }
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
        throw FileWriteError(file: path, step: "create", code: EISDIR)
    }
}

/// Replaces the file at `path` by `chunks` at once, or leaves it untouched.
///
/// Written as `NAME.HOST-PROCESS.part` in the same folder, opened exclusively, flushed to the
/// disk, renamed; then the folder is flushed. Parts of processes that are gone are removed.
///
/// - Throws: `FileWriteError`; the part is then removed.
package func writeAtomically(
    _ chunks: [UnsafeRawBufferPointer], to path: String
) throws(FileWriteError) {
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let name = slash.map { String(path[path.index(after: $0)...]) } ?? path
    let host = hostName()
    removeAbandonedParts(of: name, in: folder, host: host)
    let part = "\(folder)/\(name).\(host)-\(getpid()).part"

    let descriptor = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o666)
    guard descriptor >= 0 else { throw FileWriteError(file: path, step: "create", code: errno) }
    var failure: FileWriteError?
    do throws(FileWriteError) {
        for chunk in chunks { try writeAll(chunk, to: descriptor, path: path) }
        if fsync(descriptor) != 0 {
            throw FileWriteError(file: path, step: "write", code: errno)
        }
    } catch {
        failure = error
    }
    if close(descriptor) != 0, failure == nil {
        failure = FileWriteError(file: path, step: "write", code: errno)
    }
    if failure == nil, rename(part, path) != 0 {
        failure = FileWriteError(file: path, step: "rename", code: errno)
    }
    if let failure {
        unlink(part)
        throw failure
    }
    // Some file systems cannot flush a folder; the file itself is safe by now.
    let folderDescriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if folderDescriptor >= 0 {
        _ = fsync(folderDescriptor)
        close(folderDescriptor)
    }
}

private func writeAll(
    _ chunk: UnsafeRawBufferPointer, to descriptor: Int32, path: String
) throws(FileWriteError) {
    var rest = chunk[...]
    while !rest.isEmpty {
        let count = write(
            descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if count < 0 {
            if errno == EINTR { continue }
            throw FileWriteError(file: path, step: "write", code: errno)
        }
        rest = rest.dropFirst(count)
    }
}

private func hostName() -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
    let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return String(decoding: bytes, as: UTF8.self)
}

/// Removes `NAME.HOST-PROCESS.part` of this host whose process is gone, or was an earlier one
/// with this process's number.
private func removeAbandonedParts(of name: String, in folder: String, host: String) {
    guard let directory = opendir(folder) else { return }
    defer { closedir(directory) }
    let start = "\(name).\(host)-"
    while let entry = readdir(directory) {
        let found = withUnsafePointer(to: &entry.pointee.d_name) {
            $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        guard found.hasPrefix(start), found.hasSuffix(".part"),
            let process = pid_t(found.dropFirst(start.count).dropLast(5)), process > 0
        else { continue }
        let isGone = kill(process, 0) != 0 && errno == ESRCH
        if isGone || process == getpid() { unlink("\(folder)/\(found)") }
    }
}
