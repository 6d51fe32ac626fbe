// One pass of an encoder over a clip: frames in, packets out.
import CFFmpeg
import Glibc

/// What the first of two passes leaves for the second: a text of FFmpeg's, or a file of the encoder's.
final class PassStatistics {
    /// The file of encoders that write their own.
    let path: String
    /// The text of all others.
    var text = ""

    init(path: String) { self.path = path }
}

/// An opened encoder of a ``ClipEncoding``; freed with the object.
final class ClipEncoder {
    let context: UnsafeMutablePointer<AVCodecContext>
    private let encoding: ClipEncoding
    private let packing: FramePacking
    private let statistics: PassStatistics
    private let pass: Int
    private let frame: UnsafeMutablePointer<AVFrame>
    private let packet: UnsafeMutablePointer<AVPacket>
    private let turn: EncoderTurn?
    private var hasFrames = false, isDrained = false

    /// Opens the encoder for clips of the size, format and colour of `picture`.
    ///
    /// - Parameter pass: 0 for the only one, 1 or 2.
    /// - Throws: ``OutputError`` where there is no such encoder, or it refuses the options.
    init(
        _ encoding: ClipEncoding, like picture: Frame, frameRate: Rational, pass: Int,
        _ statistics: PassStatistics
    ) throws {
        _ = quietLibrary
        guard let codec = avcodec_find_encoder_by_name(encoding.encoder) else {
            throw OutputError.noEncoder(
                name: encoding.encoder,
                advice: "install a complete libavcodec (Debian: libavcodec-extra)")
        }
        guard let pixelFormat = Self.pixelFormat(of: codec, for: picture) else {
            throw MediaError.library(
                operation: "encode with \(encoding.encoder)",
                reason: "it takes no \(picture.format.name)")
        }
        self.encoding = encoding
        self.pass = pass
        self.statistics = statistics
        packing = FramePacking(
            format: picture.format, width: picture.width, height: picture.height,
            pixelFormat: pixelFormat)
        let isSVT = encoding.encoder == Encoder.svtAV1.rawValue
        turn = isSVT ? EncoderTurn() : nil
        // SVT-AV1 describes itself at length on standard error, unless its log level is 1: errors.
        if isSVT { setenv("SVT_LOG", "1", 0) }
        context = try allocated(avcodec_alloc_context3(codec))
        frame = try allocated(av_frame_alloc())
        packet = try allocated(av_packet_alloc())
        configure(picture, frameRate, pixelFormat)
        try open(codec)
    }

    /// The encoder's layout for the samples of `picture`: JPEG has names of its own for full range.
    private static func pixelFormat(
        of codec: UnsafePointer<AVCodec>, for picture: Frame
    ) -> AVPixelFormat? {
        guard let plain = picture.format.pixelFormat, var known = codec.pointee.pix_fmts else {
            return nil
        }
        var wanted = [plain]
        if picture.colour.isFullRange == true, picture.format.depth == 8 {
            wanted.append(
                av_get_pix_fmt("yuvj" + picture.format.sampling.rawValue.dropFirst(3) + "p"))
        }
        while known.pointee != AV_PIX_FMT_NONE {
            if wanted.contains(known.pointee) { return known.pointee }
            known += 1
        }
        return nil
    }

    private func configure(_ picture: Frame, _ rate: Rational, _ pixelFormat: AVPixelFormat) {
        context.pointee.width = Int32(picture.width)
        context.pointee.height = Int32(picture.height)
        context.pointee.pix_fmt = pixelFormat
        context.pointee.time_base = AVRational(num: rate.denominator, den: rate.numerator)
        context.pointee.framerate = rate.avRational
        context.pointee.sample_aspect_ratio = picture.sampleAspectRatio.avRational
        context.pointee.color_primaries = AVColorPrimaries(UInt32(picture.colour.primaries))
        context.pointee.color_trc = AVColorTransferCharacteristic(UInt32(picture.colour.transfer))
        context.pointee.colorspace = AVColorSpace(UInt32(picture.colour.matrix))
        context.pointee.chroma_sample_location = AVChromaLocation(
            UInt32(picture.colour.chromaLocation))
        context.pointee.color_range =
            picture.colour.isFullRange == true ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG
        context.pointee.thread_count = 1
        if let format = av_guess_format(encoding.container.muxerName, nil, nil),
            percept_format_has_global_header(format) != 0
        {
            context.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER
        }
        if let scale = encoding.quantiserScale {
            context.pointee.flags |= AV_CODEC_FLAG_QSCALE
            context.pointee.global_quality = Int32(scale) * FF_QP2LAMBDA
        }
        if pass == 1 { context.pointee.flags |= AV_CODEC_FLAG_PASS1 }
        if pass == 2 {
            context.pointee.flags |= AV_CODEC_FLAG_PASS2
            if !statistics.text.isEmpty { context.pointee.stats_in = av_strdup(statistics.text) }
        }
    }

    private func open(_ codec: UnsafePointer<AVCodec>) throws {
        var options = encoding.options.map { (key: $0.key, value: $0.value) }
        if pass > 0, encoding.encoder == Encoder.x264.rawValue {
            options.append(("stats", statistics.path))
        }
        if pass > 0, encoding.encoder == Encoder.x265.rawValue {
            // x265 takes its passes from its own parameters alone.
            let told = options.last { $0.key == "x265-params" }.map { [$0.value] } ?? []
            let passes = "pass=\(pass):stats=\(statistics.path)"
            options.append(("x265-params", (told + [passes]).joined(separator: ":")))
        }
        try context.open(codec, named: encoding.encoder, options: options)
    }

    /// Encodes `frames` to the last packet.
    func encode(
        _ frames: [Frame], shouldStop: () -> Bool,
        _ body: (UnsafeMutablePointer<AVPacket>) throws -> Void
    ) throws {
        for (index, picture) in frames.enumerated() {
            if shouldStop() { throw EncodingStopped() }
            try send(picture, at: Int64(index))
            try receive(body)
        }
        try throwing(avcodec_send_frame(context, nil), "flush \(encoding.encoder)")
        try receive(body)
    }

    private func send(_ picture: Frame, at time: Int64) throws {
        av_frame_unref(frame)
        try packing.fill(frame, from: picture)
        frame.pointee.pts = time
        percept_frame_set_duration(frame, 1)
        frame.pointee.quality = context.pointee.global_quality
        context.tag(frame)
        hasFrames = true
        try throwing(avcodec_send_frame(context, frame), "encode with \(encoding.encoder)")
        av_frame_unref(frame)
    }

    private func receive(_ body: (UnsafeMutablePointer<AVPacket>) throws -> Void) throws {
        while true {
            let code = avcodec_receive_packet(context, packet)
            if code == percept_averror_eof { isDrained = true }
            // Statistics come with the packets, and the last of them with the end.
            if pass == 1, code >= 0 || code == percept_averror_eof,
                let text = context.pointee.stats_out
            {
                statistics.text += String(cString: text)
            }
            if code == percept_averror_again || code == percept_averror_eof { return }
            try throwing(code, "encode with \(encoding.encoder)")
            defer { av_packet_unref(packet) }
            try body(packet)
        }
    }

    deinit {
        if turn != nil, !isDrained { context.drain(frame, hasFrames: hasFrames) }
        av_freep(&context.pointee.stats_in)
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&context)
        var frame: UnsafeMutablePointer<AVFrame>? = frame
        av_frame_free(&frame)
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        av_packet_free(&packet)
    }
}
