// Translates what FFmpeg's demuxer knows into plain values.
import CFFmpeg
import Glibc

extension MediaInfo {
    init(_ context: UnsafeMutablePointer<AVFormatContext>, path: String, byteCount: Int64) {
        let file = context.pointee
        self.path = path
        formatName = String(cString: file.iformat.pointee.name)
        formatLongName = file.iformat.pointee.long_name.map { String(cString: $0) } ?? formatName
        self.byteCount = byteCount
        duration = seconds(file.duration)
        startTime = seconds(file.start_time)
        bitRate = file.bit_rate > 0 ? file.bit_rate : nil
        streams = (0..<Int(file.nb_streams)).map { StreamInfo(context, file.streams[$0]!) }
        chapters = (0..<Int(file.nb_chapters)).map { ChapterInfo(file.chapters[$0]!.pointee) }
        metadata = metadataEntries(file.metadata)
        let best = av_find_best_stream(context, AVMEDIA_TYPE_VIDEO, -1, -1, nil, 0)
        let isVideo = best >= 0 && !streams[Int(best)].isAttachedPicture
        videoIndex =
            isVideo
            ? Int(best)
            : streams.first { $0.kind == .video && !$0.isAttachedPicture }?.index
    }
}

extension StreamInfo {
    init(
        _ context: UnsafeMutablePointer<AVFormatContext>, _ pointer: UnsafeMutablePointer<AVStream>
    ) {
        let stream = pointer.pointee
        let parameters = stream.codecpar.pointee
        index = Int(stream.index)
        switch parameters.codec_type {
        case AVMEDIA_TYPE_VIDEO: kind = .video
        case AVMEDIA_TYPE_AUDIO: kind = .audio
        case AVMEDIA_TYPE_SUBTITLE: kind = .subtitle
        case AVMEDIA_TYPE_DATA: kind = .data
        case AVMEDIA_TYPE_ATTACHMENT: kind = .attachment
        default: kind = .unknown
        }
        codec = String(cString: avcodec_get_name(parameters.codec_id))
        profile = avcodec_profile_name(parameters.codec_id, parameters.profile)
            .map { String(cString: $0) }
        codecTag = tagText(parameters.codec_tag)
        metadata = metadataEntries(stream.metadata)
        language = metadata.value("language")
        title = metadata.value("title")
        timecode = metadata.value("timecode")
        fileName = metadata.value("filename")
        mimeType = metadata.value("mimetype")
        disposition = Disposition(rawValue: stream.disposition)
        timeBase = Rational(stream.time_base)
        startTime = stream.start_time == percept_no_timestamp ? nil : stream.start_time
        duration =
            stream.duration == percept_no_timestamp || stream.duration <= 0 ? nil : stream.duration
        frameCount = Int(stream.nb_frames)
        bitRate = parameters.bit_rate > 0 ? parameters.bit_rate : nil
        video = kind == .video ? VideoInfo(context, pointer) : nil
        audio = kind == .audio ? AudioInfo(parameters) : nil
    }
}

extension AudioInfo {
    init(_ parameters: AVCodecParameters) {
        sampleRate = Int(parameters.sample_rate)
        channels = Int(parameters.ch_layout.nb_channels)
        layout = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
            var layout = parameters.ch_layout
            let length = av_channel_layout_describe(&layout, buffer.baseAddress, buffer.count)
            return length > 0 ? String(cString: buffer.baseAddress!) : "unknown"
        }
    }
}

extension VideoInfo {
    init(
        _ context: UnsafeMutablePointer<AVFormatContext>, _ pointer: UnsafeMutablePointer<AVStream>
    ) {
        let stream = pointer.pointee
        let parameters = stream.codecpar.pointee
        width = Int(parameters.width)
        height = Int(parameters.height)
        let source = AVPixelFormat(rawValue: parameters.format)
        pixelFormat = pixelFormatName(source)
        let plan = PixelFormatPlan(source)
        format = plan?.format
        averageFrameRate = Rational(stream.avg_frame_rate)
        baseFrameRate = Rational(stream.r_frame_rate)
        sampleAspectRatio = Rational(av_guess_sample_aspect_ratio(context, pointer, nil))
        var size = 0
        let matrix = percept_stream_side_data(pointer, AV_PKT_DATA_DISPLAYMATRIX, &size)
        (rotation, isMirrored) =
            matrix.flatMap { size >= 36 ? orientation(displayMatrix: $0) : nil } ?? (0, false)
        colour = ColourTags(
            primaries: Int32(parameters.color_primaries.rawValue),
            transfer: Int32(parameters.color_trc.rawValue),
            matrix: Int32(parameters.color_space.rawValue),
            chromaLocation: Int32(parameters.chroma_location.rawValue),
            isFullRange: fullRange(parameters.color_range, plan))
        hdr = HDRInfo(stream: pointer)
        switch parameters.field_order {
        case AV_FIELD_PROGRESSIVE: fieldOrder = .progressive
        case AV_FIELD_TT, AV_FIELD_TB: fieldOrder = .topFieldFirst
        case AV_FIELD_BB, AV_FIELD_BT: fieldOrder = .bottomFieldFirst
        default: fieldOrder = .unknown
        }
        reorderDepth = Int(parameters.video_delay)
    }
}

extension ChapterInfo {
    init(_ chapter: AVChapter) {
        let unit = Rational(chapter.time_base).value
        start = Double(chapter.start) * unit
        end = Double(chapter.end) * unit
        metadata = metadataEntries(chapter.metadata)
    }
}

