// A part of a video, encoded by itself: what is joined with other parts later.
import CFFmpeg

/// Encodes successive frames of a longer video into a Matroska file of their own, which appears when complete.
///
/// In place of times, which Matroska rounds to milliseconds, the file counts frames: the first is at 0 ms, the next at 1 ms.
/// ``VideoWriter/append(_:frames:)`` gives them their times.
public final class SegmentWriter: FrameSink {
    /// Times of the frames written so far.
    public private(set) var frames: [FrameTime] = []
    /// By how many packets at most a frame is decoded before it is shown.
    public private(set) var reordering = 0
    /// Bytes of the frames written so far, as coded.
    public private(set) var codedBytes = 0

    private let video: VideoDescription
    private let coder: VideoEncoder
    private let file: OutputFile
    private let muxer: Muxer
    private let stream: UnsafeMutablePointer<AVStream>
    private let packet: UnsafeMutablePointer<AVPacket>
    private var numbers: [Int64: Int64] = [:]
    private var last: Int64?
    private var packetCount: Int64 = 0
    private var isFinished = false
    /// Whether frames may be decoded in another order than they are shown in. Of codecs that Matroska stores as AVI does,
    /// FFV1 among them, FFmpeg writes the times of decoding: those must be the others.
    private let reorders: Bool

    /// Opens the segment's file.
    ///
    /// - Parameters:
    ///   - path: of the segment; replaced when complete.
    ///   - target: where the whole video will go: its extension says the container.
    ///   - video: what all frames have in common, its duration the whole video's.
    ///   - plan: what stands beside the video there, for the size.
    /// - Throws: ``OutputError`` or ``MediaError``; nothing is then left behind.
    public init(
        path: String, of target: String, video: VideoDescription, settings: EncoderSettings,
        copying plan: StreamPlan? = nil
    ) throws {
        guard let container = Container(path: target), container.holdsSegments else {
            throw OutputError.unknownContainer(path: target, known: ".mp4, .mov, .mkv or .webm")
        }
        self.video = video
        var settings = settings
        settings.part = settings.part ?? PartRate()
        coder = try VideoWriter.coder(
            path: target, container, video: video, settings: settings,
            otherBitrate: plan?.otherBitrate ?? 0)
        file = try OutputFile(path: path, overwrite: .replace)
        muxer = try Muxer(.matroska, file: file)
        muxer.context.pointee.flags |= AVFMT_FLAG_BITEXACT
        packet = try allocated(av_packet_alloc())
        let properties = avcodec_descriptor_get(coder.context.pointee.codec_id)?.pointee.props ?? 0
        reorders = properties & AV_CODEC_PROP_REORDER != 0
        stream = try muxer.addStream()
        try throwing(
            avcodec_parameters_from_context(stream.pointee.codecpar, coder.context),
            "describe the video")
        stream.pointee.time_base = Self.unit
        try muxer.writeHeader(["avoid_negative_ts": "disabled"])
    }

    public var bytesWritten: Int { file.bytesWritten }

    /// What the encoder could not take of the frames, a line each.
    public var losses: [String] {
        coder.lostCaptions > 0 ? [VideoWriter.lossOfCaptions(to: coder.encoder)] : []
    }

    /// Writes the next frame.
    public func write(_ frame: Frame) throws {
        precondition(!isFinished, "write after finish")
        let unit = frame.timeBase.avRational
        let time = FrameTime(frame)
        let first = frames.first?.timestamp ?? time.timestamp
        // Times only tell the encoder how long each frame is shown.
        var own = av_rescale_q(time.timestamp &- first, unit, video.timeBase.avRational)
        if let last { own = max(own, last + 1) }
        last = own
        numbers[own] = Int64(frames.count)
        frames.append(time)
        let duration = av_rescale_q(time.duration, unit, video.timeBase.avRational)
        try coder.send(frame, timestamp: own, duration: max(1, duration))
        try drain()
    }

    public func finish() throws {
        precondition(!isFinished, "finish twice")
        isFinished = true
        do {
            try coder.flush()
            try drain()
            try muxer.finish()
        } catch {
            file.abandon()
            throw error
        }
    }

    public func abandon() {
        isFinished = true
        file.abandon()
    }

    private func drain() throws {
        while try coder.receive(packet) {
            defer { av_packet_unref(packet) }
            guard let number = numbers.removeValue(forKey: packet.pointee.pts) else {
                throw MediaError.library(
                    operation: "encode with \(coder.encoder.rawValue)",
                    reason: "a packet of no frame that it was given")
            }
            reordering = max(reordering, Int(packetCount - number))
            packet.pointee.pts = number
            packet.pointee.dts = reorders ? packetCount - SegmentJoint.longestReordering : number
            packet.pointee.duration = 1
            packetCount += 1
            codedBytes += Int(packet.pointee.size)
            try muxer.write(packet, to: stream, timeBase: Self.unit)
        }
    }

    private static let unit = AVRational(num: 1, den: 1000)

    deinit {
        file.abandon()
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        av_packet_free(&packet)
    }
}
