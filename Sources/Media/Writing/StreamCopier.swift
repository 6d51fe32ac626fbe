// Everything of the input but its video, carried into the output packet by packet.
import CFFmpeg

/// Copies the streams, chapters and metadata of a ``StreamPlan`` into a muxer.
final class StreamCopier {
    private let plan: StreamPlan
    private let muxer: Muxer
    private let timeline: Timeline
    private var targets: [Int: Target] = [:]
    private let packet: UnsafeMutablePointer<AVPacket>
    private var isPending = false
    private var isAtEnd = false
    private var streamsPastEnd: Set<Int> = []
    /// How many packets of each stream the muxer took for damaged, and which streams have sound ones.
    private var damaged: [Int: Int] = [:]
    private var soundStreams: Set<Int> = []
    /// A stream of which this many packets are refused, and none taken, is not damaged: it is
    /// nothing that the container can hold.
    private static let hopelessCount = 50

    /// What a stream of the input becomes.
    private struct Target {
        let stream: UnsafeMutablePointer<AVStream>
        let converter: SubtitleConverter?
        /// Ticks of the source that readers will subtract from all times.
        var delay: Int64 = 0
        /// Last decoding time handed over, so that broken sources cannot stop the muxer.
        var lastDTS = Int64.min
        /// Where the next packet of a stream without times belongs.
        var nextPTS: Int64?
    }

    private var source: SourceStreams { plan.source }

    init(_ plan: StreamPlan, muxer: Muxer, timeline: Timeline) throws {
        self.plan = plan
        self.muxer = muxer
        self.timeline = timeline
        packet = try allocated(av_packet_alloc())
    }

    /// Adds the stream of an entry to the muxer; before its header.
    func addStream(_ entry: StreamPlan.Entry) throws {
        let original = source.stream(entry.index)
        switch entry.action {
        case .copy:
            let stream = try muxer.addStream()
            try throwing(
                Muxer.adopt(original, as: stream, in: muxer.context), "copy \(entry.description)")
            removeStaleTags(stream)
            respellLanguage(stream)
            declarePriming(original, stream)
            targets[entry.index] = Target(
                stream: stream, converter: nil, delay: missingDelay(original, stream))
        case .convert:
            guard let codec = plan.container?.textSubtitle else { return }
            let converter = try SubtitleConverter(from: original, to: codec)
            let stream = try muxer.addStream()
            try converter.describe(stream.pointee.codecpar)
            stream.pointee.time_base = original.pointee.time_base
            stream.pointee.disposition = original.pointee.disposition
            av_dict_copy(&stream.pointee.metadata, original.pointee.metadata, 0)
            removeStaleTags(stream)
            respellLanguage(stream)
            targets[entry.index] = Target(stream: stream, converter: converter)
        case .attach: try attachPicture(original, entry)
        case .enhance, .carried, .leaveOut: return
        }
    }

    /// Carries chapters and global metadata; before the header.
    func addChaptersAndMetadata() throws {
        let from = source.context, to = muxer.context
        try throwing(av_dict_copy(&to.pointee.metadata, from.pointee.metadata, 0), "copy metadata")
        // These describe the old file, not the recording.
        for key in ["major_brand", "minor_version", "compatible_brands", "encoder", "DURATION"] {
            av_dict_set(&to.pointee.metadata, key, nil, 0)
        }
        for index in 0..<Int(from.pointee.nb_chapters) {
            let chapter = from.pointee.chapters[index]!.pointee
            let origin = rescale(timeline.origin, to: chapter.time_base)
            let first = timeline.start.map { rescale($0, to: chapter.time_base) } ?? .min
            let last = timeline.end.map { rescale($0, to: chapter.time_base) } ?? .max
            let start = max(chapter.start, first), end = min(chapter.end, last)
            guard start < end || (start == end && chapter.start == chapter.end) else { continue }
            try throwing(
                percept_add_chapter(
                    to, chapter.id, chapter.time_base, start - origin, end - origin,
                    chapter.metadata),
                "copy a chapter")
        }
    }

