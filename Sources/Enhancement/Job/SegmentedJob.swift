// A job worked part by part: each part is a file, and the files are joined.
import Learning
import Media

/// A job whose parts are worked one by one, in any order and by any process, and joined in the end.
public final class SegmentedJob {
    /// Its parts.
    public let segments: [Segment]
    /// The job.
    public let job: VideoJob
    private let first: Frame
    /// What the encoders of all parts are told of the video.
    private let video: VideoDescription
    private let course: PartCourse?
    private let model: (any RestorationModel)?

    init(
        _ job: VideoJob, _ segments: [Segment], _ first: Frame, _ model: (any RestorationModel)?
    ) throws {
        self.job = job
        self.segments = segments
        self.first = first
        self.model = model
        video = job.description(first)
        course = try PartCourse(
            Segment.pieces(of: segments, in: job.source), video: video,
            settings: job.request.encoding, ratio: job.fit?.ratio,
            otherBitrate: job.streams?.otherBitrate ?? 0, path: job.request.output)
    }

    /// Enhances one part and encodes it into a Matroska file.
    ///
    /// - Parameters:
    ///   - path: Of that file; replaced when complete.
    ///   - earlier: What came of all parts before it: it makes up for what they took too much or too little of a size
    ///     that somebody named. Nil: nobody knows, and it is encoded as if it were the only one.
    /// - Throws: What ``VideoJob/run(_:pipeline:isRehearsal:)`` throws; no file is then left behind.
    public func run(
        _ index: Int, into path: String, after earlier: [SegmentResult]? = nil,
        pipeline: FramePipeline = FramePipeline()
    ) throws -> SegmentResult {
        let reader = job.source as! VideoReader
        let request = job.request
        let source = try SegmentSource(
            reader, segments[index], of: (request.start, request.end),
            keyframes: segments[..<index].flatMap(\.keyframes),
            isInterlaced: job.isInterlaced)
        var encoding = request.encoding
        if let earlier {
            precondition(earlier.count == index, "\(earlier.count) parts before part \(index)")
            encoding.part = course?.next(after: earlier.map(\.bytes))
        }
        let writer = try SegmentWriter(
            path: path, of: request.output, video: video, settings: encoding, copying: job.streams)
        let concealed = source.concealedCount
        var pipeline = pipeline
        pipeline.isWanted = { source.isInside($0) }
        let losses = LossList(reader)
        pipeline.noting(losses)
        let outcome = try pipeline.run(
            from: source, through: try job.stage(model, shouldStop: pipeline.shouldStop),
            to: job.turnsVideo(first) ? TurningSink(writer) : writer)
        return SegmentResult(
            outcome: outcome, frames: writer.frames, reordering: writer.reordering,
            bytes: writer.codedBytes, concealed: source.concealedCount - concealed,
            losses: losses.report,
            warnings: writer.losses)
    }

    /// Joins files of parts, from the first on, and everything else of the source into the output.
    ///
    /// - Parameter parts: The file of each, and what came of it. Fewer than there are segments make an output that ends
    ///   where they do.
    /// - Throws: `MediaError`, `OutputError`; no output is then left behind.
    public func join(_ parts: [(path: String, result: SegmentResult)]) throws -> VideoJobResult {
        precondition(!parts.isEmpty && parts.count <= segments.count, "\(parts.count) parts")
        let start = monotonicSeconds()
        let writer = try job.openWriter(
            for: first,
            joining: SegmentSample(
                path: parts[0].path, reordering: parts.map(\.result.reordering).max()!),
            upTo: parts.count < segments.count ? segments[parts.count].start : nil)
        var outcome = PipelineOutcome()
        var losses: [String] = []
        var lost = LossReport()
        do {
            for part in parts {
                try writer.append(part.path, frames: part.result.frames)
                outcome.framesIn += part.result.outcome.framesIn
                outcome.framesOut += part.result.outcome.framesOut
                outcome.repeated += part.result.outcome.repeated
                outcome.recalled += part.result.outcome.recalled
                outcome.elapsed += part.result.outcome.elapsed
                lost.append(part.result.losses)
                for warning in part.result.warnings where !losses.contains(warning) {
                    losses.append(warning)
                }
            }
            try writer.finish()
        } catch {
            writer.abandon()
            throw error
        }
        outcome.elapsed += monotonicSeconds() - start
        return job.result(
            outcome, concealed: parts.reduce(0) { $0 + $1.result.concealed }, lost, losses, first,
            writer)
    }
}

extension VideoJob {
    /// Chooses everything that all segments have in common: call it before the first.
    ///
    /// - Parameter isOrdered: Whether each part is worked after all those before it, and told what came of them.
    /// - Throws: What ``run(_:pipeline:isRehearsal:)`` throws before its work.
    public func beginSegments(
        _ segments: [Segment], _ model: (any RestorationModel)?, isOrdered: Bool = false,
        shouldStop: @escaping () -> Bool = { false }
    ) throws -> SegmentedJob {
        keepsSize = isOrdered
        let first = try begin(PeekedSource(source), model, shouldStop)
        return try SegmentedJob(self, segments, first, model)
    }
}
