// The folder beside an output in which its finished parts wait for the others.
import FileNames
import Glibc
import Media
import Terminal

/// `OUT.part/`, which one process at a time works in.
///
/// What is in it: `job.json`, which says what is being made; for each finished part its file and a record,
/// `0007.mkv` and `0007.json`; `lock`. A record appears after its file, both at once or not at all.
public final class WorkFolder {
    /// Where it is.
    public let path: String
    private let lock: Int32

    /// The name of the folder of an output.
    public static func path(for output: String) -> String { output + ".part" }

    /// Makes the folder unless it is there, and keeps others out of it as long as this object lives.
    ///
    /// - Throws: `MediaError` where it cannot be made; ``WorkFolderBusy`` where another process is in it.
    public init(for output: String) throws {
        path = Self.path(for: output)
        while true {
            try Folder.make(path)
            let name = path + "/lock"
            let descriptor = open(name.fileName, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
            guard descriptor >= 0 else {
                throw MediaError.cannotCreate(path: path, reason: String(cString: strerror(errno)))
            }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                close(descriptor)
                throw WorkFolderBusy(path: path)
            }
            // Whoever was here before may just have removed it.
            var (own, named) = (stat(), stat())
            if fstat(descriptor, &own) == 0, stat(name.fileName, &named) == 0,
                own.st_ino == named.st_ino, own.st_dev == named.st_dev
            {
                lock = descriptor
                return
            }
            close(descriptor)
        }
    }

    deinit { close(lock) }

    /// The path of a part's file, and of its record.
    func file(_ index: Int) -> String { "\(path)/\(Self.number(index)).mkv" }
    func record(_ index: Int) -> String { "\(path)/\(Self.number(index)).json" }
    var description: String { "\(path)/job.json" }

    private static func number(_ index: Int) -> String {
        let digits = String(index)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// Reads JSON; nil where there is none that is whole.
    func read(_ path: String) -> JSONValue? {
        guard let bytes = try? readFile(path) else { return nil }
        return try? JSONValue(parsing: bytes)
    }

    /// Writes JSON, all or nothing.
    ///
    /// - Throws: `MediaError`, `OutputError`.
    func write(_ value: JSONValue, to path: String) throws {
        let file = try OutputFile(path: path, overwrite: .replace)
        try Array((value.compact + "\n").utf8).withUnsafeBytes { try file.write($0) }
        try file.finish()
    }

    /// Removes what this type has put there, and the folder if nothing else is in it.
    public func remove() {
        removeParts()
        unlink((path + "/lock").fileName)
        rmdir(path.fileName)
    }

    /// Removes everything but the lock.
    func removeParts() {
        for name in (try? Folder.names(in: path)) ?? [] where Self.isOurs(name) {
            unlink("\(path)/\(name)".fileName)
        }
    }

    private static func isOurs(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.last == "part" else { return false }
        let isNumber = parts[0].count >= 4 && parts[0].allSatisfy { $0.isASCII && $0.isNumber }
        return (isNumber && ["mkv", "json"].contains(parts[1]))
            || (parts[0] == "job" && parts[1] == "json")
    }
}

/// Another process works on the same output.
public struct WorkFolderBusy: ExitCodeProviding, Equatable {
    /// The folder it works in.
    public let path: String

    /// 75: later it may go.
    public var exitCode: Int32 { ExitCode.tryLater.rawValue }
    /// One line.
    public var description: String {
        "\(path): another process is working there; wait until it is done"
    }
}

/// All bytes of a file.
func readFile(_ path: String) throws -> [UInt8] {
    guard let file = fopen(path.fileName, "rb") else {
        throw MediaError.unreadableInput(path: path, reason: String(cString: strerror(errno)))
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = fread(&block, 1, block.count, file)
        guard count > 0 else { return bytes }
        bytes += block[..<count]
    }
}