extension HDRInfo {
    /// What the container says of a stream.
    init(stream: UnsafeMutablePointer<AVStream>) {
        self.init()
        var size = 0
        if let data = percept_stream_side_data(
            stream, AV_PKT_DATA_MASTERING_DISPLAY_METADATA, &size)
        {
            fixed.mastering = HDRMetadata.MasteringDisplay(data)
        }
        if let data = percept_stream_side_data(stream, AV_PKT_DATA_CONTENT_LIGHT_LEVEL, &size) {
            setLight(data)
        }
        if let data = percept_stream_side_data(stream, AV_PKT_DATA_DOVI_CONF, &size) {
            data.withMemoryRebound(to: AVDOVIDecoderConfigurationRecord.self, capacity: 1) {
                dolbyVisionProfile = Int($0.pointee.dv_profile)
                dolbyVisionCompatibility = Int($0.pointee.dv_bl_signal_compatibility_id)
            }
        }
        hasHDR10Plus =
            percept_stream_side_data(stream, AV_PKT_DATA_DYNAMIC_HDR10_PLUS, &size) != nil
    }

    /// What a decoded frame says.
    init(frame: UnsafePointer<AVFrame>) {
        self.init()
        if let data = av_frame_get_side_data(frame, AV_FRAME_DATA_MASTERING_DISPLAY_METADATA) {
            fixed.mastering = HDRMetadata.MasteringDisplay(data.pointee.data)
        }
        if let data = av_frame_get_side_data(frame, AV_FRAME_DATA_CONTENT_LIGHT_LEVEL) {
            setLight(data.pointee.data)
        }
        hasHDR10Plus = av_frame_get_side_data(frame, AV_FRAME_DATA_DYNAMIC_HDR_PLUS) != nil
    }
}

extension HDRInfo {
    private mutating func setLight(_ data: UnsafePointer<UInt8>) {
        let record = UnsafeRawPointer(data).load(as: AVContentLightMetadata.self)
        fixed.maximumContentLight = Int(record.MaxCLL)
        fixed.maximumFrameAverageLight = Int(record.MaxFALL)
    }
}

extension HDRMetadata.MasteringDisplay {
    /// nil where the record lacks the chromaticities or the luminances.
    init?(_ data: UnsafePointer<UInt8>) {
        let record = UnsafeRawPointer(data).load(as: AVMasteringDisplayMetadata.self)
        guard record.has_primaries != 0, record.has_luminance != 0 else { return nil }
        let p = record.display_primaries
        func pair(_ x: AVRational, _ y: AVRational) -> [Rational] { [Rational(x), Rational(y)] }
        self.init(
            red: pair(p.0.0, p.0.1), green: pair(p.1.0, p.1.1), blue: pair(p.2.0, p.2.1),
            white: pair(record.white_point.0, record.white_point.1),
            minimumLuminance: Rational(record.min_luminance),
            maximumLuminance: Rational(record.max_luminance))
    }
}

extension Rational {
    init(_ value: AVRational) { self.init(value.num, value.den) }
    /// FFmpeg's type of the same value.
    var avRational: AVRational { AVRational(num: numerator, den: denominator) }
}

/// All entries of a dictionary, in its order.
func metadataEntries(_ dictionary: OpaquePointer?) -> [MetadataEntry] {
    var entries: [MetadataEntry] = []
    var entry: UnsafeMutablePointer<AVDictionaryEntry>? = nil
    while let next = av_dict_get(dictionary, "", entry, AV_DICT_IGNORE_SUFFIX) {
        entries.append(
            MetadataEntry(String(cString: next.pointee.key), String(cString: next.pointee.value)))
        entry = next
    }
    return entries
}

/// Mirroring and clockwise rotation of a display matrix, to the nearest quarter turn.
///
/// Rows are (a b u), (c d v), (x y w) with x' = a x + c y, y' = b x + d y and y pointing down
/// (ISO/IEC 14496-12, 8.2.2): a clockwise turn by t has a = d = cos t, b = -c = sin t.
func orientation(displayMatrix: UnsafePointer<UInt8>) -> (rotation: Int, isMirrored: Bool) {
    let m = UnsafeRawPointer(displayMatrix)
    func entry(_ index: Int) -> Double {
        Double(m.loadUnaligned(fromByteOffset: 4 * index, as: Int32.self)) / 65536
    }
    var (a, b) = (entry(0), entry(1))
    let isMirrored = a * entry(4) - b * entry(3) < 0
    if isMirrored { (a, b) = (-a, -b) }
    let quarter = Int((atan2(b, a) / (Double.pi / 2)).rounded())
    return ((quarter + 4) % 4 * 90, isMirrored)
}

func fullRange(_ range: AVColorRange, _ plan: PixelFormatPlan?) -> Bool? {
    if plan?.isFullRange == true { return true }
    switch range {
    case AVCOL_RANGE_JPEG: return true
    case AVCOL_RANGE_MPEG: return false
    default: return nil
    }
}

private func seconds(_ value: Int64) -> Double? {
    value == percept_no_timestamp ? nil : Double(value) / Double(percept_time_base)
}

private func tagText(_ tag: UInt32) -> String {
    guard tag != 0 else { return "" }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
        String(cString: av_fourcc_make_string(buffer.baseAddress!, tag))
    }
}
