// Many files into a memory: read side by side, stored now and then, gone on with after any end.
import FileNames
import Glibc
import Interaction
import Media
import Synchronization
import Terminal

/// What looks at pictures for what people do, one for each thread.
public struct IndexEyes {
    let source: BoxSource, finder: InteractionFinder

    /// Eyes of the given weights.
    ///
    /// - Throws: What ``FindingSetup/load()`` throws.
    public init(_ setup: FindingSetup) throws { (source, finder, _) = try setup.load() }
}

/// Indexes files into a folder.
public struct IndexJob: Sendable {
    /// What is told while it runs.
    public enum Report: Sendable {
        /// So many files are finished, of so many that have to be read.
        case progress(done: Int, of: Int)
        /// A file that cannot be indexed, in one line.
        case failure(path: String, String)
    }

    /// What became of it.
    public struct Summary: Sendable {
        /// Files that were read now, that were known and unchanged, that were forgotten, and that failed.
        public var read = 0, known = 0, forgotten = 0, failed = 0
        /// Pictures and seconds of what was read now.
        public var pictures = 0, seconds = 0.0
        /// Files that are known and were not there any more, but were kept.
        public var missing = 0
        /// Exit status of the last failure.
        public var lastFailure: Int32 = 0
        /// Whether it was asked to stop before the end.
        public var isStopped = false
    }

    /// Seconds between pictures that are looked at for what people do; and of work that a crash may cost.
    static let lookEvery = 2.0, storeEvery = 20.0

    /// The files, absolute.
    public var paths: [String]
    /// Files that are read at a time.
    public var jobs = 1
    /// Makes what looks at pictures, once for each thread; nil: nobody looks.
    public var makeEyes: (@Sendable () throws -> IndexEyes)?
    /// Whether videos of the memory that are gone from the disk are forgotten.
    public var forgetsMissing = false
    /// How files are read.
    public var reading = ReadOptions()
    /// Asked now and then: true ends the job after what is begun is dropped.
    public var shouldStop: @Sendable () -> Bool = { false }

    /// A job on files.
    public init(_ paths: [String]) { self.paths = paths }

    /// Brings a memory up to date.
    ///
    /// - Parameter report: Called by one thread at a time.
    /// - Throws: ``FinderError``, `MemoryStoreError`, `FileWriteError`; what making eyes throws. A file that cannot be read is
    ///   reported and does not end the job.
    public func run(
        into folder: MemoryFolder, report: @escaping @Sendable (Report) -> Void
    ) throws -> Summary {
        let writer = try MemoryFolder.Writer(folder)
        var summary = Summary()
        let known = Dictionary(
            writer.list.videos.map { ($0.path, $0) }, uniquingKeysWith: { $1 })
        var missing = Set<Int>()
        for video in writer.list.videos where FileState(video.path) == nil {
            missing.insert(video.number)
        }
        summary.missing = forgetsMissing ? 0 : missing.count
        if forgetsMissing {
            try writer.add([], forgetting: missing)
            summary.forgotten = missing.count
        }
        var wanted: [String] = []
        for path in paths {
            let video = known[path]
            let isSame =
                video.map { FileState(path) == FileState(bytes: $0.bytes, modified: $0.modified) }
                ?? false
            if isSame, makeEyes == nil || video?.isLooked == true {
                summary.known += 1
            } else {
                wanted.append(path)
            }
        }
        try read(wanted, known, writer, &summary, report)
        try writer.tidy()
        return summary
    }

    /// What the reading threads share.
    private struct Shared: Sendable {
        var next = 0
        var done = 0
        var ready: [ReadVideo] = []
        var failures: [(path: String, text: String, exitCode: Int32)] = []
        var working = 0
    }

