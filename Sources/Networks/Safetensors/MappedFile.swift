// A file's bytes, mapped and not copied.
import Glibc

/// A regular file mapped read-only for as long as this object lives.
final class MappedFile: Sendable {
    /// The file as the caller named it.
    let path: String
    /// Its bytes.
    nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

    /// Maps the file at `path`.
    ///
    /// - Throws: `SafetensorsError` with the system's reason.
    init(_ path: String) throws(SafetensorsError) {
        func fail(_ reason: String) -> SafetensorsError {
            SafetensorsError(file: path, problem: .unreadable(reason: reason))
        }
        self.path = path
        // Without O_NONBLOCK a named pipe would wait for a writer before it can be refused.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw fail(String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw fail(String(cString: strerror(errno))) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw fail("it is no regular file") }
        let count = Int(status.st_size)
        guard count > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        guard let base = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED
        else { throw fail(String(cString: strerror(errno))) }
        bytes = UnsafeRawBufferPointer(start: base, count: count)
    }

    deinit {
        if let base = bytes.baseAddress {
            munmap(UnsafeMutableRawPointer(mutating: base), bytes.count)
        }
    }
}
