// One video from file to file: what is read, what is written, and everything that is copied.
import Media

/// Enhances one input. Making the job checks everything that can be checked before any work.
public final class VideoJob {
    /// Seconds of a preview.
    public static let previewLength = 5.0

    /// The request; a preview's part of the input is filled in.
    public internal(set) var request: VideoJobRequest
    /// Where frames come from.
    public let source: any FrameSource
    /// About how many frames will be written, whichever part of them ``source`` reads at the time; nil where nobody knows.
    public let frameCount: Int?
    /// What becomes of every stream; nil where input or output has none but its frames.
    public let streams: StreamPlan?
    /// How the fields belong together.
    public let fieldPattern: FieldPattern
    /// Why the input counts as truncated; nil where it is whole or nobody can tell.
    public let truncation: String?
    let kind: OutputKind
    let hasCaptions: Bool
    /// Whether what was never decoded is filled from other frames.
    public let fillsLosses: Bool
    private let timeline: Timeline?
    private let readableSeconds: Double?
    /// Frames a second, where every one of a file has its place on a grid.
    let constantRate: Rational?
    /// Bits a second of the source's video: counted, where the file could be read through in time.
    let sourceBitrate: Int64?
    var fit: SizeTrial.Fit?
    /// Whether whatever encodes the video makes up for what a trial misjudged.
    var keepsSize = true
    private var writer: VideoWriter?
    /// What is recalled, once it was looked for.
    private var memory: ClipMemory??

    /// Opens the input and plans the output.
    ///
    /// - Throws: `MediaError` or `OutputError`, before anything is written.
    public init(_ request: VideoJobRequest) throws {
        var request = request
        request.reading.losses = request.concealment.handling
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
        let isInterlaced = fieldPattern == .topFirst || fieldPattern == .bottomFirst
        // Lost rows of one field are not those of the other: nothing here is made for that.
        fillsLosses = request.concealment == .auto && !isInterlaced
        if !fillsLosses {
            request.reading.losses = request.concealment == .off ? .none : .report
            reader?.leaveLosses()
        }
        var plan = reader == nil ? nil : try VideoJob.plan(request, for: kind)
        plan?.countedBitrates = counted
        streams = plan
        timeline = reader.map { VideoJob.timeline(request, $0) }
        if let reader, request.start != nil || request.end != nil {
            try reader.read(
                from: request.start ?? 0, to: request.end, context: Surroundings.largestRadius)
        }
        self.request = request
        self.source = source
        frameCount = source.estimatedFrameCount
    }

    // MARK: - What is known before any work

    /// Seconds of video that will be written; nil where nobody knows.
    public var duration: Double? {
        let declared = frameCount.flatMap { count in
            source.frameRate.value > 0 ? Double(count) / source.frameRate.value : nil
        }
        guard let readableSeconds else { return declared }
        return min(declared ?? readableSeconds, readableSeconds)
    }

    /// Reads a frame, and checks that the output can hold what is made of it. For jobs that are only planned.
    ///
    /// - Throws: `MediaError.noFrames(path:)`, `OutputError.videoDoesNotFit(path:what:container:advice:)`.
    public func requireFit() throws {
        guard let first = try source.next() else { throw MediaError.noFrames(path: request.input) }
        guard case .video = kind else { return }
        _ = try VideoWriter.check(
            path: request.output, video: description(first), settings: request.encoding)
    }

    /// When the input begins, in seconds of its own clock.
    public var startTime: Double { (source as? VideoReader)?.source.info.startTime ?? 0 }

    /// When the input begins, in the unit of its frames' times.
    public var firstTime: Int64 {
        guard let reader = source as? VideoReader, let start = reader.source.info.startTime else {
            return 0
        }
        return Int64((start / reader.timeBase.value).rounded())
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
        var plan = try StreamPlan(source, into: container, isStrict: isStrict, path: request.output)
        plan.stopsAtDamage = request.reading.isStrict
        return plan
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
        _ model: (any RestorationModel)?, pipeline: FramePipeline = FramePipeline(),
        isRehearsal: Bool = false
    ) throws -> VideoJobResult {
        let peeked = PeekedSource(source)
        let first = try begin(peeked, model, pipeline.shouldStop)
        // After the trial, which has a network of its own.
        let stage = try stage(model, shouldStop: pipeline.shouldStop)
        let sink = try sink(for: first)
        var pipeline = pipeline
        let reader = source as? VideoReader
        if let reader { pipeline.isWanted = { reader.isInsideWindow($0) } }
        let lost = LossList(reader)
        pipeline.noting(lost)
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
        var losses: [String] = []
        if lostCaptions {
            losses.append(Captions.loss(to: kind.name, advice: VideoJob.placeForCaptions))
        }
        return result(outcome, concealed: source.concealedCount, lost.report, losses, first, sink)
    }

