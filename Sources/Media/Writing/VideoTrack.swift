// The video as the container describes it: tags, colour, rotation, HDR, time code.
import CFFmpeg

/// Fills the output's video stream and chooses the muxer's options.
struct VideoTrack {
    let video: VideoDescription
    let coder: VideoEncoder
    let container: Container

    /// Describes the stream before the header.
    ///
    /// - Parameter original: the source's video stream, for language, names and dispositions.
    func describe(
        _ stream: UnsafeMutablePointer<AVStream>, original: UnsafeMutablePointer<AVStream>?,
        timeline: Timeline, muxer: Muxer
    ) throws {
        try throwing(
            avcodec_parameters_from_context(stream.pointee.codecpar, coder.context),
            "describe the video")
        let parameters = stream.pointee.codecpar!
        stream.pointee.time_base = video.timeBase.avRational
        stream.pointee.sample_aspect_ratio = video.sampleAspectRatio.avRational
        if let rate = video.frameRate { stream.pointee.avg_frame_rate = rate.avRational }
        if coder.encoder == .x265, container.isQuickTime {
            parameters.pointee.codec_tag = percept_tag("hvc1")
        }
        // An average over the file is the muxer's to find out.
        parameters.pointee.bit_rate = 0
        if video.rotation != 0 || video.isMirrored { try addDisplayMatrix(stream) }
        if let hdr = video.hdr { try add(hdr.fixed, to: stream) }
        guard let original else { return }
        stream.pointee.disposition = original.pointee.disposition
        av_dict_copy(&stream.pointee.metadata, original.pointee.metadata, 0)
        for key in dictionary(stream.pointee.metadata).keys
        where isStatistics(key) || ["encoder", "rotate"].contains(key.lowercased()) {
            av_dict_set(&stream.pointee.metadata, key, nil, 0)
        }
        advanceTimecodes(stream, timeline, muxer)
    }

    /// What the muxer is told.
    func muxerOptions(_ muxer: Muxer) -> [String: String] {
        // FFmpeg 5.1 moves everything when sound begins before 0, as priming does. A block of such a
        // time is legal and not played; browsers refuse it, so WebM is left as it is.
        if container == .matroska, percept_matroska_adds_codec_delay == 0 {
            return ["avoid_negative_ts": "disabled"]
        }
        guard container.isQuickTime else { return [:] }
        var flags = ["+faststart"]
        let keys = dictionary(muxer.context.pointee.metadata).keys
        // The classic list has no place for such keys, and players look for them among `mdta`.
        if keys.contains(where: { $0.hasPrefix("com.") }) { flags.append("+use_metadata_tags") }
        var options = ["movflags": flags.joined()]
        options["video_track_timescale"] = String(video.timeBase.denominator)
        options["movie_timescale"] = String(movieTimescale(muxer))
        return options
    }

    /// Edit lists count in the movie's time scale: fine enough for the start of every track.
    private func movieTimescale(_ muxer: Muxer) -> Int64 {
        var scale = Int64(video.timeBase.denominator)
        for index in 0..<Int(muxer.context.pointee.nb_streams) {
            let stream = muxer.context.pointee.streams[index]!
            guard stream.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_AUDIO else { continue }
            let rate = Int64(stream.pointee.codecpar.pointee.sample_rate)
            guard rate > 0 else { continue }
            let common = scale / gcd(scale, rate) * rate
            if common <= 1_000_000_000 { scale = common }
        }
        return max(scale, 1000)
    }

    private func gcd(_ a: Int64, _ b: Int64) -> Int64 { b == 0 ? a : gcd(b, a % b) }

    private func addDisplayMatrix(_ stream: UnsafeMutablePointer<AVStream>) throws {
        let size = 9 * MemoryLayout<Int32>.size
        guard let bytes = percept_stream_new_side_data(stream, AV_PKT_DATA_DISPLAYMATRIX, size)
        else { throw MediaError.library(operation: "allocate", reason: "out of memory") }
        bytes.withMemoryRebound(to: Int32.self, capacity: 9) { matrix in
            av_display_rotation_set(matrix, Double(video.rotation))
            // The first row says where x goes: mirroring comes before the rotation.
            if video.isMirrored {
                matrix[0] = -matrix[0]
                matrix[1] = -matrix[1]
            }
        }
    }

    private func add(_ hdr: HDRMetadata, to stream: UnsafeMutablePointer<AVStream>) throws {
        if let display = hdr.mastering {
            try add(Self.record(display), AV_PKT_DATA_MASTERING_DISPLAY_METADATA, to: stream)
        }
        guard hdr.maximumContentLight != nil || hdr.maximumFrameAverageLight != nil else { return }
        let record = AVContentLightMetadata(
            MaxCLL: UInt32(clamping: hdr.maximumContentLight ?? 0),
            MaxFALL: UInt32(clamping: hdr.maximumFrameAverageLight ?? 0))
        try add(record, AV_PKT_DATA_CONTENT_LIGHT_LEVEL, to: stream)
    }

    private func add<Record>(
        _ record: Record, _ type: AVPacketSideDataType, to stream: UnsafeMutablePointer<AVStream>
    ) throws {
        let size = MemoryLayout<Record>.size
        guard let bytes = percept_stream_new_side_data(stream, type, size) else {
            throw MediaError.library(operation: "allocate", reason: "out of memory")
        }
        withUnsafeBytes(of: record) {
            UnsafeMutableRawPointer(bytes).copyMemory(from: $0.baseAddress!, byteCount: size)
        }
    }

    private static func record(
        _ display: HDRMetadata.MasteringDisplay
    ) -> AVMasteringDisplayMetadata {
        var record = AVMasteringDisplayMetadata()
        let primaries = display.red + display.green + display.blue
        withTuple(&record.display_primaries) { (values: UnsafeMutablePointer<AVRational>) in
            for (index, value) in primaries.enumerated() { values[index] = value.avRational }
        }
        withTuple(&record.white_point) { (values: UnsafeMutablePointer<AVRational>) in
            for (index, value) in display.white.enumerated() { values[index] = value.avRational }
        }
        record.min_luminance = display.minimumLuminance.avRational
        record.max_luminance = display.maximumLuminance.avRational
        record.has_primaries = 1
        record.has_luminance = 1
        return record
    }

    /// A cut moves the time code of the first frame.
    private func advanceTimecodes(
        _ stream: UnsafeMutablePointer<AVStream>, _ timeline: Timeline, _ muxer: Muxer
    ) {
        guard timeline.start != nil, timeline.origin > 0, let rate = video.frameRate else { return }
        let frame = AVRational(num: rate.denominator, den: rate.numerator)
        let frames = av_rescale_q(timeline.origin, timeline.timeBase.avRational, frame)
        advance(&stream.pointee.metadata, by: Int32(clamping: frames), rate)
        advance(&muxer.context.pointee.metadata, by: Int32(clamping: frames), rate)
    }

    private func advance(_ metadata: inout OpaquePointer?, by frames: Int32, _ rate: Rational) {
        guard let text = dictionary(metadata)["timecode"] else { return }
        var code = AVTimecode()
        guard av_timecode_init_from_string(&code, rate.avRational, text, nil) >= 0 else { return }
        let moved = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
            av_timecode_make_string(&code, buffer.baseAddress!, frames)
            return String(cString: buffer.baseAddress!)
        }
        av_dict_set(&metadata, "timecode", moved, 0)
    }
}
