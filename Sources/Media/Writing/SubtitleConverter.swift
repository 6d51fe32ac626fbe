// Text subtitles from one format into another, an event at a time.
import CFFmpeg

/// Decodes a text subtitle and encodes it again; times are the packet's own.
final class SubtitleConverter {
    private let decoder: UnsafeMutablePointer<AVCodecContext>
    private let encoder: UnsafeMutablePointer<AVCodecContext>
    private let timeBase: AVRational

    init(from stream: UnsafePointer<AVStream>, to target: AVCodecID) throws {
        let parameters = stream.pointee.codecpar!
        timeBase = stream.pointee.time_base
        guard let source = avcodec_find_decoder(parameters.pointee.codec_id),
            let sink = avcodec_find_encoder(target)
        else { throw MediaError.library(operation: "convert subtitles", reason: "codec missing") }
        decoder = try allocated(avcodec_alloc_context3(source))
        guard let encoder = avcodec_alloc_context3(sink) else {
            var closing: UnsafeMutablePointer<AVCodecContext>? = decoder
            avcodec_free_context(&closing)
            throw MediaError.library(operation: "allocate", reason: "out of memory")
        }
        self.encoder = encoder
        try throwing(avcodec_parameters_to_context(decoder, parameters), "read a subtitle stream")
        decoder.pointee.pkt_timebase = timeBase
        var options: OpaquePointer?
        defer { av_dict_free(&options) }
        // Teletext as text; other decoders ignore the option.
        if parameters.pointee.codec_id == AV_CODEC_ID_DVB_TELETEXT {
            av_dict_set(&options, "txt_format", "ass", 0)
        }
        try throwing(avcodec_open2(decoder, source, &options), "decode a subtitle stream")
        encoder.pointee.time_base = AVRational(num: 1, den: 1000)
        if let header = decoder.pointee.subtitle_header {
            let size = Int(decoder.pointee.subtitle_header_size)
            // FFmpeg frees it with the encoder, and some read it as a C string.
            guard let copy = av_mallocz(size + 1) else {
                throw MediaError.library(operation: "allocate", reason: "out of memory")
            }
            copy.copyMemory(from: header, byteCount: size)
            encoder.pointee.subtitle_header = copy.assumingMemoryBound(to: UInt8.self)
            encoder.pointee.subtitle_header_size = Int32(size)
        }
        try throwing(avcodec_open2(encoder, sink, nil), "encode a subtitle stream")
    }

    /// Fills the parameters of the stream that the converted events go to.
    func describe(_ parameters: UnsafeMutablePointer<AVCodecParameters>) throws {
        try throwing(
            avcodec_parameters_from_context(parameters, encoder), "describe a subtitle stream")
        parameters.pointee.codec_tag = 0
    }

    /// The event of `packet` in the new format, with its times; nil where it shows nothing.
    func convert(_ packet: UnsafeMutablePointer<AVPacket>) throws
        -> UnsafeMutablePointer<AVPacket>?
    {
        var subtitle = AVSubtitle()
        var isComplete: Int32 = 0
        let code = avcodec_decode_subtitle2(decoder, &subtitle, &isComplete, packet)
        guard code >= 0, isComplete != 0 else { return nil }
        defer { avsubtitle_free(&subtitle) }
        guard subtitle.num_rects > 0 else { return nil }
        var start = packet.pointee.pts
        var duration = packet.pointee.duration
        let milliseconds = AVRational(num: 1, den: 1000)
        if subtitle.pts != percept_no_timestamp {
            start = av_rescale_q(subtitle.pts, AVRational(num: 1, den: 1_000_000), timeBase)
        }
        start += av_rescale_q(Int64(subtitle.start_display_time), milliseconds, timeBase)
        if duration <= 0, subtitle.end_display_time != UInt32.max {
            let shown = Int64(subtitle.end_display_time) - Int64(subtitle.start_display_time)
            duration = av_rescale_q(max(0, shown), milliseconds, timeBase)
        }
        // Encoders want events that begin with their packet.
        subtitle.pts = av_rescale_q(start, timeBase, AVRational(num: 1, den: 1_000_000))
        subtitle.end_display_time = UInt32(
            clamping: av_rescale_q(max(0, duration), timeBase, milliseconds))
        subtitle.start_display_time = 0
        let capacity = 1 << 20
        var result = av_packet_alloc()
        guard let made = result, av_new_packet(made, Int32(capacity)) >= 0 else {
            av_packet_free(&result)
            throw MediaError.library(operation: "allocate", reason: "out of memory")
        }
        let size = avcodec_encode_subtitle(
            encoder, made.pointee.data, Int32(capacity), &subtitle)
        guard size > 0 else {
            av_packet_free(&result)
            try throwing(size, "convert a subtitle")
            return nil
        }
        av_shrink_packet(made, size)
        made.pointee.pts = start
        made.pointee.dts = start
        made.pointee.duration = duration
        made.pointee.flags = AV_PKT_FLAG_KEY
        return made
    }

    deinit {
        var decoder: UnsafeMutablePointer<AVCodecContext>? = decoder
        avcodec_free_context(&decoder)
        var encoder: UnsafeMutablePointer<AVCodecContext>? = encoder
        avcodec_free_context(&encoder)
    }
}
