// Where findings are written: standard output or a file.
import FileNames
import Glibc
import Media
import Terminal

/// Text that grows: a file that is there line by line, one that appears when complete, or standard output.
public final class FindingsFile {
    /// What a reader may see before the end.
    private enum Target {
        case descriptor(Int32)
        case whole(OutputFile)
    }

    /// The name; nil for standard output.
    public let path: String?
    private let target: Target

    /// Standard output.
    public init() { (path, target) = (nil, .descriptor(1)) }

    /// A file.
    ///
    /// - Parameters:
    ///   - isIncremental: Whether it is of use before it is complete; then it grows under its own name.
    /// - Throws: `MediaError` with status 73 where it exists or cannot be made, 64 where it is an input.
    public init(
        path: String, isIncremental: Bool, overwrite: OverwritePolicy, inputs: [String]
    ) throws {
        self.path = path
        guard isIncremental else {
            target = .whole(try OutputFile(path: path, overwrite: overwrite, inputs: inputs))
            return
        }
        let name = try OutputFile.check(path: path, overwrite: overwrite, inputs: inputs)
        let flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_TRUNC
        let descriptor = open(
            name.fileName, overwrite == .refuse ? flags | O_EXCL : flags, 0o666)
        guard descriptor >= 0 else {
            throw MediaError.cannotCreate(path: path, reason: String(cString: strerror(errno)))
        }
        target = .descriptor(descriptor)
    }

    /// Appends text.
    ///
    /// - Throws: `MediaError`, `OutputError`, or ``OutputClosed``.
    public func write(_ text: String) throws {
        var text = text
        try text.withUTF8 { bytes in
            switch target {
            case .whole(let file): try file.write(UnsafeRawBufferPointer(bytes))
            case .descriptor(let descriptor):
                guard !writeAll(bytes, to: descriptor) else { return }
                let code = errno
                guard let path else {
                    throw OutputClosed(reason: String(cString: strerror(code)))
                }
                throw MediaError.outputFailure(path: path, reason: String(cString: strerror(code)))
            }
        }
    }

    /// Completes the file.
    ///
    /// - Throws: `MediaError` or `OutputError`.
    public func finish() throws {
        if case .whole(let file) = target { try file.finish() }
    }

    deinit {
        if case .descriptor(let descriptor) = target, descriptor > 2 { close(descriptor) }
    }
}

/// Standard output that nobody reads any more.
public struct OutputClosed: ExitCodeProviding {
    /// The system's words.
    public let reason: String
    public var exitCode: Int32 { ExitCode.inputOutput.rawValue }
    public var description: String { "standard output: writing failed (\(reason))" }
}