    /// Positions the input for a cut; after the header.
    func begin() throws {
        for index in 0..<source.count where targets[index] == nil {
            source.stream(index).pointee.discard = AVDISCARD_ALL
        }
        guard let start = timeline.start, !targets.isEmpty else { return }
        // Subtitles that are still shown at the cut began earlier.
        let margin: Int64 = 30_000_000
        let time = rescale(start, to: AVRational(num: 1, den: 1_000_000)) - margin
        guard time > 0 else { return }
        // A container without an index stays where it is: then everything before is read and dropped.
        _ = av_seek_frame(source.context, -1, time, AVSEEK_FLAG_BACKWARD)
    }

    /// Hands over every packet that is decoded no later than `instant`; nil: all that remain.
    ///
    /// - Parameter instant: in the output's time and the timeline's unit.
    func copy(upTo instant: Int64?) throws {
        guard !targets.isEmpty else { return }
        while true {
            if !isPending {
                guard try readNext() else { return }
            }
            let index = Int(packet.pointee.stream_index)
            let base = source.stream(index).pointee.time_base
            let time = packet.pointee.dts
            if let instant, time != percept_no_timestamp,
                av_compare_ts(time, base, instant + timeline.origin, timeline.timeBase.avRational)
                    > 0
            {
                return
            }
            isPending = false
            try deliver(index)
            av_packet_unref(packet)
        }
    }

    private func readNext() throws -> Bool {
        while !isAtEnd {
            let code = av_read_frame(source.context, packet)
            guard code >= 0 else {
                // What can be read is kept; the reader reports damage of the input.
                isAtEnd = true
                return false
            }
            if targets[Int(packet.pointee.stream_index)] != nil {
                isPending = true
                return true
            }
            av_packet_unref(packet)
        }
        return false
    }

    private func deliver(_ index: Int) throws {
        guard var target = targets[index] else { return }
        let base = source.stream(index).pointee.time_base
        completeTimes(&target, index)
        guard keep(index, base) else {
            targets[index] = target
            return
        }
        let origin = rescale(timeline.origin, to: base)
        if let converter = target.converter {
            var converted = try converter.convert(packet)
            defer { av_packet_free(&converted) }
            if let converted {
                shift(converted, by: -origin, base)
                try write(converted, &target, base, index)
            }
        } else {
            shift(packet, by: target.delay - origin, base)
            try write(packet, &target, base, index)
        }
        targets[index] = target
    }

    private func write(
        _ packet: UnsafeMutablePointer<AVPacket>, _ target: inout Target, _ base: AVRational,
        _ index: Int
    ) throws {
        // Broken sources repeat or swap decoding times, which no muxer accepts.
        if packet.pointee.dts != percept_no_timestamp {
            let dts = av_rescale_q(packet.pointee.dts, base, target.stream.pointee.time_base)
            let isSubtitle =
                target.stream.pointee.codecpar.pointee.codec_type == AVMEDIA_TYPE_SUBTITLE
            if target.lastDTS != .min,
                dts < target.lastDTS || (dts == target.lastDTS && !isSubtitle)
            {
                let next = target.lastDTS + (isSubtitle ? 0 : 1)
                packet.pointee.dts = av_rescale_q_rnd(
                    next, target.stream.pointee.time_base, base, AV_ROUND_UP)
                if packet.pointee.pts != percept_no_timestamp {
                    packet.pointee.pts = max(packet.pointee.pts, packet.pointee.dts)
                }
            }
            target.lastDTS = av_rescale_q(
                packet.pointee.dts, base, target.stream.pointee.time_base)
        }
        if try muxer.offer(packet, to: target.stream, timeBase: base) {
            soundStreams.insert(index)
            return
        }
        let count = damaged[index, default: 0] + 1
        damaged[index] = count
        guard count < Self.hopelessCount || soundStreams.contains(index) else {
            throw MediaError.unsupported(
                path: source.path,
                what: "not one packet of \(source.describe(index)) can be copied",
                advice: "another container may hold it")
        }
        guard !plan.stopsAtDamage else {
            throw MediaError.unsupported(
                path: source.path, what: "\(source.describe(index)) is damaged",
                advice: "without --strict its damaged packets are left out")
        }
    }

