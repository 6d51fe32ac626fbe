// A container that grows in an output file: streams, header, interleaved packets, trailer.
import CFFmpeg
import FileNames

/// FFmpeg's muxer over an ``OutputFile``, which sees every failure of writing.
final class Muxer {
    let container: Container
    let file: OutputFile
    let context: UnsafeMutablePointer<AVFormatContext>
    private var io: UnsafeMutablePointer<AVIOContext>?
    private var hasHeader = false

    init(_ container: Container, file: OutputFile) throws {
        self.container = container
        self.file = file
        var made: UnsafeMutablePointer<AVFormatContext>?
        // The muxer itself opens the file again, by this name, to move the index to the front.
        try throwing(
            avformat_alloc_output_context2(
                &made, nil, container.muxerName, ("file:" + file.partPath).fileName),
            "prepare a \(container.fileExtension) file")
        context = try allocated(made)
        io = percept_output_open(file.output, 1)
        guard io != nil else {
            avformat_free_context(context)
            throw MediaError.library(operation: "open the output", reason: "out of memory")
        }
        context.pointee.pb = io
        context.pointee.flags |= AVFMT_FLAG_CUSTOM_IO
        context.pointee.strict_std_compliance = Self.compliance
    }

    /// Appends a stream without parameters.
    func addStream() throws -> UnsafeMutablePointer<AVStream> {
        try allocated(avformat_new_stream(context, nil))
    }

    /// Writes what precedes all packets. The streams' time bases are final only afterwards.
    func writeHeader(_ options: [String: String]) throws {
        var dictionary: OpaquePointer?
        defer { av_dict_free(&dictionary) }
        for (key, value) in options { av_dict_set(&dictionary, key, value, 0) }
        let code = avformat_write_header(context, &dictionary)
        try file.checkHealth()
        try throwing(code, "write the header of \(container.fileExtension)")
        hasHeader = true
    }

    /// Hands over a packet, whose times are in `timeBase`; the muxer orders packets of all streams.
    func write(
        _ packet: UnsafeMutablePointer<AVPacket>, to stream: UnsafeMutablePointer<AVStream>,
        timeBase: AVRational
    ) throws {
        av_packet_rescale_ts(packet, timeBase, stream.pointee.time_base)
        try check(try hand(packet, to: stream), stream)
    }

    /// Hands over a packet that another encoder made, its times in `timeBase`.
    ///
    /// - Returns: false where the muxer takes it for damaged, and goes on without it.
    func offer(
        _ packet: UnsafeMutablePointer<AVPacket>, to stream: UnsafeMutablePointer<AVStream>,
        timeBase: AVRational
    ) throws -> Bool {
        av_packet_rescale_ts(packet, timeBase, stream.pointee.time_base)
        let code = try hand(packet, to: stream)
        // Damage can look like a feature that FFmpeg lacks.
        if [percept_averror_invalid_data, percept_averror_patch_welcome].contains(code) {
            return false
        }
        try check(code, stream)
        return true
    }

    /// What a muxer refuses for its content is the input's doing: it may be a packet of another
    /// stream, which was waiting for its turn.
    private func check(_ code: Int32, _ stream: UnsafeMutablePointer<AVStream>) throws {
        let refusals = [
            percept_averror_invalid_data, percept_averror_patch_welcome,
            percept_averror_invalid_argument,
        ]
        guard !refusals.contains(code) else {
            throw MediaError.unsupported(
                path: file.path,
                what: "\(container.fileExtension) cannot hold what was read (\(errorText(code)))",
                advice: "the input may be damaged; another container may hold it")
        }
        try throwing(code, "write a packet of stream \(stream.pointee.index)")
    }

    private func hand(
        _ packet: UnsafeMutablePointer<AVPacket>, to stream: UnsafeMutablePointer<AVStream>
    ) throws -> Int32 {
        packet.pointee.stream_index = stream.pointee.index
        packet.pointee.pos = -1
        let code = av_interleaved_write_frame(context, packet)
        try file.checkHealth()
        return code
    }

    /// Writes what follows all packets, and completes the file.
    func finish() throws {
        precondition(hasHeader)
        hasHeader = false
        let code = av_write_trailer(context)
        if let io { avio_flush(io) }
        try file.checkHealth()
        try throwing(code, "complete \(container.fileExtension)")
        percept_output_close(&io)
        context.pointee.pb = nil
        try file.finish()
    }

    deinit {
        percept_output_close(&io)
        context.pointee.pb = nil
        avformat_free_context(context)
    }
}

extension Muxer {
    /// FFmpeg calls FLAC and TrueHD in MP4 experimental; both have registered specifications.
    private static let compliance = FF_COMPLIANCE_EXPERIMENTAL

    /// Whether the container's specification has a place for the codec.
    static func holds(_ codec: AVCodecID, in container: Container) -> Bool {
        guard let format = av_guess_format(container.muxerName, nil, nil) else { return false }
        if container == .mpegTS { return transportStreamCodecs.contains(codec) }
        return avformat_query_codec(format, codec, compliance) == 1
    }

