// A video file: enhanced frames through an encoder, everything else copied beside them.
import CFFmpeg
import Glibc

/// Writes frames and the copied streams of their source into one file, which appears when complete.
public final class VideoWriter: FrameSink {
    /// The encoder in use.
    public let encoder: Encoder
    /// What people should know of the output: streams left out, things that had to change.
    public private(set) var warnings: [String]
    /// Frames written.
    public private(set) var frameCount = 0
    /// Frames whose time was not later than the frame's before and moved by a tick.
    public private(set) var adjustedTimestamps = 0

    private let video: VideoDescription
    private let file: OutputFile
    private let muxer: Muxer
    private let coder: VideoEncoder
    private let stream: UnsafeMutablePointer<AVStream>
    private let copier: StreamCopier?
    private let timeline: Timeline
    private let packet: UnsafeMutablePointer<AVPacket>
    private var firstTime: Int64?, lastTimestamp: Int64?
    private var durations: [Int64: Int64] = [:]
    private var isFinished = false
    private var joint: SegmentJoint?

    /// Opens the output and writes its header.
    ///
    /// - Parameters:
    ///   - path: its extension says the container.
    ///   - video: what the frames have in common.
    ///   - plan: the source's other streams; nil: video alone.
    ///   - timeline: shift and cut of every stream; nil: the source's own time.
    ///   - overwrite: what to do when `path` exists.
    ///   - capacity: bytes after which writing fails as on a full disk; nil: no limit.
    ///   - segment: one of the segments that will be joined (see ``append(_:frames:)``); nil: frames will be written.
    /// - Throws: ``OutputError`` or ``MediaError``; nothing is then left behind.
    public init(
        path: String, video: VideoDescription, settings: EncoderSettings = EncoderSettings(),
        copying plan: StreamPlan? = nil, timeline: Timeline? = nil,
        overwrite: OverwritePolicy = .refuse, capacity: Int? = nil,
        joining segment: SegmentSample? = nil
    ) throws {
        guard let container = Container(path: path) else {
            throw OutputError.unknownContainer(path: path, known: ".mp4, .mov, .mkv or .webm")
        }
        let video = video.timed(for: container)
        precondition(plan.map { $0.container == container } ?? true, "the plan is for another file")
        self.video = video
        let time = timeline ?? Timeline(timeBase: video.timeBase)
        self.timeline = time
        warnings = plan?.warnings ?? []
        let coder = try VideoWriter.coder(
            path: path, container, video: video, settings: settings,
            otherBitrate: plan?.otherBitrate ?? 0)
        self.coder = coder
        encoder = coder.encoder
        file = try OutputFile(
            path: path, overwrite: overwrite, inputs: plan.map { [$0.source.path] } ?? [],
            capacity: capacity)
        let muxer = try Muxer(container, file: file)
        self.muxer = muxer
        copier = try plan.map { try StreamCopier($0, muxer: muxer, timeline: time) }
        packet = try allocated(av_packet_alloc())
        // The order of the streams is the source's.
        var made: UnsafeMutablePointer<AVStream>?
        for entry in plan?.entries ?? [] {
            if entry.action == .enhance {
                made = try muxer.addStream()
            } else {
                try copier?.addStream(entry)
            }
        }
        stream = try made ?? muxer.addStream()
        try copier?.addChaptersAndMetadata()
        let original = plan.flatMap { plan in
            plan.source.videoIndex.map { plan.source.stream($0) }
        }
        let track = VideoTrack(video: video, coder: coder, container: container)
        try track.describe(stream, original: original, timeline: time, muxer: muxer)
        if let segment { joint = try SegmentJoint(stream, like: segment) }
        if let profile = video.hdr?.dolbyVisionProfile {
            warnings.append(
                "Dolby Vision (profile \(profile)) records are removed: they describe the old picture"
            )
        }
        if video.hdr?.hasHDR10Plus == true {
            warnings.append("HDR10+ records are removed: they describe the old picture")
        }
        let (width, height) = coder.codedSize
        if width != video.width || height != video.height {
            warnings.append(
                "\(encoder.rawValue) wants even sizes: \(video.width)x\(video.height) is written as"
                    + " \(width)x\(height), its last column or row repeated")
        }
        try muxer.writeHeader(track.muxerOptions(muxer))
        try copier?.begin()
    }

