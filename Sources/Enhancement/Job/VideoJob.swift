// One video from file to file: what is read, what is written, and everything that is copied.
import Media

/// What a job is asked to do.
public struct VideoJobRequest: Sendable {
    /// Input and output paths.
    public var input: String, output: String
    /// How frames are enhanced, read and encoded.
    public var enhancement = EnhancementOptions()
    public var reading = ReadOptions()
    public var encoding = EncoderSettings()
    /// Part of the input in seconds from its first timestamp; nil: from the beginning, to the end.
    public var start: Double?, end: Double?
    /// What to do where the output exists, and whether a stream that does not fit stops the job.
    public var overwrite: OverwritePolicy = .refuse
    public var isStrictAboutStreams = false

    /// A job with default options.
    public init(input: String, output: String) {
        self.input = input
        self.output = output
    }
}

/// What a finished job has to report.
public struct VideoJobResult: Sendable {
    /// What the pipeline did.
    public var outcome: PipelineOutcome
    /// Frames that the decoder concealed, and one line for each thing people should know.
    public var concealed: Int, warnings: [String]
    /// Sizes of the files.
    public var bytesIn: Int64, bytesOut: Int64
}

/// Enhances one video file. Making the job checks everything that can be checked before any work.
public final class VideoJob {
    /// The request as given.
    public let request: VideoJobRequest
    /// The opened video.
    public let reader: VideoReader
    /// What becomes of every stream.
    public let streams: StreamPlan
    private let timeline: Timeline

    /// Opens the input and plans the output.
    ///
    /// - Throws: `MediaError` or `OutputError`, before anything is written.
    public init(_ request: VideoJobRequest) throws {
        self.request = request
        guard let container = Container(path: request.output) else {
            throw OutputError.unknownContainer(
                path: request.output, known: ".mp4, .mov, .mkv or .webm")
        }
        _ = try OutputFile.check(
            path: request.output, overwrite: request.overwrite, inputs: [request.input])
        reader = try VideoReader(path: request.input, options: request.reading)
        let source = try SourceStreams(path: request.input)
        streams = try StreamPlan(
            source, into: container, isStrict: request.isStrictAboutStreams, path: request.output)
        timeline = VideoJob.timeline(request, reader)
        if request.start != nil || request.end != nil {
            try reader.read(from: request.start ?? 0, to: request.end, context: 1)
        }
    }

    private static func timeline(_ request: VideoJobRequest, _ reader: VideoReader) -> Timeline {
        var timeline = Timeline(timeBase: reader.timeBase)
        let origin = (reader.source.info.startTime ?? 0)
        func ticks(_ seconds: Double) -> Int64 {
            Int64(((seconds + origin) / reader.timeBase.value).rounded())
        }
        timeline.start = request.start.map(ticks)
        timeline.end = request.end.map(ticks)
        timeline.origin = request.start.map { ticks($0) - ticks(0) } ?? 0
        return timeline
    }

    /// Reads, enhances and writes all frames.
    ///
    /// - Parameter model: nil copies the decoder's samples.
    /// - Throws: What the parts throw; then no output is left behind.
    public func run(
        _ model: EnhancementModel?, pipeline: FramePipeline = FramePipeline()
    ) throws -> VideoJobResult {
        let enhancer = try model.map {
            try FrameEnhancer(
                $0, width: reader.width, height: reader.height, options: request.enhancement)
        }
        let source = PeekedSource(reader)
        guard let first = try source.peek() else {
            throw MediaError.noFrames(path: request.input)
        }
        var video = VideoDescription(frame: first, frameRate: reader.frameRate)
        video.format.depth = max(first.format.depth, request.enhancement.depth ?? 0)
        video.hdr = reader.hdr.fixed
        video.duration = reader.estimatedFrameCount.flatMap { count in
            reader.frameRate.value > 0 ? Double(count) / reader.frameRate.value : nil
        }
        video.sourceBitrate = streams.source.videoBitrate
        let writer = try VideoWriter(
            path: request.output, video: video, settings: request.encoding, copying: streams,
            timeline: timeline, overwrite: request.overwrite)
        var pipeline = pipeline
        pipeline.isWanted = { [reader] in reader.isInsideWindow($0) }
        let outcome = try pipeline.run(from: source, through: enhancer, to: writer)
        var warnings = writer.warnings
        if let conversion = reader.conversion { warnings.append(conversion) }
        return VideoJobResult(
            outcome: outcome, concealed: reader.concealedCount, warnings: warnings,
            bytesIn: reader.source.info.byteCount, bytesOut: Int64(writer.bytesWritten))
    }
}

/// A source whose first frame can be looked at before it is taken.
final class PeekedSource: FrameSource, @unchecked Sendable {
    private let source: any FrameSource
    private var peeked: Frame?

    init(_ source: any FrameSource) { self.source = source }

    var width: Int { source.width }
    var height: Int { source.height }
    var format: FrameFormat { source.format }
    var timeBase: Rational { source.timeBase }
    var frameRate: Rational { source.frameRate }
    var estimatedFrameCount: Int? { source.estimatedFrameCount }
    var conversion: String? { source.conversion }
    var concealedCount: Int { source.concealedCount }

    func peek() throws -> Frame? {
        if peeked == nil { peeked = try source.next() }
        return peeked
    }

    func next() throws -> Frame? {
        defer { peeked = nil }
        return try peeked ?? source.next()
    }
}