    /// The muxer takes any codec as private data, which nothing can read back: hence a list.
    private static let transportStreamCodecs: [AVCodecID] = [
        AV_CODEC_ID_H264, AV_CODEC_ID_HEVC, AV_CODEC_ID_MPEG2VIDEO, AV_CODEC_ID_MPEG1VIDEO,
        AV_CODEC_ID_MP2, AV_CODEC_ID_MP3, AV_CODEC_ID_AAC, AV_CODEC_ID_AAC_LATM, AV_CODEC_ID_AC3,
        AV_CODEC_ID_EAC3, AV_CODEC_ID_DTS, AV_CODEC_ID_TRUEHD, AV_CODEC_ID_OPUS,
        AV_CODEC_ID_S302M, AV_CODEC_ID_DVB_SUBTITLE, AV_CODEC_ID_DVB_TELETEXT,
    ]

    /// Whether the container takes the stream as it is: a header is written to memory and dropped.
    static func holds(_ stream: UnsafePointer<AVStream>, in container: Container) -> Bool {
        let kind = stream.pointee.codecpar.pointee.codec_type
        let codec = stream.pointee.codecpar.pointee.codec_id
        let isListed =
            kind == AVMEDIA_TYPE_AUDIO || kind == AVMEDIA_TYPE_SUBTITLE
            || kind == AVMEDIA_TYPE_VIDEO
        if isListed, container != .matroska || kind == AVMEDIA_TYPE_VIDEO,
            !holds(codec, in: container)
        {
            return false
        }
        // Of data tracks the muxers write GoPro's telemetry; others they take and break.
        let telemetry = percept_tag("gpmd")
        if kind == AVMEDIA_TYPE_DATA,
            !container.isQuickTime || stream.pointee.codecpar.pointee.codec_tag != telemetry
        {
            return false
        }
        if container == .mpegTS, !isListed { return false }
        var made: UnsafeMutablePointer<AVFormatContext>?
        guard avformat_alloc_output_context2(&made, nil, container.muxerName, nil) >= 0,
            let context = made
        else { return false }
        defer { avformat_free_context(context) }
        context.pointee.strict_std_compliance = compliance
        guard avio_open_dyn_buf(&context.pointee.pb) >= 0 else { return false }
        defer {
            var bytes: UnsafeMutablePointer<UInt8>?
            avio_close_dyn_buf(context.pointee.pb, &bytes)
            av_free(bytes)
        }
        guard let video = avformat_new_stream(context, nil),
            let trial = avformat_new_stream(context, nil)
        else { return false }
        let parameters = video.pointee.codecpar!
        parameters.pointee.codec_type = AVMEDIA_TYPE_VIDEO
        parameters.pointee.codec_id =
            container == .webm || container == .matroska ? AV_CODEC_ID_VP8 : AV_CODEC_ID_H264
        parameters.pointee.width = 640
        parameters.pointee.height = 480
        video.pointee.time_base = AVRational(num: 1, den: 90000)
        guard adopt(stream, as: trial, in: context) >= 0 else { return false }
        let level = av_log_get_level()
        av_log_set_level(AV_LOG_QUIET)
        defer { av_log_set_level(level) }
        return avformat_write_header(context, nil) >= 0
    }

    /// Gives `stream` the parameters, time base, disposition, side data and metadata of `source`.
    @discardableResult
    static func adopt(
        _ source: UnsafePointer<AVStream>, as stream: UnsafeMutablePointer<AVStream>,
        in context: UnsafeMutablePointer<AVFormatContext>
    ) -> Int32 {
        let code = avcodec_parameters_copy(stream.pointee.codecpar, source.pointee.codecpar)
        guard code >= 0 else { return code }
        // A tag of another container means nothing here, unless this one uses it as well.
        let parameters = stream.pointee.codecpar!
        let tags = context.pointee.oformat.pointee.codec_tag
        let known = tags.map { av_codec_get_id($0, parameters.pointee.codec_tag) }
        let isData = parameters.pointee.codec_type == AVMEDIA_TYPE_DATA
        if known != parameters.pointee.codec_id, !isData { parameters.pointee.codec_tag = 0 }
        stream.pointee.time_base = source.pointee.time_base
        stream.pointee.disposition = source.pointee.disposition
        stream.pointee.avg_frame_rate = source.pointee.avg_frame_rate
        stream.pointee.r_frame_rate = source.pointee.r_frame_rate
        stream.pointee.sample_aspect_ratio = source.pointee.sample_aspect_ratio
        stream.pointee.duration = source.pointee.duration
        let copied = percept_copy_stream_side_data(stream, source)
        guard copied >= 0 else { return copied }
        return av_dict_copy(&stream.pointee.metadata, source.pointee.metadata, 0)
    }
}
