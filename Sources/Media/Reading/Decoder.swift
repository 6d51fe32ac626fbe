// One video decoder fed from one opened file.
import CFFmpeg
import CHeaders

/// What a packet says before it is decoded.
struct PacketFacts {
    /// Its size in bytes, and the quantiser that the coded headers declare where the decoder exports none.
    var byteCount: Int
    var quantiser: Double?
}

/// Decodes the packets of one stream; owns the codec, a packet and a frame.
final class Decoder {
    let context: UnsafeMutablePointer<AVCodecContext>
    /// What `receive()` decoded last.
    let frame: UnsafeMutablePointer<AVFrame>
    /// Packets from which nothing could be decoded.
    private(set) var lostPackets = 0
    /// Packets handed over so far.
    private(set) var sentPackets = 0
    /// Why the demuxer stopped before the end; nil where it did not.
    private(set) var readFailure: String?

    /// Follows what was never decoded, where that was asked for and the codec allows it.
    let tracer: LossTracer?

    /// Where packets of a transport stream are missing, where losses are repaired.
    private let transport: TransportGaps?
    /// Pictures that such a stream lacks as a whole, and packets that wait behind those that stand in for them.
    private var missing = MissingPictures()
    /// Gaps that had been come across after each of the last two packets.
    private var gapCounts = (0, 0)
    private var waiting: [(packet: OwnPacket, origin: LossTracer.Origin)] = []

    private let source: MediaSource
    private let streamIndex: Int32
    private let packet: UnsafeMutablePointer<AVPacket>
    private let headers: OpaquePointer?
    private var facts: [Int64: PacketFacts] = [:]
    private var isDraining = false

    init(_ source: MediaSource, stream: StreamInfo, options: ReadOptions) throws {
        let demuxed = source.context.pointee.streams[stream.index]!
        guard demuxed.pointee.codecpar.pointee.codec_id != AV_CODEC_ID_NONE else {
            throw MediaError.notVideo(path: source.path, reason: "its codec is unknown or damaged")
        }
        guard let codec = Decoder.codec(for: demuxed, stream),
            let context = avcodec_alloc_context3(codec),
            let packet = av_packet_alloc(), let frame = av_frame_alloc()
        else { throw MediaError.noDecoder(path: source.path, codec: stream.codec) }
        self.source = source
        self.context = context
        self.packet = packet
        self.frame = frame
        streamIndex = Int32(stream.index)
        headers = percept_coded_headers_open(demuxed.pointee.codecpar, demuxed.pointee.time_base)
        try throwing(
            avcodec_parameters_to_context(context, demuxed.pointee.codecpar), "set up a decoder")
        context.pointee.pkt_timebase = demuxed.pointee.time_base
        context.pointee.framerate = demuxed.pointee.avg_frame_rate
        context.pointee.thread_count = Int32(options.threads)
        context.pointee.thread_type = Decoder.threading(of: context.pointee.codec_id)
        context.pointee.max_pixels = Int64(options.maximumPixels)
        // Broken pictures come out marked instead of not at all.
        context.pointee.flags |= AV_CODEC_FLAG_OUTPUT_CORRUPT
        context.pointee.export_side_data |= AV_CODEC_EXPORT_DATA_VIDEO_ENC_PARAMS
        if options.skipsUnreferenced { context.pointee.skip_frame = AVDISCARD_NONREF }
        if options.onlyKeyFrames { context.pointee.skip_frame = AVDISCARD_NONKEY }
        if options.skipsLoopFilter { context.pointee.skip_loop_filter = AVDISCARD_ALL }
        if options.exportsMotion { context.pointee.flags2 |= AV_CODEC_FLAG2_EXPORT_MVS }
        tracer =
            options.onlyKeyFrames
            ? nil
            : LossTracer(
                options.losses, context, demuxed.pointee.codecpar,
                isTransport: source.info.formatName == "mpegts")
        transport =
            tracer?.mendsPackets == true
            ? TransportGaps(path: source.path, identifier: Int(demuxed.pointee.id)) : nil
        let opened = avcodec_open2(context, codec, nil)
        guard opened >= 0 else {
            throw MediaError.notVideo(
                path: source.path, reason: "\(stream.codec) decoder: \(errorText(opened))")
        }
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        var frame: UnsafeMutablePointer<AVFrame>? = frame
        percept_coded_headers_close(headers)
        avcodec_free_context(&context)
        av_packet_free(&packet)
        av_frame_free(&frame)
    }

    private static func codec(for demuxed: UnsafeMutablePointer<AVStream>, _ stream: StreamInfo)
        -> UnsafePointer<AVCodec>?
    {
        let identifier = demuxed.pointee.codecpar.pointee.codec_id
        // FFmpeg's own VP8 and VP9 decoders leave the alpha channel of WebM behind.
        let isVPx = identifier == AV_CODEC_ID_VP8 || identifier == AV_CODEC_ID_VP9
        if isVPx, stream.metadata.value("alpha_mode") == "1" {
            let name = identifier == AV_CODEC_ID_VP8 ? "libvpx" : "libvpx-vp9"
            if let codec = avcodec_find_decoder_by_name(name) { return codec }
        }
        return avcodec_find_decoder(identifier)
    }

    /// Frame threads where they are safe for what we want to know.
    ///
    /// The H.264 and MPEG decoders copy the quantisers (and motion) of a picture when they put it out;
    /// with frame threads and reordering another thread may still be writing them (seen with
    /// FFmpeg 5.1: maps with holes that differ from run to run). Slices, where there are any, are safe.
    private static func threading(of codec: AVCodecID) -> Int32 {
        switch codec {
        case AV_CODEC_ID_H264, AV_CODEC_ID_MPEG4, AV_CODEC_ID_MPEG2VIDEO, AV_CODEC_ID_MPEG1VIDEO:
            return FF_THREAD_SLICE
        default: return FF_THREAD_FRAME | FF_THREAD_SLICE
        }
    }