    /// One line for each stream that lost packets because they were damaged.
    var losses: [String] {
        damaged.sorted { $0.key < $1.key }.map { index, count in
            let packets = count == 1 ? "1 damaged packet" : "\(count) damaged packets"
            return "\(packets) of \(source.describe(index)) left out"
        }
    }

    /// Gives a packet the times that its container leaves out.
    private func completeTimes(_ target: inout Target, _ index: Int) {
        let parameters = source.stream(index).pointee.codecpar!
        let none = percept_no_timestamp
        if packet.pointee.dts == none { packet.pointee.dts = packet.pointee.pts }
        if packet.pointee.pts == none, parameters.pointee.codec_type != AVMEDIA_TYPE_VIDEO {
            packet.pointee.pts = packet.pointee.dts
        }
        if packet.pointee.pts == none, packet.pointee.dts == none, let next = target.nextPTS {
            packet.pointee.pts = next
            packet.pointee.dts = next
        }
        if packet.pointee.pts != none {
            target.nextPTS = packet.pointee.pts + packet.pointee.duration
        }
    }

    /// Whether the packet lies within the cut; subtitles that reach into it are shortened.
    private func keep(_ index: Int, _ base: AVRational) -> Bool {
        guard packet.pointee.pts != percept_no_timestamp else { return timeline.start == nil }
        let unit = timeline.timeBase.avRational
        if let end = timeline.end, av_compare_ts(packet.pointee.pts, base, end, unit) >= 0 {
            streamsPastEnd.insert(index)
            if streamsPastEnd.count == targets.count { isAtEnd = true }
            return false
        }
        let isPicture = source.stream(index).pointee.disposition & AV_DISPOSITION_ATTACHED_PIC != 0
        guard let start = timeline.start, !isPicture else { return true }
        guard av_compare_ts(packet.pointee.pts, base, start, unit) < 0 else { return true }
        let kind = source.stream(index).pointee.codecpar.pointee.codec_type
        let first = rescale(start, to: base)
        let stop = packet.pointee.pts + packet.pointee.duration
        guard kind == AVMEDIA_TYPE_SUBTITLE, stop > first else { return false }
        packet.pointee.pts = first
        packet.pointee.dts = first
        packet.pointee.duration = stop - first
        return true
    }

    private func shift(
        _ packet: UnsafeMutablePointer<AVPacket>, by offset: Int64, _ base: AVRational
    ) {
        if packet.pointee.pts != percept_no_timestamp { packet.pointee.pts += offset }
        if packet.pointee.dts != percept_no_timestamp { packet.pointee.dts += offset }
    }

    private func rescale(_ value: Int64, to base: AVRational) -> Int64 {
        av_rescale_q(value, timeline.timeBase.avRational, base)
    }

    /// Priming samples lie before 0, where Matroska has no time: it declares them as a delay instead.
    private func declarePriming(
        _ original: UnsafeMutablePointer<AVStream>, _ stream: UnsafeMutablePointer<AVStream>
    ) {
        let parameters = stream.pointee.codecpar!
        // `start_time` leaves the priming out; the index does not.
        guard let entry = avformat_index_get_entry(original, 0) else { return }
        let first = entry.pointee.timestamp
        guard plan.container == .matroska, parameters.pointee.codec_type == AVMEDIA_TYPE_AUDIO,
            parameters.pointee.initial_padding == 0, first < 0, first != percept_no_timestamp,
            timeline.start == nil, parameters.pointee.sample_rate > 0
        else { return }
        let samples = AVRational(num: 1, den: parameters.pointee.sample_rate)
        parameters.pointee.initial_padding = Int32(
            clamping: av_rescale_q(-first, original.pointee.time_base, samples))
    }

