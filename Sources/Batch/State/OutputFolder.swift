// What a batch leaves on disk, and where: outputs, and beside them a folder for what is known of each job.
import FileNames
import Glibc
import Media
import Terminal

/// The folder of outputs of a batch.
///
/// Outputs have the names of their inputs. `jobs/NAME/` has what is known of a job: its plan, parts that wait for others,
/// records of what is done, pictures for the report. There is nothing else that remembers anything.
public struct OutputFolder: Sendable {
    /// Where it is.
    public let path: String

    /// The folder at `path`, which need not exist.
    public init(_ path: String) { self.path = path }

    /// The plan that `pipeline run` works by.
    public var manifest: String { path + "/manifest.jsonl" }
    /// The page, and the tables for programs.
    public var page: String { path + "/index.html" }
    var lines: String { path + "/report.jsonl" }
    var table: String { path + "/report.csv" }
    var interactions: String { path + "/interactions.jsonl" }

    /// What is known of a job.
    func folder(of name: String) -> JobFolder { JobFolder(path: "\(path)/jobs/\(name)") }

    /// The file that a unit makes, below this folder.
    func product(of job: BatchJob, part: Int) -> String {
        let folder = "jobs/" + job.input.name
        guard let output = job.output else { return "\(folder)/interactions.jsonl" }
        return job.segments.isEmpty
            ? output : String(PartFolder(folder).file(part))
    }

    /// The path of a job's enhanced file.
    func output(of job: BatchJob) -> String? { job.output.map { "\(path)/\($0)" } }

    /// Keeps other runs out as long as the result lives; nil where another one is in it.
    ///
    /// A file system without locks lets everybody in: two runs then do the same work twice, and nothing worse.
    ///
    /// - Throws: `MediaError` where nothing can be written there.
    public func lock() throws -> FolderLock? {
        try Folder.make(path + "/jobs")
        let descriptor = open((path + "/jobs/.lock").fileName, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else {
            throw MediaError.cannotCreate(path: path, reason: String(cString: strerror(errno)))
        }
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
            close(descriptor)
            return nil
        }
        return FolderLock(descriptor: descriptor)
    }
}

/// Keeps other runs out of a folder.
public final class FolderLock: Sendable {
    private let descriptor: Int32
    init(descriptor: Int32) { self.descriptor = descriptor }
    deinit { close(descriptor) }
}

/// What is known of one job.
struct JobFolder: Sendable {
    let path: String

    /// Where parts wait.
    var parts: PartFolder { PartFolder(path) }
    /// How the input was probed and parted.
    var plan: String { path + "/plan.json" }
    /// What is known of its shots.
    var shots: String { path + "/shots.json" }
    /// The quality that all parts are encoded with.
    var fit: String { path + "/fit.json" }
    /// What is done of each stage.
    var enhanced: String { path + "/enhance.json" }
    var searched: String { path + "/hoi.json" }
    /// What was found in each picture.
    var interactions: String { path + "/interactions.jsonl" }
    /// Why the last try failed.
    var failure: String { path + "/error.json" }
    /// The frame that changed most of all, or of a part.
    var shown: FrameFiles { frame("") }
    func shown(_ part: Int) -> FrameFiles { frame("part\(part).") }

    private func frame(_ start: String) -> FrameFiles {
        FrameFiles(
            before: "\(path)/\(start)before.jpg", after: "\(path)/\(start)after.jpg",
            thumbnail: "\(path)/\(start)thumbnail.jpg")
    }

    func read(_ path: String) -> JSONValue? { parts.read(path) }

    /// Writes JSON, all or nothing, making the folder if need be.
    ///
    /// - Throws: `MediaError`, `OutputError`.
    func write(_ value: JSONValue, to path: String, isDurable: Bool = true) throws {
        try Folder.make(self.path)
        try parts.write(value, to: path, isDurable: isDurable)
    }

    /// Notes why a try failed; nothing more can be done where even that fails.
    func note(_ failure: JobFailure) { try? write(failure.json, to: self.failure) }

    func forgetFailure() { unlink(failure.fileName) }
}
