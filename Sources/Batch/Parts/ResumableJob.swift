// One long video, worked part by part so that nothing finished is lost.
import Enhancement
import FileNames
import Glibc
import Media
import Networks
import Terminal

/// A job on one video whose finished parts are kept in `OUT.part/` until all of them are joined.
///
/// Whatever ends the process, the same job goes on with the first part that is missing. Parts are those of the first
/// run: what they hold depends on nothing but the input and the options, so it does not matter which run made which.
public final class ResumableJob {
    /// The parts of the video.
    public let segments: [Segment]
    /// Whether an earlier run of another job, or on another input, was thrown away.
    public let beganAnew: Bool
    /// Where finished parts are.
    public let folder: WorkFolder
    private let work: SegmentedJob
    private let digest: String
    private var parts: PartFolder { folder.parts }
    private var results: [Int: SegmentResult] = [:]

    /// Finds out what is there of the job, and what is left to do; nil where the video has one part only, and is better
    /// worked in one piece.
    ///
    /// - Parameters:
    ///   - options: Everything that changes what is made, but for the input.
    ///   - plan: What a later run has to know of how this one planned, where the parts are begun.
    ///   - count: Frames that a part has at least, where none was made yet.
    /// - Throws: ``WorkFolderBusy``, `MediaError`, `OutputError`.
    public init?(
        _ job: VideoJob, _ model: (any RestorationModel)?, options: JSONValue,
        plan: JSONValue? = nil, framesOfPart count: Int,
        shouldStop: @escaping () -> Bool = { false }
    ) throws {
        folder = try WorkFolder(for: job.request.output)
        let identity = try Self.identity(job.request, options)
        let parts = folder.parts
        let known = parts.read(parts.description)
        var segments: [Segment]?
        if let known, known["job"] == identity, case .array(let all)? = known["segments"] {
            segments = all.compactMap(Segment.init)
            if segments!.isEmpty || segments!.count != all.count { segments = nil }
            job.qualityFit = known["fit"].flatMap(QualityFit.init)
        }
        beganAnew = known != nil && segments == nil
        let isNew = segments == nil
        if isNew { parts.removeParts() }
        self.segments = try segments ?? job.segments(ofAtLeast: count)
        guard self.segments.count > 1 else {
            folder.remove()
            return nil
        }
        digest = Segment.digest(self.segments, of: identity)
        do {
            work = try job.beginSegments(
                self.segments, model, isOrdered: true, shouldStop: shouldStop)
        } catch {
            if isNew { folder.remove() }
            throw error
        }
        if isNew {
            try parts.write(
                .object([
                    ("job", identity), ("fit", job.qualityFit?.json ?? .null),
                    ("plan", plan ?? .null),
                    ("segments", .array(self.segments.map(\.json))),
                ]), to: parts.description)
        }
        for index in self.segments.indices {
            guard let record = parts.finished(index, of: digest) else { continue }
            results[index] = record.result
        }
    }

    /// What an earlier run kept of how it planned the same job on the same input; nil where there is nothing.
    ///
    /// - Throws: `MediaError` where the input cannot be read.
    public static func keptPlan(of request: VideoJobRequest, options: JSONValue) throws
        -> JSONValue?
    {
        let parts = PartFolder(WorkFolder.path(for: request.output))
        guard let known = parts.read(parts.description),
            known["job"] == (try identity(request, options)), let plan = known["plan"],
            plan != .null
        else { return nil }
        return plan
    }

    /// What is made of what: parts of anything else are thrown away.
    private static func identity(
        _ request: VideoJobRequest, _ options: JSONValue
    ) throws -> JSONValue {
        .object([("input", .string(try digest(of: request.input))), ("options", options)])
    }

    /// How many parts are finished.
    public var finishedCount: Int { results.count }
    /// How many frames those have.
    public var finishedFrames: Int { results.values.reduce(0) { $0 + $1.frames.count } }
    /// How many parts are finished before the first that is not.
    public var leadingCount: Int { segments.indices.first { results[$0] == nil } ?? segments.count }
    /// Bytes that finished parts take.
    public var bytes: Int64 {
        results.keys.reduce(0) { $0 + max(0, Machine.fileSize(parts.file($1))) }
    }

    /// Works on the parts that are missing.
    ///
    /// - Parameter pipeline: Makes what moves the frames of a part; given how many frames were finished before.
    /// - Returns: Whether all parts are finished now; false where the pipeline was asked to stop.
    /// - Throws: What a job on a whole video throws; finished parts stay.
    public func run(_ pipeline: (_ finishedFrames: Int) -> FramePipeline) throws -> Bool {
        for index in segments.indices where results[index] == nil {
            let next = pipeline(finishedFrames)
            if next.shouldStop() { return false }
            let path = parts.file(index)
            let result = try work.run(
                index, into: path, after: segments.indices.prefix(index).map { results[$0]! },
                pipeline: next)
            if result.outcome.wasStopped { return false }
            guard !result.frames.isEmpty else {
                throw MediaError.noFrames(path: work.job.request.input)
            }
            let record = SegmentRecord(
                work: digest, seal: try FileSeal(of: path), result: result)
            try parts.write(record.json, to: parts.record(index))
            results[index] = result
        }
        return true
    }

    /// Joins the parts up to the first that is missing into the output.
    ///
    /// - Returns: What a job on the whole video returns; nil where there is nothing to join.
    /// - Throws: `MediaError`, `OutputError`; finished parts stay.
    public func join() throws -> VideoJobResult? {
        guard leadingCount > 0 else { return nil }
        return try work.join(
            (0..<leadingCount).map { (path: parts.file($0), result: results[$0]!) })
    }

    /// A digest of a file's size, beginning and end: what tells it from another, without reading all of it.
    private static func digest(of path: String) throws -> String {
        guard let file = fopen(path.fileName, "rb") else {
            throw MediaError.unreadableInput(path: path, reason: String(cString: strerror(errno)))
        }
        defer { fclose(file) }
        let span = 1 << 20
        var bytes = Array("\(Machine.fileSize(path)) ".utf8)
        var block = [UInt8](repeating: 0, count: span)
        bytes += block[..<fread(&block, 1, span, file)]
        if fseek(file, -span, SEEK_END) == 0 { bytes += block[..<fread(&block, 1, span, file)] }
        return bytes.withUnsafeBytes { SHA256(of: $0).hexadecimal }
    }
}

extension QualityFit {
    var json: JSONValue {
        .object([
            ("quality", .number(quality)), ("ratio", .number(ratio)), ("isExact", .bool(isExact)),
        ])
    }

    init?(_ json: JSONValue) {
        guard let quality = json["quality"]?.double, let ratio = json["ratio"]?.double,
            case .bool(let isExact)? = json["isExact"]
        else { return nil }
        self.init(quality: quality, ratio: ratio, isExact: isExact)
    }
}