    /// Decodes the next picture into `frame`; false after the last one.
    func receive() throws -> Bool {
        while true {
            let received = avcodec_receive_frame(context, frame)
            switch received {
            case 0: return true
            case percept_averror_eof: return false
            case percept_averror_again:
                guard !isDraining else { return false }
                try feed()
            case percept_averror_no_memory: try throwing(received, "decode a frame")
            default: lostPackets += 1
            }
        }
    }

    /// Hands the decoder one more packet of the stream, or tells it that there are no more.
    private func feed() throws {
        while true {
            if !waiting.isEmpty {
                let next = waiting.removeFirst()
                return try send(next.packet.pointer, next.origin)
            }
            let read = av_read_frame(source.context, packet)
            guard read >= 0 else {
                if read != percept_averror_eof {
                    readFailure = errorText(read)
                } else if let bytes = source.context.pointee.pb, bytes.pointee.error < 0 {
                    readFailure = errorText(bytes.pointee.error)
                }
                isDraining = true
                tracer?.begin(packet: sentPackets + 1)
                avcodec_send_packet(context, nil)
                tracer?.note(nil, number: sentPackets + 1)
                return
            }
            defer { av_packet_unref(packet) }
            guard packet.pointee.stream_index == streamIndex else { continue }
            noteFacts()
            let origin = mend()
            standIn(before: origin)
            if waiting.isEmpty { return try send(packet, origin) }
        }
    }

    private func send(
        _ packet: UnsafeMutablePointer<AVPacket>, _ origin: LossTracer.Origin
    ) throws {
        sentPackets += 1
        tracer?.begin(packet: sentPackets)
        let sent = avcodec_send_packet(context, packet)
        tracer?.note(packet, number: sentPackets, origin)
        if sent == percept_averror_no_memory { try throwing(sent, "decode a packet") }
        if sent < 0 { lostPackets += 1 }
    }

    /// Puts pictures in front of the packet that stand in for those that are missing there.
    private func standIn(before origin: LossTracer.Origin) {
        guard let transport else { return }
        // One behind a picture's last byte is come across with that picture.
        let isDamaged = transport.count > gapCounts.0
        gapCounts = (gapCounts.1, transport.count)
        guard let picture = MPEGPicture(packet, context.pointee.codec_id),
            packet.pointee.pts != percept_no_timestamp, packet.pointee.dts != percept_no_timestamp
        else { return }
        let duration = packet.pointee.duration
        let places = missing.before(
            MissingPictures.Picture(
                isBetween: picture.isBetween, shown: packet.pointee.pts, decoded: packet.pointee.dts
            ), duration: duration, mayLack: isDamaged && picture.isProgressive)
        guard !places.isEmpty,
            let repeated = RepeatedPicture(
                width: Int(context.pointee.width), height: Int(context.pointee.height)),
            let own = OwnPacket(copyOf: packet)
        else { return }
        for place in places {
            let distance = Int((place.shown - packet.pointee.pts) / duration)
            guard
                let standIn = OwnPacket(
                    repeated.bytes(
                        isBetween: place.isBetween, place: (picture.place + distance) & 1023),
                    like: packet)
            else { break }
            standIn.pointer.pointee.pts = place.shown
            standIn.pointer.pointee.dts = place.decoded
            standIn.pointer.pointee.flags = AV_PKT_FLAG_CORRUPT
            waiting.append((standIn, .standIn))
        }
        waiting.append((own, origin))
    }

    /// Cuts out of the packet what follows a gap in the transport stream, up to the next slice.
    private func mend() -> LossTracer.Origin {
        guard let transport, let data = packet.pointee.data else { return .container }
        let bytes = UnsafeBufferPointer(start: data, count: Int(packet.pointee.size))
        guard let gaps = transport.gaps(in: bytes, at: packet.pointee.pos), !gaps.isEmpty else {
            return .container
        }
        let torn = TornPicture(
            bytes, gaps: gaps, context.pointee.codec_id == AV_CODEC_ID_H264 ? .h264 : .mpeg)
        // To a decoder nothing at all would be the end.
        guard !torn.bytes.isEmpty, av_packet_make_writable(packet) >= 0 else { return .container }
        packet.pointee.data.update(from: torn.bytes, count: torn.bytes.count)
        av_shrink_packet(packet, Int32(torn.bytes.count))
        packet.pointee.flags |= AV_PKT_FLAG_CORRUPT
        return .mended(ends: torn.ends)
    }

    /// Keeps what is known of the packet until its picture comes out.
    private func noteFacts() {
        let time = packet.pointee.pts
        guard time != percept_no_timestamp else { return }
        var packetFacts = PacketFacts(byteCount: Int(packet.pointee.size))
        var quantiser = 0.0
        if let headers, percept_coded_headers_read(headers, packet, &quantiser) != 0 {
            packetFacts.quantiser = quantiser
        }
        // Pictures that never come out must not pile up.
        if facts.count > 256 { facts.removeAll() }
        facts[time] = packetFacts
    }

    /// What is known of the packet that the decoded picture came from; nil where nothing is.
    func takeFacts() -> PacketFacts? { facts.removeValue(forKey: frame.pointee.pts) }

    /// Forgets everything decoded so far: after the file position has changed.
    func flush() {
        avcodec_flush_buffers(context)
        av_frame_unref(frame)
        if let headers { percept_coded_headers_flush(headers) }
        facts.removeAll()
        tracer?.flush()
        transport?.flush()
        missing.flush()
        waiting = []
        isDraining = false
    }
}