    private func read(
        _ wanted: [String], _ known: [String: IndexedVideo], _ writer: MemoryFolder.Writer,
        _ summary: inout Summary, _ report: @escaping @Sendable (Report) -> Void
    ) throws {
        guard !wanted.isEmpty else { return }
        let count = max(1, min(jobs, wanted.count))
        let board = Board(Shared(working: count))
        let job = self
        let hasEnded = Flag()
        let workers = (0..<count).map { number in
            WorkerThread("index \(number)") {
                defer { board.state.withLock { $0.working -= 1 } }
                let eyes = try job.makeEyes?()
                while !job.shouldStop(), !hasEnded.isSet {
                    let index = board.state.withLock { state in
                        defer { state.next += 1 }
                        return state.next
                    }
                    guard index < wanted.count else { return }
                    let path = wanted[index]
                    do {
                        guard let video = try job.readVideo(path, eyes, hasEnded) else { return }
                        board.state.withLock {
                            $0.ready.append(video)
                            $0.done += 1
                        }
                    } catch {
                        let code =
                            (error as? MediaError)?.exitCode ?? (error as? FinderError)?.exitCode
                            ?? 1
                        board.state.withLock {
                            $0.failures.append((path, "\(error)", code))
                            $0.done += 1
                        }
                    }
                }
            }
        }
        defer {
            hasEnded.set()
            for worker in workers { _ = worker.join() }
        }
        var stored = monotonicSeconds(), told = -1
        while true {
            usleep(20_000)
            let isOver = board.state.withLock { $0.working == 0 }
            let state = board.state.withLock { state in
                defer { state.failures = [] }
                return state
            }
            for failure in state.failures {
                summary.failed += 1
                summary.lastFailure = failure.exitCode
                report(.failure(path: failure.path, failure.text))
            }
            if state.done != told {
                told = state.done
                report(.progress(done: told, of: wanted.count))
            }
            let pictures = state.ready.reduce(0) { $0 + $1.pictures.count }
            let isDue =
                monotonicSeconds() - stored >= Self.storeEvery || pictures > 8192 || isOver
            if isDue, !state.ready.isEmpty {
                let ready = board.state.withLock { state in
                    defer { state.ready = [] }
                    return state.ready
                }
                try writer.add(ready, forgetting: Set(ready.compactMap { known[$0.path]?.number }))
                for video in ready {
                    summary.read += 1
                    summary.pictures += video.pictures.count
                    summary.seconds += video.summary.duration
                }
                stored = monotonicSeconds()
            }
            if isOver { break }
        }
        for worker in workers {
            _ = worker.join()
            try worker.rethrow()
        }
        summary.isStopped = shouldStop()
    }

    /// Reads one file; nil where it was asked to stop.
    private func readVideo(_ path: String, _ eyes: IndexEyes?, _ hasEnded: Flag) throws
        -> ReadVideo?
    {
        guard let state = FileState(path) else { throw MediaError.missingInput(path: path) }
        var reader = KeyPictureReader(path)
        reader.reading.maximumPixels = reading.maximumPixels
        reader.reading.maximumStillPixels = reading.maximumStillPixels
        reader.shouldStop = { shouldStop() || hasEnded.isSet }
        var pictures: [ReadPicture] = [], seen: [SeenPicture] = []
        let summary = try reader.read { picture, frame in
            pictures.append(ReadPicture(picture))
            guard let eyes,
                picture.beginsShot
                    || picture.time - (seen.last?.time ?? -9) >= Self.lookEvery - 0.01
            else { return }
            let findings = try eyes.source.findings(
                in: frame.upright(), named: path, time: picture.time, eyes.finder)
            seen.append(SeenPicture(findings, at: (picture.time * 1000).rounded() / 1000))
        }
        guard let summary else { return nil }
        return ReadVideo(
            path: path, state: state, summary: summary, pictures: pictures, seen: seen,
            isLooked: eyes != nil)
    }
}

/// Where threads leave what they share.
private final class Board<Value: Sendable>: Sendable {
    let state: Mutex<Value>
    init(_ value: Value) { state = Mutex(value) }
}

/// Something that happens once.
private final class Flag: Sendable {
    private let value = Atomic<Bool>(false)
    var isSet: Bool { value.load(ordering: .relaxed) }
    func set() { value.store(true, ordering: .relaxed) }
}

extension IndexJob.Summary {
    /// `3 files indexed (128 pictures, 1 min 4 s of video), 2 unchanged`
    public var line: String {
        var parts = [
            "\(read) \(read == 1 ? "file" : "files") indexed (\(pictures) pictures, "
                + "\(humanDuration(seconds)) of video)"
        ]
        if known > 0 { parts.append("\(known) unchanged") }
        if forgotten > 0 { parts.append("\(forgotten) forgotten") }
        return parts.joined(separator: ", ")
    }
}
