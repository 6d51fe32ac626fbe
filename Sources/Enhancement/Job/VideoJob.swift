// One video from file to file: what is read, what is written, and everything that is copied.
import Media

/// How the fields of the input are to be taken.
public enum FieldHandling: Sendable, Equatable {
    /// As the pictures show, whatever the flags say.
    case detect
    /// As the person says.
    case given(FieldPattern)
}

/// What a job is asked to do.
public struct VideoJobRequest: Sendable {
    /// Input and output paths; `-` is yuv4mpeg from or to a pipe.
    public var input: String, output: String
    /// How frames are enhanced, read and encoded.
    public var enhancement = EnhancementOptions()
    public var reading = ReadOptions()
    public var encoding = EncoderSettings()
    /// Part of the input in seconds from its first timestamp; nil: from the beginning, to the end.
    public var start: Double?, end: Double?
    /// Frames a second of a sequence of pictures.
    public var frameRate: Rational?
    /// Whether pictures are interlaced.
    public var fields: FieldHandling = .detect
    /// Whether what can be read of a truncated file is kept.
    public var isLenient = false
    /// Whether only 5 seconds from the middle are enhanced, beside their originals.
    public var isPreview = false
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
    /// Frames that the decoder concealed, and one line for each thing people should know that the
    /// job did not know before.
    public var concealed: Int, warnings: [String]
    /// The encoder in use, by FFmpeg's name; nil where frames are not encoded as video.
    public var encoder: String?
    /// What it was told, option by option; empty without an encoder.
    public var encoderOptions: [(key: String, value: String)]
    /// How samples were turned because the container could not say that they should be; nil: not.
    public var turning: (rotation: Int, isMirrored: Bool)?
    /// Sizes of the files.
    public var bytesIn: Int64, bytesOut: Int64
}

/// Enhances one input. Making the job checks everything that can be checked before any work.
public final class VideoJob {
    /// Seconds of a preview.
    public static let previewLength = 5.0

    /// The request; a preview's part of the input is filled in.
    public private(set) var request: VideoJobRequest
    /// Where frames come from.
    public let source: any FrameSource
    /// What becomes of every stream; nil where input or output has none but its frames.
    public let streams: StreamPlan?
    /// How the fields belong together.
    public let fieldPattern: FieldPattern
    /// Why the input counts as truncated; nil where it is whole or nobody can tell.
    public let truncation: String?
    private let kind: OutputKind
    private let hasCaptions: Bool
    private let timeline: Timeline?
    private let readableSeconds: Double?
    /// Frames a second, where every one of a file has its place on a grid.
    private let constantRate: Rational?
    /// Bits a second of the source's video: counted, where the file could be read through in time.
    private let sourceBitrate: Int64?
    private var fit: SizeTrial.Fit?
    private var writer: VideoWriter?

    /// Opens the input and plans the output.
    ///
    /// - Throws: `MediaError` or `OutputError`, before anything is written.
    public init(_ request: VideoJobRequest) throws {
        var request = request
        let source = try openSource(
            path: request.input, frameRate: request.frameRate, options: request.reading)
        kind = try OutputKind(path: request.output)
        if request.output != "-" {
            _ = try OutputFile.check(
                path: request.output, overwrite: request.overwrite,
                inputs: request.input == "-" ? [] : [request.input])
        }
        if case .still = kind, source.estimatedFrameCount != 1 {
            throw MediaError.usage(
                "\(request.output): a picture holds one frame; name a video or a pattern as %06d.png"
            )
        }
        let reader = source as? VideoReader
        var counted: [Int64] = []
        if let reader {
            let scan = try PacketScan(path: request.input, options: request.reading)
            if !request.isLenient { try scan.check() }
            truncation = scan.truncation
            readableSeconds = scan.truncation == nil ? nil : scan.readableSeconds
            constantRate = scan.constantRate
            let declared = reader.source.info.videoBitrate
            sourceBitrate = scan.isComplete ? scan.videoBitRate ?? declared : declared
            let seconds = scan.readableSeconds
            if scan.isComplete, seconds > 0 {
                counted = scan.streamBytes.map { Int64(Double($0) * 8 / seconds) }
            }
            if request.isPreview { VideoJob.choosePreview(&request, reader) }
        } else {
            truncation = nil
            readableSeconds = nil
            constantRate = source.frameRate
            sourceBitrate = nil
            guard request.start == nil, request.end == nil, !request.isPreview else {
                throw MediaError.usage(
                    "\(request.input): --start, --end and --preview want a video file")
            }
        }
        let look = try FirstLook(request, reader)
        fieldPattern = look.fieldPattern
        hasCaptions = look.hasCaptions
        var plan = reader == nil ? nil : try VideoJob.plan(request, for: kind)
        plan?.countedBitrates = counted
        streams = plan
        timeline = reader.map { VideoJob.timeline(request, $0) }
        if let reader, request.start != nil || request.end != nil {
            try reader.read(from: request.start ?? 0, to: request.end, context: 1)
        }
        self.request = request
        self.source = source
    }

