// The folder beside an output in which its finished parts wait for the others.
import FileNames
import Glibc
import Media
import Terminal

/// `OUT.part/`, which one process at a time works in.
///
/// What is in it: `job.json`, which says what is being made; parts and their records; `lock`.
public final class WorkFolder {
    /// The folder of parts.
    public let parts: PartFolder
    private let lock: Int32

    /// Where it is.
    public var path: String { parts.path }

    /// The name of the folder of an output.
    public static func path(for output: String) -> String { output + ".part" }

    /// Makes the folder unless it is there, and keeps others out of it as long as this object lives.
    ///
    /// - Throws: `MediaError` where it cannot be made; ``WorkFolderBusy`` where another process is in it.
    public init(for output: String) throws {
        let path = Self.path(for: output)
        parts = PartFolder(path)
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

    /// Removes what this type has put there, and the folder if nothing else is in it.
    public func remove() {
        parts.removeParts()
        unlink((path + "/lock").fileName)
        rmdir(path.fileName)
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