    /// What the muxer declares as the codec's delay and forgets to add to the packets' times.
    private func missingDelay(
        _ original: UnsafeMutablePointer<AVStream>, _ stream: UnsafeMutablePointer<AVStream>
    ) -> Int64 {
        let parameters = stream.pointee.codecpar!
        guard percept_matroska_adds_codec_delay == 0,
            plan.container == .matroska || plan.container == .webm,
            parameters.pointee.codec_id == AV_CODEC_ID_OPUS
        else { return 0 }
        // Opus counts its padding at 48 kHz, whatever it was made from.
        return av_rescale_q(
            Int64(parameters.pointee.initial_padding), AVRational(num: 1, den: 48000),
            original.pointee.time_base)
    }

    /// Matroska keeps covers as attached files.
    private func attachPicture(
        _ original: UnsafeMutablePointer<AVStream>, _ entry: StreamPlan.Entry
    )
        throws
    {
        let picture = original.pointee.attached_pic
        guard picture.size > 0, let bytes = picture.data else { return }
        let stream = try muxer.addStream()
        let parameters = stream.pointee.codecpar!
        parameters.pointee.codec_type = AVMEDIA_TYPE_ATTACHMENT
        parameters.pointee.codec_id = original.pointee.codecpar.pointee.codec_id
        let padding = Int(AV_INPUT_BUFFER_PADDING_SIZE)
        guard let copy = av_mallocz(Int(picture.size) + padding) else {
            throw MediaError.library(operation: "allocate", reason: "out of memory")
        }
        copy.copyMemory(from: bytes, byteCount: Int(picture.size))
        parameters.pointee.extradata = copy.assumingMemoryBound(to: UInt8.self)
        parameters.pointee.extradata_size = picture.size
        av_dict_copy(&stream.pointee.metadata, original.pointee.metadata, 0)
        let isPNG = parameters.pointee.codec_id == AV_CODEC_ID_PNG
        if source.metadata(entry.index)["filename"] == nil {
            av_dict_set(&stream.pointee.metadata, "filename", isPNG ? "cover.png" : "cover.jpg", 0)
        }
        av_dict_set(
            &stream.pointee.metadata, "mimetype", isPNG ? "image/png" : "image/jpeg", 0)
    }

    /// QuickTime numbers its languages: FFmpeg's table of them has one of two ISO 639-2 codes each.
    private func respellLanguage(_ stream: UnsafeMutablePointer<AVStream>) {
        let spellings = [
            "deu": "ger", "nld": "dut", "fre": "fra", "ell": "gre", "isl": "ice", "zho": "chi",
            "sqi": "alb", "hye": "arm", "kat": "geo", "rum": "ron", "cze": "ces", "slo": "slk",
            "swe": "sve", "mkd": "mac", "fas": "iri", "per": "iri",
        ]
        guard plan.container == .mov,
            let known = dictionary(stream.pointee.metadata)["language"],
            let spelling = spellings[known]
        else { return }
        av_dict_set(&stream.pointee.metadata, "language", spelling, 0)
    }

    /// Statistics of the uncut stream would be wrong after a cut, and FFmpeg writes DURATION itself.
    private func removeStaleTags(_ stream: UnsafeMutablePointer<AVStream>) {
        for key in dictionary(stream.pointee.metadata).keys
        where key.hasPrefix("DURATION")
            || (timeline.start != nil || timeline.end != nil) && isStatistics(key)
        {
            av_dict_set(&stream.pointee.metadata, key, nil, 0)
        }
    }

    deinit {
        var packet: UnsafeMutablePointer<AVPacket>? = packet
        av_packet_free(&packet)
    }
}

/// Whether a key is one of the statistics that mkvmerge leaves in tags.
func isStatistics(_ key: String) -> Bool {
    ["BPS", "NUMBER_OF_FRAMES", "NUMBER_OF_BYTES", "_STATISTICS_", "DURATION"].contains {
        key.hasPrefix($0)
    }
}
