// What was never decoded of a video, where, and what was done about it.
import Media
import Motion

/// What is done about parts of a video that were never decoded.
public enum Concealment: String, Sendable, CaseIterable {
    /// They are listed, and filled from other frames before anything is predicted from them; not in interlaced video.
    case auto
    /// They are listed.
    case report
    /// The decoder does what it does, and nobody is told where.
    case off

    /// How a video is read for that.
    var handling: LossHandling {
        switch self {
        case .auto: .repair { FlowRepair() }
        case .report: .report
        case .off: .none
        }
    }
}

/// Losses of a video as spans of successive frames.
public struct LossReport: Sendable, Equatable {
    /// Successive frames that something is missing of, or that are predicted from such frames.
    public struct Span: Sendable, Equatable {
        /// When its first and its last frame are shown, in seconds.
        public var start: Double, end: Double
        /// Its frames, and those of them that cells of 8x8 samples are missing of.
        public var frames: Int, lostFrames: Int
        /// Cells that were never decoded, and cells that depend on such cells.
        public var lostCells: Int, touchedCells: Int

        /// A span that was written down.
        public init(
            start: Double, end: Double, frames: Int, lostFrames: Int, lostCells: Int,
            touchedCells: Int
        ) {
            (self.start, self.end) = (start, end)
            (self.frames, self.lostFrames) = (frames, lostFrames)
            (self.lostCells, self.touchedCells) = (lostCells, touchedCells)
        }
    }

    /// More are counted with the last one, so that a report of a long broken film stays small.
    static let limit = 10_000

    /// In order of time.
    public private(set) var spans: [Span]
    private var isOpen = false

    /// A report of such spans.
    public init(_ spans: [Span] = []) { self.spans = spans }

    public static func == (a: LossReport, b: LossReport) -> Bool { a.spans == b.spans }

    /// Whether nothing is known to be lost.
    public var isEmpty: Bool { spans.isEmpty }
    /// Sums over all spans.
    public var frames: Int { spans.reduce(0) { $0 + $1.frames } }
    public var lostFrames: Int { spans.reduce(0) { $0 + $1.lostFrames } }
    public var lostCells: Int { spans.reduce(0) { $0 + $1.lostCells } }
    public var touchedCells: Int { spans.reduce(0) { $0 + $1.touchedCells } }

    /// Adds the next frame, shown at so many seconds.
    mutating func add(_ loss: LossMap?, at seconds: Double) {
        guard let loss, loss.touchedCount > 0 else {
            isOpen = false
            return
        }
        if !isOpen, spans.count < LossReport.limit {
            spans.append(
                Span(
                    start: seconds, end: seconds, frames: 0, lostFrames: 0, lostCells: 0,
                    touchedCells: 0))
        }
        isOpen = true
        let last = spans.count - 1
        let lost = loss.lostCount
        spans[last].end = seconds
        spans[last].frames += 1
        spans[last].lostFrames += lost > 0 ? 1 : 0
        spans[last].lostCells += lost
        spans[last].touchedCells += loss.touchedCount - lost
    }

    /// Adds what was lost of a later part.
    mutating func append(_ other: LossReport) {
        isOpen = false
        for span in other.spans {
            guard spans.count >= LossReport.limit else {
                spans.append(span)
                continue
            }
            let last = spans.count - 1
            spans[last].end = span.end
            spans[last].frames += span.frames
            spans[last].lostFrames += span.lostFrames
            spans[last].lostCells += span.lostCells
            spans[last].touchedCells += span.touchedCells
        }
    }

    /// One line for people; nil where nothing is known to be lost.
    ///
    /// `312 blocks of 8x8 in 14 frames, and what 40 more predict from them, cannot be decoded (1.20-2.88 s); filled from
    /// other frames`
    func line(isFilled: Bool) -> String? {
        guard !isEmpty else { return nil }
        func time(_ seconds: Double) -> String {
            let hundredths = Int((seconds * 100).rounded())
            let rest = hundredths % 100
            return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
        }
        let named = spans.prefix(3).map { "\(time($0.start))-\(time($0.end))" }
        let more = spans.count - named.count
        let places =
            named.joined(separator: ", ") + " s" + (more > 0 ? " and \(more) more places" : "")
        let done = isFilled ? "filled from other frames" : "as the decoder left them"
        func counted(_ count: Int, _ noun: String) -> String {
            "\(count) \(noun)\(count == 1 ? "" : "s")"
        }
        return counted(lostCells, "block") + " of 8x8 in " + counted(lostFrames, "frame")
            + ", and what \(frames - lostFrames) more predict from them, "
            + "cannot be decoded (\(places)); \(done)"
    }
}

/// Collects what was lost while frames pass.
final class LossList {
    private(set) var report = LossReport()
    private let reader: VideoReader?

    /// Times are those of `reader`; nil: nothing can be lost.
    init(_ reader: VideoReader?) { self.reader = reader }

    func add(_ frame: Frame) {
        guard let reader else { return }
        report.add(frame.loss, at: reader.seconds(frame))
    }
}

extension FramePipeline {
    /// Has a list take note of every frame that is written.
    mutating func noting(_ list: LossList) {
        let observe = observe
        self.observe = { index, original, enhanced in
            list.add(original)
            try observe(index, original, enhanced)
        }
    }
}
