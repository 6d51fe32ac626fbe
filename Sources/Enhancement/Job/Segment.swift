// Parts of a video that are enhanced one by one, and give what the whole gives.
import Media

/// A part of a job's video: the frames from one time up to another.
///
/// All but the first begin with a key frame of the source, where nothing of the search for motion is carried on.
public struct Segment: Sendable, Hashable {
    /// The first time that belongs to it, and the first that does not, in the source's time base; nil: from the job's
    /// beginning, to its end.
    public var start: Int64?, end: Int64?
    /// When its frames are shown as far as packets tell, in the source's time base, ascending.
    public var times: [Int64]
    /// Those of `times` from which the file can be decoded.
    public var keyframes: [Int64]
    /// Bytes of its frames in the source, as coded; 0 where nobody counted them.
    public var bytes: Int

    /// A part from `start` up to `end`.
    public init(
        start: Int64?, end: Int64?, times: [Int64], keyframes: [Int64], bytes: Int = 0
    ) {
        self.start = start
        self.end = end
        self.times = times
        self.keyframes = keyframes
        self.bytes = bytes
    }

    func contains(_ frame: Frame) -> Bool {
        (start.map { frame.timestamp >= $0 } ?? true) && (end.map { frame.timestamp < $0 } ?? true)
    }
}

extension VideoJob {
    /// Whether the video can be worked in parts: a file with an index, whole, into a container that takes segments.
    public var canBeSegmented: Bool {
        guard case .video(let container) = kind, container.holdsSegments, !request.isPreview,
            let reader = source as? VideoReader
        else { return false }
        return truncation == nil && reader.isIndexed
    }

    /// The video in parts that begin at key frames.
    ///
    /// Reads through the whole file without decoding it.
    ///
    /// - Parameter count: How many frames a part has at least, but for the last one.
    /// - Returns: At least one part; one alone where there are no key frames to part it at.
    /// - Throws: `MediaError`.
    public func segments(ofAtLeast count: Int) throws -> [Segment] {
        precondition(canBeSegmented && count > 0, "a job that stays in one piece")
        let scan = try PacketScan(
            path: request.input, options: request.reading, timeLimit: .infinity)
        try scan.check()
        let reader = source as! VideoReader
        let times = scan.times.filter { reader.isInside($0, from: request.start, to: request.end) }
        // Where packets do not say their times, nobody knows what belongs to which part.
        guard scan.times.count == scan.packets, Set(times).count == times.count else {
            return [Segment(start: nil, end: nil, times: times, keyframes: [])]
        }
        var parts = Segment.parts(of: times, keyframes: scan.keyframes, ofAtLeast: count)
        let sizes = Dictionary(uniqueKeysWithValues: zip(scan.times, scan.sizes))
        for index in parts.indices {
            parts[index].bytes = parts[index].times.reduce(0) { $0 + sizes[$1]! }
        }
        return parts
    }
}

extension Segment {
    /// Frames at `times` in parts of at least `count`, each but the first beginning at one of `keyframes`.
    static func parts(
        of times: [Int64], keyframes: [Int64], ofAtLeast count: Int
    ) -> [Segment] {
        var starts: [Int] = [0]
        var known: [Int] = []
        var next = 0
        for keyframe in keyframes {
            while next < times.count, times[next] < keyframe { next += 1 }
            guard next < times.count, times[next] == keyframe else { continue }
            known.append(next)
            if next - starts.last! >= count { starts.append(next) }
        }
        // A short rest is no part of its own.
        if starts.count > 1, times.count - starts.last! < count { starts.removeLast() }
        return starts.indices.map { index in
            let range = starts[index]..<(index + 1 < starts.count ? starts[index + 1] : times.count)
            return Segment(
                start: index == 0 ? nil : times[range.lowerBound],
                end: range.upperBound < times.count ? times[range.upperBound] : nil,
                times: Array(times[range]),
                keyframes: known.filter(range.contains).map { times[$0] })
        }
    }
}

extension Segment {
    /// Bytes and seconds of parts of a source.
    static func pieces(of segments: [Segment], in source: any FrameSource) -> [PartCourse.Piece] {
        segments.indices.map { index in
            let times = segments[index].times
            guard let first = times.first, let last = times.last else { return (0, 0) }
            // The last frame of all is shown as long as frames are on average.
            let frame = Double(last - first) / Double(max(1, times.count - 1))
            let end =
                index + 1 < segments.count
                ? Double(segments[index + 1].times.first ?? last) : Double(last) + frame
            return (segments[index].bytes, (end - Double(first)) * source.timeBase.value)
        }
    }
}
