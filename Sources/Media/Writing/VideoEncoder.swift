// One of FFmpeg's video encoders: frames in, packets out.
import CFFmpeg
import Glibc

/// What a person may say about the encoder; nil: the container's and the encoder's own defaults.
public struct EncoderSettings: Sendable {
    /// Name: libx264, libx265, libsvtav1, libvpx-vp9, ffv1 (short forms too).
    public var encoder: String?
    /// Constant quality on the encoder's scale; preset and tune by the encoder's names.
    public var crf: Double?, preset: String?, tune: String?
    /// Further options of the encoder by name, such as ("x264-params", "me=umh").
    public var options: [(key: String, value: String)]
    /// How large the video may become.
    public var size: SizePolicy
    /// Constant quality that a trial found to fit ``size``; nil: nobody tried.
    public var fittedQuality: Double?
    /// Whether frames say that they are to be coded coarser or finer than others.
    public var variesQuality = false
    /// Whether that trial encoded every frame.
    public var isFitExact = false
    /// Of a part that will be joined with others: what is told of it alone; nil: the video is in one piece.
    public var part: PartRate?
    /// Threads of the encoder; nil: its own choice.
    public var threads: Int?

    /// Everything by default.
    public init(
        encoder: String? = nil, crf: Double? = nil, preset: String? = nil, tune: String? = nil,
        options: [(key: String, value: String)] = [], size: SizePolicy = .auto,
        threads: Int? = nil
    ) {
        self.encoder = encoder
        self.crf = crf
        self.preset = preset
        self.tune = tune
        self.options = options
        self.size = size
        self.threads = threads
    }
}

/// An opened encoder; freed with the object.
final class VideoEncoder {
    let encoder: Encoder
    let context: UnsafeMutablePointer<AVCodecContext>
    private let packing: FramePacking
    private let frame: UnsafeMutablePointer<AVFrame>
    private let video: VideoDescription
    private var hasFrames = false, isDrained = false
    private let turn: EncoderTurn?

    init(
        _ encoder: Encoder, video: VideoDescription, settings: EncoderSettings, rate: RateControl,
        container: Container, path: String
    ) throws {
        guard let codec = avcodec_find_encoder_by_name(encoder.rawValue),
            let pixelFormat = encoder.pixelFormat(video.format)
        else { throw OutputError.noEncoder(name: encoder.rawValue, advice: "choose another") }
        self.encoder = encoder
        self.video = video
        turn = encoder == .svtAV1 ? EncoderTurn() : nil
        writesCaptions = encoder.writesCaptions
        variesQuality =
            settings.variesQuality && encoder.takesRegions && video.fieldOrder == .progressive
        packing = FramePacking(video: video, encoder: encoder, pixelFormat: pixelFormat)
        context = try allocated(avcodec_alloc_context3(codec))
        guard let frame = av_frame_alloc() else {
            var context: UnsafeMutablePointer<AVCodecContext>? = context
            avcodec_free_context(&context)
            throw MediaError.library(operation: "allocate", reason: "out of memory")
        }
        self.frame = frame
        // SVT-AV1 describes itself at length on standard error, unless its log level is 1: errors.
        if encoder == .svtAV1 { setenv("SVT_LOG", "1", 0) }
        configure(pixelFormat, settings, rate, container)
        try open(codec, settings, rate, container)
    }

    /// What the encoder was told, beside the description of the video: by its own names, rates in bits.
    private(set) var told: [(key: String, value: String)] = []
    /// Frames whose closed captions the encoder could not take.
    private(set) var lostCaptions = 0
    private let writesCaptions: Bool
    private let variesQuality: Bool

    /// Size as coded, which an odd size exceeds by one.
    var codedSize: (width: Int, height: Int) { (packing.codedWidth, packing.codedHeight) }