    /// Looks at the first frame for everything that has to be decided before the work.
    func begin(
        _ source: PeekedSource, _ model: (any RestorationModel)?,
        _ shouldStop: @escaping () -> Bool
    ) throws -> Frame {
        guard let first = try source.peek() else {
            throw MediaError.noFrames(path: request.input)
        }
        try requirePlaceForCaptions(first)
        if fit == nil { try fitQuality(to: first, model, shouldStop) }
        return first
    }

    /// What is reported of a job whose sink is finished.
    func result(
        _ outcome: PipelineOutcome, concealed: Int, _ lost: LossReport, _ losses: [String],
        _ first: Frame, _ sink: any FrameSink
    ) -> VideoJobResult {
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
        warnings += losses
        if let line = lost.line(isFilled: fillsLosses) {
            warnings.append("\(request.input): \(line)")
        }
        if (source as? VideoReader)?.hasLostTrack ?? false {
            warnings.append(
                "\(request.input): damaged too far from a key frame to say which blocks were lost; "
                    + "they are left as they are")
        }
        if let line = excess(Int64(sink.bytesWritten)) { warnings.append(line) }
        if let truncation { warnings.append("\(request.input): truncated: \(truncation)") }
        return VideoJobResult(
            outcome: outcome, concealed: concealed, warnings: warnings, losses: lost,
            encoder: writer?.encoder.rawValue, encoderOptions: writer?.encoderOptions ?? [],
            turning: turnsVideo(first) ? (first.rotation, first.isMirrored) : nil,
            bytesIn: (source as? VideoReader)?.source.info.byteCount
                ?? Machine.fileSize(request.input),
            bytesOut: Int64(sink.bytesWritten))
    }

    /// Whether the two fields of a frame are two instants.
    public var isInterlaced: Bool { fieldPattern == .topFirst || fieldPattern == .bottomFirst }

    /// What frames flow through.
    ///
    /// - Parameter shouldStop: Asked while key frames are read; then nothing of the work is wanted any more.
    func stage(
        _ model: (any RestorationModel)?, shouldStop: () -> Bool
    ) throws -> (any FrameStage)? {
        guard let model else { return request.enhancement.depth.map { DepthChange(depth: $0) } }
        var options = request.enhancement
        options.bitsPerPixel = (source as? VideoReader)?.bitsPerPixel
        if !isInterlaced, let memory = clipMemory(for: model, shouldStop) {
            // Both come from one file, but only one of them went through its declared size.
            if (memory.width, memory.height) == (source.width, source.height) {
                options.memory = memory
            }
        }
        let stage: any FrameStage =
            isInterlaced
            ? try FieldEnhancer(
                model, width: source.width, height: source.height, options: options)
            : try model.stage(
                width: source.width, height: source.height, options: options)
        return request.isPreview ? SplitScreen(stage) : stage
    }

    /// The clip's key frames, read once; nil where nothing is to be recalled, or they cannot be read.
    private func clipMemory(
        for model: any RestorationModel, _ shouldStop: () -> Bool
    ) -> ClipMemory? {
        guard request.recallsKeyFrames, model.recallsKeyFrames, request.enhancement.strength > 0,
            source is VideoReader
        else { return nil }
        if let memory { return memory }
        // What is wrong with the file is said where its frames are read.
        let found = try? ClipMemory(
            path: request.input, options: request.reading, threads: request.enhancement.threads,
            shouldStop: shouldStop)
        memory = .some(found)
        return found
    }

    /// Opens the output of a video.
    ///
    /// - Parameters:
    ///   - segment: One of those that will be joined; nil: frames will be written.
    ///   - end: Where the output ends in the source's time, before it otherwise would; nil: it does not.
    func openWriter(
        for first: Frame, joining segment: SegmentSample? = nil, upTo end: Int64? = nil
    ) throws -> VideoWriter {
        var timeline = timeline
        if let end {
            let earlier = min(end, timeline?.end ?? end)
            timeline?.end = earlier
        }
        let writer = try VideoWriter(
            path: request.output, video: description(first), settings: request.encoding,
            copying: streams, timeline: timeline, overwrite: request.overwrite, joining: segment)
        writer.expectedBytes = expectedBytes
        self.writer = writer
        return writer
    }

    private func sink(for first: Frame) throws -> any FrameSink {
        let inputs = request.input == "-" ? [] : [request.input]
        switch kind {
        case .video:
            let writer = try openWriter(for: first)
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
}
