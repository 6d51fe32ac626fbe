// The streams of an input beside its video, read a second time from the file to be copied.
import CFFmpeg

/// A demuxer of its own over the input: the video's decoder and the copying keep their own pace.
public final class SourceStreams {
    /// The input.
    public let path: String
    let context: UnsafeMutablePointer<AVFormatContext>
    /// Index of the video stream that is enhanced; nil where there is none.
    let videoIndex: Int?

    /// Opens `path`, a file that the reader has accepted.
    ///
    /// - Parameter videoIndex: the stream that is enhanced; nil: FFmpeg's best.
    /// - Throws: ``MediaError``.
    public init(path: String, videoIndex: Int? = nil) throws {
        self.path = path
        var opened: UnsafeMutablePointer<AVFormatContext>?
        var options: OpaquePointer?
        av_dict_set(&options, "protocol_whitelist", "file", 0)
        defer { av_dict_free(&options) }
        let code = avformat_open_input(&opened, "file:" + path, nil, &options)
        guard code >= 0, let opened else {
            if code == percept_averror_no_entry { throw MediaError.missingInput(path: path) }
            throw MediaError.notVideo(path: path, reason: errorText(code))
        }
        context = opened
        guard avformat_find_stream_info(opened, nil) >= 0 else {
            var closing: UnsafeMutablePointer<AVFormatContext>? = opened
            avformat_close_input(&closing)
            throw MediaError.notVideo(path: path, reason: "its streams cannot be told")
        }
        let best = av_find_best_stream(opened, AVMEDIA_TYPE_VIDEO, -1, -1, nil, 0)
        self.videoIndex = videoIndex ?? (best >= 0 ? Int(best) : nil)
    }

    var count: Int { Int(context.pointee.nb_streams) }

    func stream(_ index: Int) -> UnsafeMutablePointer<AVStream> { context.pointee.streams[index]! }

    /// Seconds that the container declares; nil where it does not.
    public var duration: Double? {
        let value = context.pointee.duration
        return value > 0 && value != percept_no_timestamp ? Double(value) / 1e6 : nil
    }

    /// Bits a second of the video: as declared, else what the other streams leave of the file.
    public var videoBitrate: Int64? {
        guard let videoIndex else { return nil }
        if let declared = bitrate(videoIndex) { return declared }
        guard let duration, let io = context.pointee.pb else { return nil }
        let size = avio_size(io)
        guard size > 0 else { return nil }
        let others = (0..<count).filter { $0 != videoIndex }.compactMap(bitrate).reduce(0, +)
        let left = Int64(Double(size) * 8 / duration) - others
        return left > 0 ? left : nil
    }

    /// Bits a second of a stream, as the container or mkvmerge's statistics say.
    func bitrate(_ index: Int) -> Int64? {
        let stream = stream(index)
        let declared = stream.pointee.codecpar.pointee.bit_rate
        if declared > 0 { return declared }
        for key in ["BPS", "BPS-eng"] {
            if let text = metadata(index)[key], let value = Int64(text), value > 0 { return value }
        }
        return nil
    }

    /// Metadata of a stream.
    func metadata(_ index: Int) -> [String: String] {
        dictionary(stream(index).pointee.metadata)
    }

    /// "stream 2 (audio, amr_nb, eng)".
    func describe(_ index: Int) -> String {
        let parameters = stream(index).pointee.codecpar!
        let kind = av_get_media_type_string(parameters.pointee.codec_type).map {
            String(cString: $0)
        }
        var parts = [kind ?? "unknown", codecName(index)]
        if let language = metadata(index)["language"], language != "und" { parts.append(language) }
        return "stream \(index) (\(parts.joined(separator: ", ")))"
    }

    /// FFmpeg's name of the codec; the container's tag where FFmpeg knows none.
    func codecName(_ index: Int) -> String {
        let parameters = stream(index).pointee.codecpar!
        if parameters.pointee.codec_id == AV_CODEC_ID_NONE
            || parameters.pointee.codec_id == AV_CODEC_ID_BIN_DATA
        {
            let tag = tagName(index)
            if !tag.isEmpty { return tag }
        }
        return String(cString: avcodec_get_name(parameters.pointee.codec_id))
    }

    /// The container's four letters, such as "tmcd"; "" where they are none.
    func tagName(_ index: Int) -> String {
        let tag = stream(index).pointee.codecpar.pointee.codec_tag
        let bytes = (0..<4).map { UInt8(truncatingIfNeeded: tag >> (8 * $0)) }
        guard bytes.allSatisfy({ $0 >= 33 && $0 < 127 }) else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    deinit {
        var context: UnsafeMutablePointer<AVFormatContext>? = context
        avformat_close_input(&context)
    }
}

/// FFmpeg's dictionary as Swift's.
func dictionary(_ source: OpaquePointer?) -> [String: String] {
    var result: [String: String] = [:]
    var entry: UnsafeMutablePointer<AVDictionaryEntry>?
    while let next = av_dict_get(source, "", entry, AV_DICT_IGNORE_SUFFIX) {
        result[String(cString: next.pointee.key)] = String(cString: next.pointee.value)
        entry = next
    }
    return result
}
