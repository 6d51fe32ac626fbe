// The shots of a video: where they begin, and what is known of each without an original.
import Enhancement
import Media
import Motion
import Quality
import Terminal

/// The shots of a file, read once from its beginning to its end.
public struct ShotSurvey: Sendable {
    /// A shot, or a part of a long one.
    public struct Shot: Sendable, Hashable {
        /// When it begins, in seconds from the file's first timestamp.
        public var start: Double
        /// Frames that it has.
        public var frames: Int
        /// What is known of it.
        public var state: ShotState
        /// How the whole of it is coded; nil where nobody knows, and frames are taken to be like the first ones.
        public var coding: ShotCoding?

        /// A shot.
        public init(start: Double, frames: Int, state: ShotState, coding: ShotCoding? = nil) {
            (self.start, self.frames, self.state, self.coding) = (start, frames, state, coding)
        }
    }

    /// Shots longer than so many seconds are decided about in parts.
    public static let longest = 8.0

    /// The shots in order of time; at least one.
    public let shots: [Shot]
    /// Size of the frames in luma samples.
    public let width: Int, height: Int
    /// The first frames, for whoever wants to try something.
    public let first: [Frame]
    /// Seconds of the clock that decoding took.
    public let decoding: Double

    /// Frames of all shots.
    public var frames: Int { shots.reduce(0) { $0 + $1.frames } }

    /// A survey that was made before.
    ///
    /// - Parameter shots: At least one.
    public init(shots: [Shot], width: Int, height: Int) {
        precondition(!shots.isEmpty, "no shots")
        (self.shots, self.width, self.height) = (shots, width, height)
        (first, decoding) = ([], 0)
    }

    /// Looks at all frames of a video.
    ///
    /// - Parameters:
    ///   - start: Of the part of the file that counts, in seconds; nil: its beginning.
    ///   - shouldStop: Asked before each frame; then what was seen so far is all.
    ///   - observe: Told how many frames were seen.
    /// - Returns: nil where there are no frames.
    /// - Throws: `MediaError`, and what the probe throws.
    public init?(
        path: String, options: ReadOptions, probe: CorrectionProbe?, start: Double? = nil,
        end: Double? = nil,
        threads: Int, clock: () -> Double, shouldStop: () -> Bool = { false },
        observe: (Int) -> Void = { _ in }
    ) throws {
        var options = options
        options.losses = .none
        let reader = try VideoReader(path: path, options: options)
        if start != nil || end != nil { try reader.read(from: start ?? 0, to: end) }
        let bitsPerPixel = reader.bitsPerPixel
        var shots: [Shot] = []
        var observer = ShotObserver(probe, codec: reader.codec)
        var begin = 0.0
        var cuts = CutFinder(threads: threads)
        var first: [Frame] = []
        var seen = 0, decoding = 0.0
        func close() throws {
            guard let known = try observer.known(bitsPerPixel: bitsPerPixel) else { return }
            shots.append(
                Shot(
                    start: begin, frames: observer.frames, state: known.state,
                    coding: known.coding))
        }
        while !shouldStop() {
            let before = clock()
            guard let frame = try reader.next() else { break }
            decoding += clock() - before
            guard reader.isInsideWindow(frame) else { continue }
            let time = reader.seconds(frame)
            let thumbnail = LumaThumbnail(frame.planes[0], depth: frame.format.depth)
            let isCut = cuts.isCut(before: frame, thumbnail)
            if seen > 0, isCut || time - begin >= Self.longest {
                try close()
                observer = ShotObserver(probe, codec: reader.codec)
            }
            if observer.frames == 0 { begin = time }
            observer.add(frame, thumbnail: thumbnail, threads: threads)
            if first.count < 24 { first.append(frame) }
            seen += 1
            observe(seen)
        }
        try close()
        guard !shots.isEmpty else { return nil }
        // Of two that begin at once, as broken times have it, the later holds.
        self.shots = shots.enumerated().filter { index, shot in
            index + 1 == shots.count || shot.start < shots[index + 1].start
        }.map(\.element)
        (width, height) = (reader.width, reader.height)
        (self.first, self.decoding) = (first, decoding)
    }
}

extension ShotSurvey {
    /// The survey without its frames, to be kept.
    public var json: JSONValue {
        .object([
            ("width", .int(width)), ("height", .int(height)),
            (
                "shots",
                .array(
                    shots.map { shot in
                        .object([
                            ("start", .number(shot.start)), ("frames", .int(shot.frames)),
                            ("state", shot.state.json),
                            ("coding", shot.coding?.json ?? .null),
                        ])
                    })
            ),
        ])
    }

    /// A survey that was kept; nil where it is none.
    public init?(_ json: JSONValue) {
        guard let width = json["width"]?.integer, let height = json["height"]?.integer,
            width > 0, height > 0, let entries = json["shots"]?.elements, !entries.isEmpty
        else { return nil }
        let shots = entries.compactMap { entry -> Shot? in
            guard let start = entry["start"]?.double, start.isFinite,
                let frames = entry["frames"]?.integer, frames > 0,
                let state = entry["state"].flatMap(ShotState.init)
            else { return nil }
            return Shot(
                start: start, frames: frames, state: state,
                coding: entry["coding"].flatMap(ShotCoding.init))
        }
        guard shots.count == entries.count,
            zip(shots, shots.dropFirst()).allSatisfy({ $0.start < $1.start })
        else { return nil }
        self.init(shots: shots, width: width, height: height)
    }
}

/// Finds cuts: thumbnails say where to look, motion compensation whether it is one.
struct CutFinder {
    private let threads: Int
    private var previous: (frame: Frame, thumbnail: LumaThumbnail)?
    private var usual: Float = 0
    private var estimator: MotionEstimator?
    private let cut = SceneCut()

    /// Differences of thumbnails, in 8-bit steps, and over those before, from which on motion is asked.
    private static let least: Float = 3, factor: Float = 2

    init(threads: Int) { self.threads = threads }

    /// Whether a shot begins with a frame.
    mutating func isCut(before frame: Frame, _ thumbnail: LumaThumbnail) -> Bool {
        defer { previous = (frame, thumbnail) }
        guard let previous, previous.frame.width == frame.width,
            previous.frame.height == frame.height
        else { return previous != nil }
        let difference = thumbnail.difference(to: previous.thumbnail)
        guard difference > Self.least, difference > Self.factor * usual else {
            usual += 0.2 * (difference - usual)
            return false
        }
        func pyramid(_ frame: Frame) -> MotionPyramid {
            MotionPyramid(luma: frame.planes[0], depth: frame.format.depth, threads: threads)
        }
        let (a, b) = (pyramid(frame), pyramid(previous.frame))
        let estimator = estimator ?? MotionEstimator(width: frame.width, height: frame.height)
        self.estimator = estimator
        let isCut = cut(
            current: a, previous: b,
            flow: estimator.estimate(from: a, to: b, threads: threads))
        // A new shot moves in its own way.
        usual = isCut ? 0 : usual + 0.2 * (difference - usual)
        return isCut
    }
}