    /// Checks before any work that the container and the encoder can hold the video as it is.
    ///
    /// - Returns: the encoder that would be used.
    /// - Throws: ``OutputError``.
    @discardableResult
    public static func check(
        path: String, video: VideoDescription, settings: EncoderSettings
    ) throws -> Encoder {
        guard let container = Container(path: path) else {
            throw OutputError.unknownContainer(path: path, known: ".mp4, .mov, .mkv or .webm")
        }
        guard (video.rotation == 0 && !video.isMirrored) || container.holdsRotation else {
            let isInterlaced = video.fieldOrder != .progressive
            throw OutputError.videoDoesNotFit(
                path: path,
                what: (isInterlaced ? "interlaced video" : "a picture")
                    + " that is to be turned by \(video.rotation) degrees",
                container: container.fileExtension,
                advice: Container.matroska.holdsRotation
                    ? "use .mkv, .mp4 or .mov" : "use .mp4 or .mov")
        }
        guard !video.hasVariableRate || container != .avi else {
            throw OutputError.videoDoesNotFit(
                path: path, what: "video of variable frame rate",
                container: container.fileExtension, advice: "use .mkv or .mp4")
        }
        if let profile = video.hdr?.dolbyVisionProfile, profile == 5 {
            throw MediaError.unsupported(
                path: path,
                what: "the source is Dolby Vision profile 5, whose colours only its own"
                    + " metadata explains", advice: "convert it to HDR10 first")
        }
        if let saving = Encoder.savingBits(video, settings: settings, container: container) {
            return saving
        }
        return try Encoder.choose(settings.encoder, for: video, in: container, path: path)
    }

    /// The encoder for a video that goes to `path`.
    ///
    /// - Parameter video: timed for the container.
    static func coder(
        path: String, _ container: Container, video: VideoDescription, settings: EncoderSettings,
        otherBitrate: Int64
    ) throws -> VideoEncoder {
        let facts = SizeFacts(video, otherBitrate: otherBitrate, settings)
        let encoder = try check(path: path, video: video, settings: settings)
        var rate = try settings.size.rateControl(
            facts, crf: settings.crf, encoder: encoder, path: path)
        if let part = settings.part { rate = rate.with(part, steers: settings.crf == nil) }
        return try VideoEncoder(
            encoder, video: video, settings: settings, rate: rate, container: container, path: path)
    }

    /// What the encoder was told: option by option, in its own names (`crf`, `preset`, `maxrate` ...).
    public var encoderOptions: [(key: String, value: String)] { coder.told }

    /// The name under which the file grows.
    public var partPath: String { file.partPath }

    /// Bytes in the file so far.
    public var bytesWritten: Int { file.bytesWritten }

    /// What the whole file is expected to need: a full disk then says so.
    public var expectedBytes: Int64? {
        get { file.expectedBytes }
        set { file.expectedBytes = newValue }
    }

    /// Writes the next frame.
    ///
    /// - Throws: ``OutputError/diskFull(path:written:needed:)`` or ``MediaError``.
    public func write(_ frame: Frame) throws {
        precondition(!isFinished && joint == nil, "write after finish, or between segments")
        precondition(
            frame.format == video.format && frame.width == video.width
                && frame.height == video.height, "the frame is not of the video that was announced")
        let time = place(FrameTime(frame))
        durations[time.timestamp] = time.duration
        try coder.send(frame, timestamp: time.timestamp, duration: time.duration)
        frameCount += 1
        try drain()
    }