    // MARK: - What is known before any work

    /// About how many frames will be written; nil where nobody knows.
    public var frameCount: Int? { source.estimatedFrameCount }

    /// Seconds of video that will be written; nil where nobody knows.
    public var duration: Double? {
        let declared = source.estimatedFrameCount.flatMap { count in
            source.frameRate.value > 0 ? Double(count) / source.frameRate.value : nil
        }
        guard let readableSeconds else { return declared }
        return min(declared ?? readableSeconds, readableSeconds)
    }

    /// About how large the output will be, in bytes; until the quality is fitted, at most; nil where
    /// nothing limits it.
    public var expectedBytes: Int64? {
        switch kind {
        case .video: return expectedVideoBytes
        case .yuv4mpeg, .sequence, .still:
            guard request.output != "-", let count = source.estimatedFrameCount else { return nil }
            let format = source.format
            let samples = (0..<format.planeCount).reduce(0) { sum, index in
                let size = format.planeSize(index, width: source.width, height: source.height)
                return sum + size.width * size.height
            }
            return Int64(count) * Int64(samples * format.bytesPerSample)
        }
    }

    private var expectedVideoBytes: Int64? {
        if case .bytes(let bytes) = request.encoding.size { return bytes }
        guard let duration, let streams, let bitrate = sourceBitrate else {
            return nil
        }
        let factor: Double
        switch request.encoding.size {
        case .factor(let value): factor = value
        case .auto where request.encoding.crf == nil: factor = fit?.ratio ?? 2
        default: return nil
        }
        let bits = Double(bitrate) * factor + Double(streams.otherBitrate)
        return Int64(bits / 8 * duration)
    }

    /// Stops the job where the disk cannot hold the output.
    ///
    /// - Throws: ``OutputError/tooLittleSpace(path:needed:available:)``.
    public func requireSpace() throws {
        if let expectedBytes, request.output != "-" {
            try DiskSpace.require(expectedBytes, for: request.output)
        }
    }

    private static func choosePreview(_ request: inout VideoJobRequest, _ reader: VideoReader) {
        let rate = reader.frameRate.value
        let counted = reader.estimatedFrameCount.flatMap { rate > 0 ? Double($0) / rate : nil }
        let length = reader.source.info.duration ?? counted ?? 0
        let first = request.start ?? 0
        let last = request.end ?? max(length, first)
        let start = max(first, (first + last - previewLength) / 2)
        request.start = start
        request.end = min(max(last, start + 0.1), start + previewLength)
    }

