// A file that appears under its name only when it is complete.
import CFFmpeg
import FileNames
import Glibc

/// What to do when the output already exists.
public enum OverwritePolicy: Sendable, Equatable {
    /// Refuse: the default, until the person says otherwise.
    case refuse
    /// Replace it, in the moment the new one is complete (`-y`).
    case replace
}

/// A file that is written as `NAME.HOST-PID.part` in its own folder and renamed when complete.
///
/// Every failure removes the `.part` and leaves what was there before untouched; after a kill the
/// next writer of the same name removes it. Not thread-safe: one thread at a time.
public final class OutputFile {
    /// The final name, symbolic links resolved.
    public let path: String
    /// The name while it grows.
    public let partPath: String
    /// Bytes that the whole file will need, where that can be said: a full disk then names it.
    public var expectedBytes: Int64?
    /// What the muxer's I/O shares with this object: descriptor, first failure, byte count.
    let output: UnsafeMutablePointer<percept_output>
    private let overwrite: OverwritePolicy
    private let isDurable: Bool
    private var state = State.open

    private enum State { case open, sealed, closed }

    /// Creates the `.part` exclusively, after removing those of processes that are gone.
    ///
    /// - Parameters:
    ///   - overwrite: what to do when `path` exists.
    ///   - inputs: files that are being read; the output must be none of them.
    ///   - capacity: bytes after which writing fails as on a full disk; nil: no limit.
    ///   - isDurable: whether it must be whole after a power cut too; what can be made again need not.
    /// - Throws: ``MediaError/cannotCreate(path:reason:)``, or ``MediaError/usage(_:)`` where the
    ///   output is one of `inputs`.
    public init(
        path: String, overwrite: OverwritePolicy = .refuse, inputs: [String] = [],
        capacity: Int? = nil, isDurable: Bool = true
    ) throws {
        self.isDurable = isDurable
        let path = try Self.check(path: path, overwrite: overwrite, inputs: inputs)
        self.path = path
        self.overwrite = overwrite
        let part = PartName.claim(path)
        partPath = part.path
        part.removeStale()
        // Known before it exists: a signal may come in between.
        part.register()
        let flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC
        let descriptor = open(partPath.fileName, flags, 0o666)
        guard descriptor >= 0 else {
            let reason = systemText(errno)
            PartName.forget(partPath)
            throw MediaError.cannotCreate(path: path, reason: reason)
        }
        output = .allocate(capacity: 1)
        output.initialize(
            to: percept_output(
                descriptor: descriptor, error: 0, position: 0, size: 0,
                capacity: Int64(capacity ?? -1)))
    }

    /// Has `watcher` told of every unfinished file of this process: before it is made, and when it
    /// has got its name or is gone. For handlers of signals, which remove what is left.
    public static func watchUnfinished(
        _ watcher: @escaping @Sendable (_ path: String, _ exists: Bool) -> Void
    ) {
        PartName.watcher.withLock { $0 = watcher }
    }