    /// Writes the packets of a segment that ``SegmentWriter`` wrote, one after the other.
    ///
    /// - Parameters:
    ///   - path: the segment's file.
    ///   - frames: times of its frames, in the order in which they are shown.
    /// - Throws: ``MediaError``, also where the segment has other frames, or was encoded in another way.
    public func append(_ path: String, frames: [FrameTime]) throws {
        precondition(!isFinished && joint != nil, "a writer of frames, or a finished one")
        let times = frames.map(place)
        let reader = try SegmentReader(path: path)
        try joint!.check(reader)
        let step = nominalDuration(after: times.first?.timestamp ?? 0)
        joint!.expect(times.map(\.timestamp), step: step)
        var count = 0
        while let index = try reader.next(packet) {
            defer { av_packet_unref(packet) }
            guard times.indices.contains(index), count < times.count else {
                throw reader.damage("frame \(index)")
            }
            packet.pointee.pts = times[index].timestamp
            packet.pointee.dts = joint!.nextDecodingTime()
            packet.pointee.duration = times[index].duration
            guard packet.pointee.dts <= packet.pointee.pts else {
                throw reader.damage("frame \(index) is decoded after it is shown")
            }
            try deliver()
            count += 1
        }
        guard count == times.count else {
            throw reader.damage("\(count) frames instead of \(times.count)")
        }
        frameCount += count
    }

    /// The time of the next frame in the output.
    private func place(_ frame: FrameTime) -> (timestamp: Int64, duration: Int64) {
        let unit = frame.timeBase.avRational
        func ticks(_ time: Int64) -> Int64 { av_rescale_q(time, unit, video.timeBase.avRational) }
        // Counted from the first frame: rounding to coarser ticks must not make two frames one.
        let first = firstTime ?? frame.timestamp
        firstTime = first
        let origin = av_rescale_q(timeline.origin, timeline.timeBase.avRational, unit)
        // Broken files jump anywhere: what wraps around here wraps back.
        var timestamp = ticks(first &- origin) &+ ticks(frame.timestamp &- first)
        var duration = ticks(frame.duration)
        if let earliest = lastTimestamp.map(tickAfter), timestamp < earliest {
            timestamp = earliest
            adjustedTimestamps += 1
        }
        if duration <= 0 { duration = nominalDuration(after: timestamp) }
        lastTimestamp = timestamp
        return (timestamp, duration)
    }

    /// Writes what the encoder still holds and the rest of the copied streams, then names the file.
    public func finish() throws {
        precondition(!isFinished, "finish twice")
        isFinished = true
        do {
            if joint == nil {
                try coder.flush()
                try drain()
            }
            try copier?.copy(upTo: nil)
            try muxer.finish()
        } catch {
            file.abandon()
            throw error
        }
        warnings += copier?.losses ?? []
        if coder.lostCaptions > 0 {
            warnings.append(VideoWriter.lossOfCaptions(to: encoder))
        }
        if adjustedTimestamps > 0 {
            warnings.append("\(adjustedTimestamps) frames repeated a time and moved by one tick")
        }
    }

    static func lossOfCaptions(to encoder: Encoder) -> String {
        Captions.loss(to: "this \(encoder.rawValue)", advice: "--encoder libx264 can")
    }

    /// Removes the unfinished file.
    public func abandon() {
        isFinished = true
        file.abandon()
    }

    private func drain() throws {
        while try coder.receive(packet) {
            defer { av_packet_unref(packet) }
            if let duration = durations.removeValue(forKey: packet.pointee.pts) {
                packet.pointee.duration = duration
            }
            try deliver()
        }
    }

    /// Hands the packet to the muxer, and before it what of the other streams comes before it.
    private func deliver() throws {
        try copier?.copy(
            upTo: av_rescale_q(
                packet.pointee.dts, video.timeBase.avRational, timeline.timeBase.avRational))
        try muxer.write(packet, to: stream, timeBase: video.timeBase.avRational)
    }

    /// The first time after `time` that the container tells apart from it.
    private func tickAfter(_ time: Int64) -> Int64 {
        let own = video.timeBase.avRational, coarse = stream.pointee.time_base
        let tick = av_rescale_q(time, own, coarse)
        var next = max(time + 1, av_rescale_q(tick + 1, coarse, own))
        while av_rescale_q(next, own, coarse) <= tick { next += 1 }
        return next
    }

    private func nominalDuration(after timestamp: Int64) -> Int64 {
        if let rate = video.frameRate, rate.numerator > 0 {
            let frame = AVRational(num: rate.denominator, den: rate.numerator)
            return max(1, av_rescale_q(1, frame, video.timeBase.avRational))
        }
        return lastTimestamp.map { max(1, timestamp - $0) } ?? 1
    }

    deinit {
        file.abandon()
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        av_packet_free(&packet)
    }
}
