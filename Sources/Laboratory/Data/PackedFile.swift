// A file that may be compressed by gzip, read from its beginning.
import CZLIB
import FileNames
import Glibc

/// A plain or gzip file; which of both is told by its first bytes.
final class PackedFile {
    /// Where it is.
    let path: String
    private let file: gzFile

    /// Opens the file.
    ///
    /// - Throws: ``DataError``.
    init(_ path: String) throws(DataError) {
        self.path = path
        errno = 0
        guard let file = gzopen(path.fileName, "rb") else {
            // zlib leaves no reason where memory is what it lacks.
            let reason = errno == 0 ? ENOMEM : errno
            throw DataError(path, .unreadable(reason: String(cString: strerror(reason))))
        }
        self.file = file
        gzbuffer(file, 1 << 17)
    }

    deinit { gzclose(file) }

    /// The next `count` bytes.
    ///
    /// - Throws: ``DataError`` where there are not so many.
    func read(_ count: Int) throws(DataError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let step = bytes.withUnsafeMutableBytes {
                gzread(file, $0.baseAddress! + done, UInt32(min(count - done, 1 << 24)))
            }
            if step < 0 { throw failure }
            guard step > 0 else { throw DataError(path, .truncated) }
            done += Int(step)
        }
        return bytes
    }

    /// The rest, if it is no longer than `limit` bytes.
    ///
    /// - Throws: ``DataError``.
    func readAll(limit: Int) throws(DataError) -> [UInt8] {
        var bytes: [UInt8] = [], chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let step = chunk.withUnsafeMutableBytes {
                gzread(file, $0.baseAddress!, UInt32($0.count))
            }
            if step < 0 { throw failure }
            guard step > 0 else { break }
            bytes += chunk[..<Int(step)]
            guard bytes.count <= limit else {
                throw DataError(path, .malformed("holds more than \(limit) bytes"))
            }
        }
        try checkEnd()
        return bytes
    }

    /// Checks that everything has been read: gzip keeps a checksum behind the last byte.
    ///
    /// - Throws: ``DataError``.
    func finish() throws(DataError) {
        var byte: UInt8 = 0
        let step = gzread(file, &byte, 1)
        if step < 0 { throw failure }
        guard step == 0 else { throw DataError(path, .malformed("something follows its data")) }
        try checkEnd()
    }

    /// The end of a gzip file that is cut looks like any other; only zlib's last word tells.
    private func checkEnd() throws(DataError) {
        var code: CInt = 0
        _ = gzerror(file, &code)
        if code == Z_BUF_ERROR { throw DataError(path, .truncated) }
    }

    /// Why reading failed.
    private var failure: DataError {
        let reason = errno
        var code: CInt = 0
        let message = gzerror(file, &code).map { String(cString: $0) } ?? ""
        switch code {
        case Z_BUF_ERROR: return DataError(path, .truncated)
        case Z_ERRNO:
            return DataError(path, .unreadable(reason: String(cString: strerror(reason))))
        default: return DataError(path, .malformed("not whole as a gzip file: \(message)"))
        }
    }
}