    private static func plan(
        _ request: VideoJobRequest, for kind: OutputKind
    ) throws -> StreamPlan {
        let source = try SourceStreams(path: request.input)
        let isStrict = request.isStrictAboutStreams
        guard case .video(let container) = kind else {
            return try StreamPlan(
                picturesOf: source, into: kind, isStrict: isStrict, path: request.output)
        }
        return try StreamPlan(source, into: container, isStrict: isStrict, path: request.output)
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

    // MARK: - The work

    /// Reads, enhances and writes all frames.
    ///
    /// - Parameters:
    ///   - model: nil copies the decoder's samples.
    ///   - isRehearsal: whether the output is given up in the end.
    /// - Throws: What the parts throw; then no output is left behind.
    public func run(
        _ model: EnhancementModel?, pipeline: FramePipeline = FramePipeline(),
        isRehearsal: Bool = false
    ) throws -> VideoJobResult {
        let peeked = PeekedSource(source)
        guard let first = try peeked.peek() else {
            throw MediaError.noFrames(path: request.input)
        }
        try requirePlaceForCaptions(first)
        try fitQuality(to: first, model, pipeline.shouldStop)
        // After the trial, which has a network of its own.
        let stage = try stage(model)
        let sink = try sink(for: first)
        var pipeline = pipeline
        let reader = source as? VideoReader
        if let reader { pipeline.isWanted = { reader.isInsideWindow($0) } }
        var lostCaptions = false
        if case .video = kind {
        } else {
            let observe = pipeline.observe
            pipeline.observe = { index, original, enhanced in
                lostCaptions = lostCaptions || !original.captions.isEmpty
                try observe(index, original, enhanced)
            }
        }
        let outcome = try pipeline.run(
            from: peeked, through: stage, to: isRehearsal ? Rehearsal(sink) : sink)
        let known = Set(streams?.warnings ?? [])
        var warnings = (writer?.warnings ?? []).filter { !known.contains($0) }
        let conversions = [
            source.conversion, (sink as? StillWriter)?.conversion,
            (sink as? TurningSink)?.conversion, (sink as? SequenceWriter)?.conversion,
        ]
        warnings += conversions.compactMap { $0 }
        if turnsVideo(first), case .video(let container) = kind {
            warnings.append(
                "the picture is turned upright: \(container.fileExtension) cannot say that it is rotated"
            )
            if first.turned() == nil {
                warnings.append("4:2:2 becomes 4:4:4: turned as it is, no encoder would take it")
            }
        }
        if lostCaptions {
            warnings.append(Captions.loss(to: kind.name, advice: VideoJob.placeForCaptions))
        }
        if let truncation { warnings.append("\(request.input): truncated: \(truncation)") }
        return VideoJobResult(
            outcome: outcome, concealed: source.concealedCount, warnings: warnings,
            encoder: writer?.encoder.rawValue, encoderOptions: writer?.encoderOptions ?? [],
            turning: turnsVideo(first) ? (first.rotation, first.isMirrored) : nil,
            bytesIn: reader?.source.info.byteCount ?? Machine.fileSize(request.input),
            bytesOut: Int64(sink.bytesWritten))
    }

    private static let placeForCaptions = "-o NAME.mkv --encoder libx264 can"

    /// Stops a job that is strict about streams where captions would be lost.
    private func requirePlaceForCaptions(_ first: Frame) throws {
        guard request.isStrictAboutStreams, hasCaptions || !first.captions.isEmpty else { return }
        var place = kind.name
        if case .video = kind {
            let encoder = try VideoWriter.check(
                path: request.output, video: description(first), settings: request.encoding)
            if encoder.writesCaptions { return }
            place = encoder.rawValue
        }
        throw OutputError.streamDoesNotFit(
            path: request.output, stream: "closed captions", container: place,
            advice: VideoJob.placeForCaptions)
    }

    /// Chooses the quality that fits the size by trial, where there is a size to keep to.
    private func fitQuality(
        to first: Frame, _ model: EnhancementModel?, _ shouldStop: @escaping () -> Bool
    ) throws {
        guard case .video = kind, source is VideoReader, request.encoding.crf == nil,
            request.encoding.encoder.flatMap({ Encoder(name: $0) }) != .ffv1
        else { return }
        let video = description(first)
        guard let allowed = try allowedRatio(video), allowed.isFinite else { return }
        let trial = SizeTrial(
            path: request.input, reading: request.reading, start: request.start, end: request.end,
            video: video, allowed: allowed, settings: request.encoding, outputPath: request.output,
            stage: { try self.stage(model) },
            delivering: turnsVideo(first) ? { $0.turnedUpright() } : { $0 }, shouldStop: shouldStop)
        do {
            fit = try trial.run()
        } catch is MediaError {
            // Where a sample cannot be read, the cap serves without a trial; if the file is at
            // fault, the job itself says so.
            fit = nil
        }
        request.encoding.fittedQuality = fit?.quality
        request.encoding.isFitExact = fit?.isExact ?? false
    }

    /// How many times the source's bits the video may take; nil where that cannot be said.
    private func allowedRatio(_ video: VideoDescription) throws -> Double? {
        guard let source = video.sourceBitrate, source > 0 else { return nil }
        let size = request.encoding.size
        if size == .auto { return 2 }
        let facts = SizeFacts(
            video, otherBitrate: streams?.otherBitrate ?? 0, request.encoding)
        return try size.wantedRate(facts, path: request.output).map { $0 / Double(source) }
    }

    private func stage(_ model: EnhancementModel?) throws -> (any FrameStage)? {
        guard let model else { return request.enhancement.depth.map { DepthChange(depth: $0) } }
        let isInterlaced = fieldPattern == .topFirst || fieldPattern == .bottomFirst
        var options = request.enhancement
        options.bitsPerPixel = (source as? VideoReader)?.bitsPerPixel
        let stage: any FrameStage =
            isInterlaced
            ? try FieldEnhancer(
                model, width: source.width, height: source.height, options: options)
            : try FrameEnhancer(
                model, width: source.width, height: source.height, options: options)
        return request.isPreview ? SplitScreen(stage) : stage
    }

    private func sink(for first: Frame) throws -> any FrameSink {
        let inputs = request.input == "-" ? [] : [request.input]
        switch kind {
        case .video:
            let writer = try VideoWriter(
                path: request.output, video: description(first), settings: request.encoding,
                copying: streams, timeline: timeline, overwrite: request.overwrite)
            writer.expectedBytes = expectedBytes
            self.writer = writer
            return turnsVideo(first) ? TurningSink(writer) : writer
        case .yuv4mpeg:
            return try Y4MWriter(
                path: request.output, video: description(first), overwrite: request.overwrite,
                inputs: inputs)
        case .sequence:
            return try SequenceWriter(path: request.output, overwrite: request.overwrite)
        case .still:
            // Orientation becomes a matter of rows and columns where samples can be turned.
            var metadata = (source as? StillReader)?.metadata ?? StillMetadata()
            let canTurn = first.turned() != nil
            if canTurn { metadata = metadata.upright() }
            let writer = try StillWriter(
                path: request.output, metadata: metadata, overwrite: request.overwrite,
                inputs: inputs)
            return canTurn ? TurningSink(writer) : writer
        }
    }

    /// Whether samples are turned because the container cannot say that they should be.
    ///
    /// Fields would become columns in a quarter turn: that is left to the writer, which refuses it. Upside
    /// down they stay fields where luma and chroma have an even number of rows.
    private func turnsVideo(_ first: Frame) -> Bool {
        guard case .video(let container) = kind, !container.holdsRotation,
            first.rotation != 0 || first.isMirrored
        else { return false }
        if fieldPattern == .progressive || first.rotation == 0 { return true }
        return first.rotation == 180
            && first.planes.allSatisfy { $0.height % 2 == first.height % 2 }
    }

    private func description(_ first: Frame) -> VideoDescription {
        let isTurned = turnsVideo(first)
        let swapsFields = isTurned && first.rotation == 180 && first.height % 2 == 0
        let first = isTurned ? first.turnedUpright() : first
        let reader = source as? VideoReader
        var video = VideoDescription(frame: first, frameRate: source.frameRate)
        video.format.depth = max(first.format.depth, request.enhancement.depth ?? 0)
        if case .video(.avi) = kind {
            video.frameRate = constantRate ?? source.frameRate
            video.hasVariableRate = constantRate == nil
        }
        video.hdr = reader?.hdr
        video.duration = duration
        video.sourceBitrate = sourceBitrate
        video.sourceCodec = reader?.stream.codec
        switch fieldPattern {
        case .topFirst: video.fieldOrder = swapsFields ? .bottomFirst : .topFirst
        case .bottomFirst: video.fieldOrder = swapsFields ? .topFirst : .bottomFirst
        case .progressive, .telecine: video.fieldOrder = .progressive
        }
        return video
    }
}

/// A sink whose output never gets its name.
private final class Rehearsal: FrameSink {
    private let sink: any FrameSink
    init(_ sink: any FrameSink) { self.sink = sink }
    var bytesWritten: Int { sink.bytesWritten }
    func write(_ frame: Frame) throws { try sink.write(frame) }
    func finish() throws { sink.abandon() }
    func abandon() { sink.abandon() }
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
