// The frames of a segment, and as many around them as their enhancement depends on.
import Media
import Motion

/// Reads a segment with its surroundings, so that each of its frames is enhanced as in the whole video.
///
/// A frame depends on its neighbours that differ from one another, and through the search for motion on the frames back
/// to the last key frame.
final class SegmentSource: FrameSource, @unchecked Sendable {
    private let reader: VideoReader
    private let segment: Segment
    private let views: [View]
    private var previous: Frame?
    private var isAtEnd = false

    /// Frames that differ, seen as a whole or as one of the fields.
    private final class View {
        let part: (Frame) -> Frame
        /// Runs of equal frames after the segment.
        var following = 0

        init(_ part: @escaping (Frame) -> Frame) { self.part = part }

        func repeats(_ frame: Frame, _ previous: Frame) -> Bool {
            isDuplicate(part(frame), of: part(previous))
        }
    }

    /// Goes to where the segment's surroundings begin.
    ///
    /// - Parameters:
    ///   - window: The part of the file that the whole job is about, in seconds.
    ///   - keyframes: Times from which the file can be decoded, ascending.
    init(
        _ reader: VideoReader, _ segment: Segment, of window: (start: Double?, end: Double?),
        keyframes: [Int64], isInterlaced: Bool
    ) throws {
        self.reader = reader
        self.segment = segment
        views =
            isInterlaced
            ? (0..<2).map { parity in View { $0.field(parity) } } : [View { $0 }]
        guard let start = segment.start else {
            if window.start != nil || window.end != nil {
                try reader.read(
                    from: window.start ?? 0, to: window.end, context: Surroundings.largestRadius)
            } else {
                try reader.rewind()
            }
            return
        }
        if let time = try leadStart(before: start, keyframes) {
            try reader.read(
                from: reader.seconds(time), to: window.end, context: Surroundings.largestRadius)
        } else if let first = window.start {
            try reader.read(from: first, to: window.end, context: Surroundings.largestRadius)
        } else {
            try reader.rewind()
        }
    }

    var width: Int { reader.width }
    var height: Int { reader.height }
    var format: FrameFormat { reader.format }
    var timeBase: Rational { reader.timeBase }
    var frameRate: Rational { reader.frameRate }
    var estimatedFrameCount: Int? { segment.times.count }
    var conversion: String? { reader.conversion }
    var concealedCount: Int { reader.concealedCount }

    /// Whether `frame` is of the segment itself.
    func isInside(_ frame: Frame) -> Bool {
        segment.contains(frame) && reader.isInsideWindow(frame)
    }

    func next() throws -> Frame? {
        guard !isAtEnd, var frame = try reader.next() else { return nil }
        frame.isContext = !isInside(frame)
        if let end = segment.end, frame.timestamp >= end {
            for view in views where previous.map({ !view.repeats(frame, $0) }) ?? true {
                view.following += 1
            }
            isAtEnd = views.allSatisfy { $0.following >= Surroundings.largestRadius }
        }
        previous = frame
        return frame
    }

    /// The time from which frames must be read for the first of the segment to come out as in the whole video; nil: from
    /// the beginning.
    ///
    /// One key frame back is nearly always enough; where much stands still, twice as many are tried each time.
    private func leadStart(before start: Int64, _ keyframes: [Int64]) throws -> Int64? {
        let earlier = keyframes.filter { $0 < start && reader.seconds($0) >= 0 }
        var back = 1
        while back <= earlier.count {
            let key = earlier[earlier.count - back]
            back = back == earlier.count ? back + 1 : min(2 * back, earlier.count)
            try reader.read(from: reader.seconds(key), context: 0)
            var leads = views.map { _ in Lead() }
            var previous: Frame?
            while let frame = try reader.next() {
                for (index, view) in views.enumerated() {
                    leads[index].add(
                        frame, isRepetition: previous.map { view.repeats(frame, $0) } ?? false)
                }
                previous = frame
                if frame.timestamp >= start { break }
            }
            let starts = leads.map { $0.start(radius: Surroundings.largestRadius) }
            if starts.allSatisfy({ $0 != nil }) { return starts.compactMap { $0 }.min() }
        }
        return nil
    }
}

/// Runs of equal frames that lead up to a segment; the last holds its first frame.
private struct Lead {
    private struct Run {
        let time: Int64
        let beginsAtKey: Bool
        /// Whether the search for motion begins anew after it.
        var endsSearch: Bool
        var count = 1
    }
    private var runs: [Run] = []

    mutating func add(_ frame: Frame, isRepetition: Bool) {
        if isRepetition {
            runs[runs.count - 1].count += 1
            runs[runs.count - 1].endsSearch = runs[runs.count - 1].endsSearch || frame.isKey
        } else {
            runs.append(Run(time: frame.timestamp, beginsAtKey: frame.isKey, endsSearch: false))
        }
    }

    /// Where the run begins from which the last one comes out right; nil where these are too few.
    func start(radius: Int) -> Int64? {
        // The first run may have begun before what was read, so nothing is known of its search.
        let last = runs.count - 1
        guard last > 0 else { return nil }
        // A segment that begins by repeating a frame wants that one as it comes out in the whole video.
        var sure = last
        if runs[last].count > 1 {
            while sure > 0, !runs[sure].beginsAtKey, !runs[sure - 1].endsSearch || sure == 1 {
                sure -= 1
            }
        }
        guard sure > 0, sure - radius >= 0 else { return nil }
        return runs[sure - radius].time
    }
}
