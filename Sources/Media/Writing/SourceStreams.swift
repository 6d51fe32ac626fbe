// The streams of an input beside its video, read a second time from the file to be copied.
import CFFmpeg

/// A demuxer of its own over the input: the video's decoder and the copying keep their own pace.
public final class SourceStreams {
    /// The input.
    public var path: String { source.path }
    /// What it declares.
    public var info: MediaInfo { source.info }
    private let source: MediaSource
    /// Index of the video stream that is enhanced; nil where there is none.
    let videoIndex: Int?

    /// Opens `path` with all doors to other files shut.
    ///
    /// - Throws: ``MediaError``.
    public init(path: String) throws {
        source = try MediaSource(path: path)
        videoIndex = source.info.videoIndex
    }

    var context: UnsafeMutablePointer<AVFormatContext> { source.context }

    var count: Int { Int(context.pointee.nb_streams) }

    func stream(_ index: Int) -> UnsafeMutablePointer<AVStream> { context.pointee.streams[index]! }

    /// Bits a second of a stream, as the container or mkvmerge's statistics say.
    func bitrate(_ index: Int) -> Int64? {
        info.streams[index].knownBitrate
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
}

extension StreamInfo {
    /// Bits a second, as the container or mkvmerge's statistics say; nil where neither does.
    var knownBitrate: Int64? {
        if let bitRate { return bitRate }
        let text = metadata.value("BPS") ?? metadata.value("BPS-eng")
        return text.flatMap { Int64($0) }.flatMap { $0 > 0 ? $0 : nil }
    }
}

extension MediaInfo {
    /// Bits a second of the video: as declared, else what the other streams leave of the file.
    public var videoBitrate: Int64? {
        guard let video else { return nil }
        if let known = video.knownBitrate { return known }
        guard let duration, duration > 0 else { return nil }
        let others = streams.filter { $0.index != video.index }.compactMap(\.knownBitrate)
        let left = Int64(Double(byteCount) * 8 / duration) - others.reduce(0, +)
        return left > 0 ? left : nil
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
