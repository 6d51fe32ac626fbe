// What a file holds, by its digest, and by what the system says of it without reading it.
import CFFmpeg
import FileNames
import Glibc

/// What the system says of a file: as long as all of it is the same, so is the content.
///
/// The time of the last change of the inode cannot be set by programs, so that a file whose times were put back is
/// told from what it was. No device is named: nodes number theirs as they like.
public struct FileStamp: Sendable, Hashable {
    /// Bytes, inode, times of the last writing and of the last change in nanoseconds.
    public var bytes: Int64, inode: Int64, written: Int64, changed: Int64

    /// A stamp that was written down.
    public init(bytes: Int64, inode: Int64, written: Int64, changed: Int64) {
        (self.bytes, self.inode, self.written, self.changed) = (bytes, inode, written, changed)
    }

    /// The stamp of a file.
    ///
    /// - Throws: ``MediaError/unreadableInput(path:reason:)``.
    public init(of path: String) throws {
        var status = stat()
        guard stat(path.fileName, &status) == 0 else {
            throw MediaError.unreadableInput(path: path, reason: systemText(errno))
        }
        func nanoseconds(_ time: timespec) -> Int64 {
            Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
        }
        self.init(
            bytes: Int64(status.st_size), inode: Int64(truncatingIfNeeded: status.st_ino),
            written: nanoseconds(status.st_mtim), changed: nanoseconds(status.st_ctim))
    }
}

/// What a file holds.
public struct FileSeal: Sendable, Hashable {
    /// Its length, and its SHA-256 in hexadecimal digits.
    public var bytes: Int64, sha256: String

    /// A seal that was written down.
    public init(bytes: Int64, sha256: String) { (self.bytes, self.sha256) = (bytes, sha256) }

    /// Reads a file through.
    ///
    /// - Throws: ``MediaError/unreadableInput(path:reason:)``.
    public init(of path: String) throws {
        let descriptor = open(path.fileName, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw MediaError.unreadableInput(path: path, reason: systemText(errno))
        }
        defer { close(descriptor) }
        guard let digest = av_sha_alloc() else { preconditionFailure("no memory for a digest") }
        defer { av_free(UnsafeMutableRawPointer(digest)) }
        av_sha_init(digest, 256)
        var block = [UInt8](repeating: 0, count: 1 << 18)
        var length: Int64 = 0
        while true {
            let count = read(descriptor, &block, block.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw MediaError.unreadableInput(path: path, reason: systemText(errno))
            }
            if count == 0 { break }
            av_sha_update(digest, block, count)
            length += Int64(count)
        }
        var bytes = [UInt8](repeating: 0, count: 32)
        av_sha_final(digest, &bytes)
        self.init(bytes: length, sha256: bytes.map(Self.hexadecimal).joined())
    }

    /// The SHA-256 of a text in hexadecimal digits.
    public static func digest(of text: String) -> String {
        guard let digest = av_sha_alloc() else { preconditionFailure("no memory for a digest") }
        defer { av_free(UnsafeMutableRawPointer(digest)) }
        av_sha_init(digest, 256)
        let content = Array(text.utf8)
        av_sha_update(digest, content, content.count)
        var bytes = [UInt8](repeating: 0, count: 32)
        av_sha_final(digest, &bytes)
        return bytes.map(hexadecimal).joined()
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16)
        return digits.count == 1 ? "0" + digits : digits
    }
}