    private func configure(
        _ pixelFormat: AVPixelFormat, _ settings: EncoderSettings, _ rate: RateControl,
        _ container: Container
    ) {
        context.pointee.width = Int32(packing.codedWidth)
        context.pointee.height = Int32(packing.codedHeight)
        context.pointee.pix_fmt = pixelFormat
        context.pointee.time_base = video.timeBase.avRational
        let frameRate = video.frameRate ?? Rational(25, 1)
        context.pointee.framerate = frameRate.avRational
        // SVT-AV1 takes 1 to 240 frames a second; the rate only guides it, times are the frames' own.
        if encoder == .svtAV1, frameRate.value < 1 || frameRate.value > 240 {
            let nearest: Int32 = frameRate.value < 1 ? 1 : 240
            context.pointee.framerate = AVRational(num: nearest, den: 1)
        }
        context.pointee.sample_aspect_ratio = video.sampleAspectRatio.avRational
        context.pointee.color_primaries = AVColorPrimaries(UInt32(video.colour.primaries))
        context.pointee.color_trc = AVColorTransferCharacteristic(UInt32(video.colour.transfer))
        context.pointee.colorspace = AVColorSpace(UInt32(video.colour.matrix))
        context.pointee.chroma_sample_location = AVChromaLocation(
            UInt32(video.colour.chromaLocation))
        context.pointee.color_range =
            switch video.colour.isFullRange {
            case true?: AVCOL_RANGE_JPEG
            case false?: AVCOL_RANGE_MPEG
            case nil: AVCOL_RANGE_UNSPECIFIED
            }
        if video.format.sampling == .rgb {
            context.pointee.colorspace = AVCOL_SPC_RGB
            context.pointee.color_range = AVCOL_RANGE_JPEG
        }
        context.pointee.thread_count = Int32(settings.threads ?? 0)
        if let bitrate = rate.bitrate { context.pointee.bit_rate = bitrate }
        if let maximum = rate.maximumRate { context.pointee.rc_max_rate = maximum }
        if let buffer = rate.bufferSize { context.pointee.rc_buffer_size = Int32(clamping: buffer) }
        if container != .avi, container != .mpegTS {
            context.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER
        }
        switch video.fieldOrder {
        case .progressive: context.pointee.field_order = AV_FIELD_PROGRESSIVE
        case .topFirst: context.pointee.field_order = AV_FIELD_TT
        case .bottomFirst: context.pointee.field_order = AV_FIELD_BB
        }
        if video.fieldOrder != .progressive, encoder == .x264 {
            context.pointee.flags |= AV_CODEC_FLAG_INTERLACED_DCT | AV_CODEC_FLAG_INTERLACED_ME
        }
        // The index of AVI has no presentation order.
        if container == .avi { context.pointee.max_b_frames = 0 }
    }

    private func open(
        _ codec: UnsafePointer<AVCodec>, _ settings: EncoderSettings, _ rate: RateControl,
        _ container: Container
    ) throws {
        let chosen = EncoderOptions(encoder, video: video, settings: settings, rate: rate)
        let rates = [
            ("b", rate.bitrate), ("maxrate", rate.maximumRate), ("bufsize", rate.bufferSize),
        ]
        let isTold = Set(chosen.entries.map(\.key))
        told =
            chosen.entries
            + rates.compactMap { key, value in
                value.flatMap { isTold.contains(key) ? nil : (key: key, value: "\($0)") }
            }
        try context.open(codec, named: encoder.rawValue, options: chosen.entries)
    }

    /// Hands over a frame at `timestamp`, in the encoder's time base.
    func send(_ picture: Frame, timestamp: Int64, duration: Int64) throws {
        av_frame_unref(frame)
        try packing.fill(frame, from: picture)
        frame.pointee.pts = timestamp
        percept_frame_set_duration(frame, duration)
        context.tag(frame)
        if variesQuality, picture.coarser != 0 {
            try attachRegion(coarser: picture.coarser)
        }
        if writesCaptions {
            try Captions.attach(picture.captions, to: frame)
        } else if !picture.captions.isEmpty {
            lostCaptions += 1
        }
        if video.fieldOrder != .progressive {
            percept_frame_set_interlaced(frame, 1, video.fieldOrder == .topFirst ? 1 : 0)
        }
        try throwing(avcodec_send_frame(context, frame), "encode a frame with \(encoder.rawValue)")
        av_frame_unref(frame)
        hasFrames = true
    }

    /// Says of the whole picture how much coarser it is to be coded.
    private func attachRegion(coarser: Float) throws {
        guard
            let data = av_frame_new_side_data(
                frame, AV_FRAME_DATA_REGIONS_OF_INTEREST, MemoryLayout<AVRegionOfInterest>.size)
        else { throw MediaError.library(operation: "allocate", reason: "out of memory") }
        // A region counts in parts of the encoder's whole range of quantisers.
        let range = 51 + 6 * Float(max(0, video.format.depth - 8))
        let region = AVRegionOfInterest(
            self_size: UInt32(MemoryLayout<AVRegionOfInterest>.size), top: 0,
            bottom: Int32(codedSize.height), left: 0, right: Int32(codedSize.width),
            qoffset: AVRational(num: Int32((1000 * coarser / range).rounded()), den: 1000))
        UnsafeMutableRawPointer(data.pointee.data).storeBytes(
            of: region, as: AVRegionOfInterest.self)
    }

    /// Says that no frame follows.
    func flush() throws {
        try throwing(avcodec_send_frame(context, nil), "flush \(encoder.rawValue)")
    }

    /// The next packet that is ready; false where there is none yet, or none any more.
    func receive(_ packet: UnsafeMutablePointer<AVPacket>) throws -> Bool {
        let code = avcodec_receive_packet(context, packet)
        if code == percept_averror_eof { isDrained = true }
        if code == percept_averror_again || code == percept_averror_eof { return false }
        try throwing(code, "encode with \(encoder.rawValue)")
        return true
    }

    deinit {
        if encoder == .svtAV1, !isDrained { context.drain(frame, hasFrames: hasFrames) }
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&context)
        var frame: UnsafeMutablePointer<AVFrame>? = frame
        av_frame_free(&frame)
    }
}
