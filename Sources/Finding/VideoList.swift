// Which videos a memory knows: JSON Lines, sealed by a digest, replaced at once.
import FileNames
import Glibc
import Networks
import Terminal

/// A file that is indexed.
public struct IndexedVideo: Sendable, Hashable {
    /// Its number in the memory, which no other file ever gets.
    public let number: Int
    /// Where it is, absolute.
    public let path: String
    /// Its size in bytes and when it was changed last, in nanoseconds, as it was indexed.
    public let bytes: Int, modified: Int
    /// Size in square pixels, and length in seconds; 0 for a photograph.
    public let width: Int, height: Int, duration: Double
    /// How many of its pictures are remembered.
    public let pictures: Int
    /// Where its shots begin, in seconds.
    public let shots: [Double]
    /// Whether it was looked at for what people do.
    public let isLooked: Bool

    var json: JSONValue {
        .object([
            ("video", .int(number)), ("path", .string(path)), ("bytes", .int(bytes)),
            ("modified", .int(modified)), ("width", .int(width)), ("height", .int(height)),
            ("duration", .number(duration)), ("pictures", .int(pictures)),
            ("shots", .array(shots.map { .number($0) })), ("looked", .bool(isLooked)),
        ])
    }

    /// A file of which this is known.
    public init(
        number: Int, path: String, summary: KeyPictureReader.Summary, pictures: Int,
        shots: [Double]
    ) {
        self.init(
            number: number, path: path, state: FileState(bytes: 0, modified: 0), summary: summary,
            pictures: pictures, shots: shots, isLooked: false)
    }

    init(
        number: Int, path: String, state: FileState, summary: KeyPictureReader.Summary,
        pictures: Int, shots: [Double], isLooked: Bool
    ) {
        (self.number, self.path, bytes, modified) = (number, path, state.bytes, state.modified)
        (width, height, duration) = (summary.width, summary.height, summary.duration)
        (self.pictures, self.shots, self.isLooked) = (pictures, shots, isLooked)
    }

    init?(_ json: JSONValue?) {
        guard let number = json?["video"]?.integer, let path = json?["path"]?.text,
            let bytes = json?["bytes"]?.integer, let modified = json?["modified"]?.integer,
            let width = json?["width"]?.integer, let height = json?["height"]?.integer,
            let duration = json?["duration"]?.double, duration >= 0,
            let pictures = json?["pictures"]?.integer, pictures >= 0, width > 0, height > 0,
            let shots = json?["shots"]?.elements, let isLooked = json?["looked"]?.boolean
        else { return nil }
        (self.number, self.path, self.bytes, self.modified) = (number, path, bytes, modified)
        (self.width, self.height, self.duration) = (width, height, duration)
        (self.pictures, self.isLooked) = (pictures, isLooked)
        self.shots = shots.compactMap(\.double)
        guard self.shots.count == shots.count else { return nil }
    }

    /// The shot that a time lies in, from 0.
    func shot(at time: Double) -> Int {
        max(0, (shots.firstIndex { $0 > time + 1e-6 } ?? shots.count) - 1)
    }

    /// When a shot begins and ends.
    func span(ofShot shot: Int) -> (start: Double, end: Double) {
        let start = shots.indices.contains(shot) ? shots[shot] : 0
        return (start, shot + 1 < shots.count ? shots[shot + 1] : max(duration, start))
    }
}

/// What tells a changed file from one that is as it was.
struct FileState: Hashable {
    let bytes: Int, modified: Int

    init(bytes: Int, modified: Int) { (self.bytes, self.modified) = (bytes, modified) }

    /// Nil where there is no such file.
    init?(_ path: String) {
        var status = stat()
        guard stat(path.fileName, &status) == 0 else { return nil }
        bytes = Int(status.st_size)
        modified = Int(status.st_mtim.tv_sec) * 1_000_000_000 + Int(status.st_mtim.tv_nsec)
    }
}

/// All videos of a memory.
struct VideoList {
    static let format = "percept-videos", version = 1

    /// By their numbers.
    var videos: [IndexedVideo] = []
    /// The number that the next one gets.
    var next = 1

    /// Writes the list, replacing what is there at once.
    ///
    /// - Throws: `FileWriteError`.
    func write(to path: String) throws {
        let rest = videos.flatMap { Array($0.json.compact.utf8) + [UInt8(ascii: "\n")] }
        let head = JSONValue.object([
            ("format", .string(Self.format)), ("version", .int(Self.version)),
            ("videos", .int(videos.count)), ("next", .int(next)),
            ("sha256", .string(rest.withUnsafeBytes { SHA256(of: $0).hexadecimal })),
        ])
        let bytes = Array((head.compact + "\n").utf8) + rest
        try bytes.withUnsafeBytes { try writeAtomically([$0], to: path) }
    }

    init() {}

    /// Reads a list.
    ///
    /// - Parameter folder: For errors.
    /// - Throws: ``FinderError``.
    init(contentsOf path: String, folder: String) throws {
        guard let bytes = wholeFile(path) else { throw FinderError.noMemory(path: folder) }
        let end = bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
        guard let head = try? JSONValue(parsing: bytes[..<end]), head["format"]?.text == Self.format
        else { throw FinderError.damaged(path: path, reason: "it is no list of videos") }
        guard let version = head["version"]?.integer else {
            throw FinderError.damaged(path: path, reason: "it says no version")
        }
        guard version == Self.version else {
            throw FinderError.version(path: folder, found: version)
        }
        let rest = Array(bytes[min(end + 1, bytes.endIndex)...])
        guard let count = head["videos"]?.integer, let next = head["next"]?.integer,
            rest.withUnsafeBytes({ SHA256(of: $0).hexadecimal }) == head["sha256"]?.text
        else {
            throw FinderError.damaged(path: path, reason: "its lines are not those written")
        }
        let lines = rest.split(separator: UInt8(ascii: "\n"))
        videos = lines.compactMap { IndexedVideo(try? JSONValue(parsing: $0)) }
        guard videos.count == lines.count, videos.count == count else {
            throw FinderError.damaged(path: path, reason: "it has a line that is no video")
        }
        self.next = next
    }
}
