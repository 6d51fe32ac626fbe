// What every encoder of FFmpeg's needs around its context: options, the tags of frames, an end.
import CFFmpeg

extension UnsafeMutablePointer<AVCodecContext> {
    /// Opens the encoder with options of its own; of two with one key the later counts.
    ///
    /// - Throws: ``OutputError`` where FFmpeg lacks it, or where it refuses an option or does not know it.
    func open(
        _ codec: UnsafePointer<AVCodec>, named name: String,
        options: [(key: String, value: String)]
    ) throws {
        var dictionary: OpaquePointer?
        defer { av_dict_free(&dictionary) }
        for (key, value) in options { av_dict_set(&dictionary, key, value, 0) }
        let code = ThreadPriority.keepingOrdinary { avcodec_open2(self, codec, &dictionary) }
        if code == percept_averror_encoder_not_found {
            throw OutputError.noEncoder(name: name, advice: "choose another")
        }
        guard code >= 0 else {
            let said = options.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            throw OutputError.badOption(
                encoder: name, option: said, advice: "the encoder answered: \(errorText(code))")
        }
        if let unknown = av_dict_get(dictionary, "", nil, AV_DICT_IGNORE_SUFFIX) {
            throw OutputError.badOption(
                encoder: name, option: String(cString: unknown.pointee.key),
                advice: "it has none of this name")
        }
    }

    /// Gives a frame the shape and colour that the encoder was opened for, and no type: the encoder
    /// decides the types of its pictures, the source's are no advice.
    func tag(_ frame: UnsafeMutablePointer<AVFrame>) {
        frame.pointee.pict_type = AV_PICTURE_TYPE_NONE
        frame.pointee.sample_aspect_ratio = pointee.sample_aspect_ratio
        frame.pointee.color_range = pointee.color_range
        frame.pointee.color_primaries = pointee.color_primaries
        frame.pointee.color_trc = pointee.color_trc
        frame.pointee.colorspace = pointee.colorspace
        frame.pointee.chroma_location = pointee.chroma_sample_location
    }

    /// Lets an encoder that is given up come to its end: SVT-AV1, when closed before it has, waits for
    /// that end for ever, and it has none without a frame.
    ///
    /// - Parameter frame: Serves as that frame where there was none.
    func drain(_ frame: UnsafeMutablePointer<AVFrame>, hasFrames: Bool) {
        guard avcodec_is_open(self) != 0 else { return }
        av_frame_unref(frame)
        if !hasFrames {
            frame.pointee.format = pointee.pix_fmt.rawValue
            frame.pointee.width = pointee.width
            frame.pointee.height = pointee.height
            frame.pointee.pts = 0
            guard av_frame_get_buffer(frame, 0) >= 0, avcodec_send_frame(self, frame) >= 0 else {
                return
            }
        }
        var packet = av_packet_alloc()
        defer { av_packet_free(&packet) }
        avcodec_send_frame(self, nil)
        while let packet, avcodec_receive_packet(self, packet) >= 0 { av_packet_unref(packet) }
    }
}