    /// Checks without creating anything what `init` would refuse, and returns the resolved name.
    @discardableResult
    public static func check(
        path: String, overwrite: OverwritePolicy, inputs: [String]
    ) throws -> String {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw MediaError.cannotCreate(path: path, reason: "not a file name")
        }
        var status = stat()
        guard stat(path.fileName, &status) == 0 else {
            guard errno == ENOENT else {
                throw MediaError.cannotCreate(path: path, reason: systemText(errno))
            }
            return path
        }
        for input in inputs {
            var other = stat()
            guard stat(input.fileName, &other) == 0 else { continue }
            guard other.st_dev != status.st_dev || other.st_ino != status.st_ino else {
                throw MediaError.usage(
                    "\(printable(path)): is the input itself; give another name with -o")
            }
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            let what = status.st_mode & S_IFMT == S_IFDIR ? "is a folder" : "is not a regular file"
            throw MediaError.cannotCreate(path: path, reason: what)
        }
        guard overwrite == .replace else {
            throw MediaError.cannotCreate(path: path, reason: "exists; -y replaces it")
        }
        guard let resolved = realpath(path.fileName, nil) else { return path }
        defer { free(resolved) }
        return String(fileName: resolved)
    }

    /// Bytes written so far.
    public var bytesWritten: Int { Int(output.pointee.size) }

    /// Appends bytes.
    ///
    /// - Throws: ``OutputError/diskFull(path:written:needed:)`` or ``MediaError/outputFailure(path:reason:)``.
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        precondition(state == .open, "\(path) is finished or abandoned")
        if let base = bytes.baseAddress {
            percept_output_write(output, base, bytes.count)
        }
        try checkHealth()
    }

    /// Throws what any write since the start failed with.
    public func checkHealth() throws {
        try throwWriteFailure(
            output.pointee.error, path: path, written: output.pointee.size, needed: expectedBytes)
    }

    /// Makes the bytes durable and gives the file its name.
    ///
    /// - Throws: as ``write(_:)``; the `.part` is then removed.
    public func finish() throws {
        try seal()
        try publish()
    }

    /// Makes the bytes durable under the `.part`'s name; ``publish()`` must follow.
    func seal() throws {
        precondition(state == .open, "\(path) is finished or abandoned")
        do {
            try checkHealth()
            // Some file systems cannot sync a file, which is no failure of writing.
            if isDurable, fsync(output.pointee.descriptor) != 0, errno != EINVAL { fail(errno) }
            state = .sealed
            // Network file systems report what they could not store only now.
            if close(output.pointee.descriptor) != 0, errno != EINTR { fail(errno) }
            try checkHealth()
        } catch {
            abandon()
            throw error
        }
    }

    /// Gives a sealed file its name.
    func publish() throws {
        precondition(state == .sealed, "\(path) is not sealed")
        do {
            try rename()
        } catch {
            abandon()
            throw error
        }
        state = .closed
        if isDurable { syncFolder() }
        PartName.forget(partPath)
    }

    /// Removes the `.part`; nothing happens to what was there before. Also done by `deinit`.
    public func abandon() {
        guard state != .closed else { return }
        unlink(partPath.fileName)
        if state == .open { close(output.pointee.descriptor) }
        state = .closed
        PartName.forget(partPath)
    }

    deinit {
        abandon()
        output.deallocate()
    }

    private func fail(_ code: Int32) {
        if output.pointee.error == 0 { output.pointee.error = code }
    }

    private func rename() throws {
        // A file that appeared under the name since the start is not ours to replace; a hard link
        // never replaces anything. File systems without links fall through to the rename.
        if overwrite == .refuse {
            if link(partPath.fileName, path.fileName) == 0 {
                unlink(partPath.fileName)
                return
            }
            var status = stat()
            if errno == EEXIST || stat(path.fileName, &status) == 0 {
                throw MediaError.cannotCreate(
                    path: path, reason: "appeared meanwhile; -y replaces it")
            }
        }
        guard Glibc.rename(partPath.fileName, path.fileName) == 0 else {
            throw MediaError.outputFailure(path: path, reason: systemText(errno))
        }
    }

    /// The rename is only durable with its folder; file systems that cannot sync one are left alone.
    private func syncFolder() {
        let folder = open(folderName(of: path).fileName, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }
}

/// Throws for an errno of writing; nothing for 0.
func throwWriteFailure(_ code: Int32, path: String, written: Int64, needed: Int64?) throws {
    switch code {
    case 0: return
    case ENOSPC, EDQUOT: throw OutputError.diskFull(path: path, written: written, needed: needed)
    case EFBIG:
        throw MediaError.outputFailure(
            path: path, reason: "\(systemText(code)) after \(shortBytes(written))")
    default: throw MediaError.outputFailure(path: path, reason: systemText(code))
    }
}

/// The system's own words for an errno.
func systemText(_ code: Int32) -> String { String(cString: strerror(code)) }

/// The folder part of a path: "." where there is none, "/" for the root.
func folderName(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// The last part of a path.
func fileName(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
    return String(path[path.index(after: slash)...])
}
