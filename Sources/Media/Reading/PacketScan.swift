// Reads a file's packets without decoding them, to tell in seconds whether it ends too early.
import CFFmpeg
import FileNames
import Glibc

/// What lies in a file, and whether all of it is there.
public struct PacketScan: Sendable {
    /// Packets and bytes of the video that could be read.
    public private(set) var packets = 0
    public private(set) var videoBytes: Int64 = 0
    /// Bytes of every stream that could be read, by its index.
    public private(set) var streamBytes: [Int64] = []
    /// Length of the video that could be read, in seconds.
    public private(set) var readableSeconds = 0.0
    /// Timestamps of the key frames in the stream's time base, ascending.
    public private(set) var keyframes: [Int64] = []
    /// Timestamps of all frames in the stream's time base, ascending; of frames without one, none.
    public private(set) var times: [Int64] = []
    /// Bytes of the frames at ``times``, as coded.
    public private(set) var sizes: [Int] = []
    /// Whether the scan reached the end within its time.
    public private(set) var isComplete = true
    /// Frames a second, if every time of the video that was read lies on the grid of a declared rate;
    /// nil where the rate is variable.
    public private(set) var constantRate: Rational?
    /// Why the file counts as truncated; nil where it is whole.
    public private(set) var truncation: String?
    /// The file.
    public let path: String

    /// Video bits a second, measured; nil where nothing could be read.
    public var videoBitRate: Int64? {
        readableSeconds > 0 ? Int64(Double(videoBytes) * 8 / readableSeconds) : nil
    }

    /// Throws ``MediaError/truncated(path:reason:readableSeconds:packets:)`` where it applies.
    public func check() throws {
        guard let truncation else { return }
        throw MediaError.truncated(
            path: path, reason: truncation, readableSeconds: readableSeconds, packets: packets)
    }

    /// Opens `path` a second time and reads it, for at most `timeLimit` seconds.
    ///
    /// A file is truncated when its demuxer fails, its last packet is damaged, or its declared
    /// duration or size exceeds what is there by more than two frames. Formats that declare
    /// neither (transport streams, elementary streams) cannot be truncated. Where time runs out,
    /// only what the index and the sizes say is judged.
    /// - Throws: ``MediaError`` where the file does not open as video.
    public init(path: String, options: ReadOptions = ReadOptions(), timeLimit: Double = 4) throws {
        self.path = path
        let source = try MediaSource(path: path, options: options)
        guard let video = source.info.video else {
            throw MediaError.notVideo(path: path, reason: "no video stream")
        }
        var tally = PacketTally(source, video)
        let deadline = monotonicSeconds() + timeLimit
        guard let packet = av_packet_alloc() else {
            throw MediaError.library(operation: "allocate a packet", reason: "out of memory")
        }
        defer {
            var packet: UnsafeMutablePointer<AVPacket>? = packet
            av_packet_free(&packet)
        }
        while true {
            let read = av_read_frame(source.context, packet)
            guard read >= 0 else {
                let code =
                    read == percept_averror_eof ? source.context.pointee.pb.pointee.error : read
                if code < 0, code != percept_averror_eof { tally.failure = errorText(code) }
                break
            }
            tally.count(packet.pointee)
            av_packet_unref(packet)
            if tally.total & 63 == 0, monotonicSeconds() > deadline {
                isComplete = false
                break
            }
        }
        packets = tally.packets
        videoBytes = tally.bytes
        streamBytes = tally.streamBytes
        keyframes = tally.keyframes.sorted()
        let frames = zip(tally.times, tally.sizes).sorted { $0.0 < $1.0 }
        times = frames.map(\.0)
        sizes = frames.map(\.1)
        constantRate = FrameGrid.rate(
            of: tally.times, timeBase: video.timeBase,
            among: [video.video!.averageFrameRate, video.video!.baseFrameRate])
        readableSeconds = tally.videoSeconds
        truncation = tally.verdict(isComplete: isComplete)
    }
}

/// Counts packets, and compares the sum with what the file declares.
private struct PacketTally {
    let source: MediaSource
    let video: StreamInfo
    let units: [Double]
    var packets = 0
    var total = 0
    var bytes: Int64 = 0
    var streamBytes: [Int64]
    var keyframes: [Int64] = []
    var times: [Int64] = []
    var sizes: [Int] = []
    var failure: String?
    private var isLastDamaged = false
    private var firstTime: Int64?
    private var lastEnd: Int64?
    private var fileEnd = -Double.infinity
    private var fileStart = Double.infinity

    init(_ source: MediaSource, _ video: StreamInfo) {
        self.source = source
        self.video = video
        units = source.info.streams.map(\.timeBase.value)
        streamBytes = units.map { _ in 0 }
    }

    private var frameSeconds: Double {
        let rate = video.video!.averageFrameRate.value
        return rate > 0 ? 1 / rate : 0.04
    }

    var videoSeconds: Double {
        // Elementary streams have packets without times.
        guard let firstTime, let lastEnd else { return Double(packets) * frameSeconds }
        return Double(lastEnd - firstTime) * video.timeBase.value
    }

    mutating func count(_ packet: AVPacket) {
        total += 1
        let index = Int(packet.stream_index)
        let isVideo = index == video.index
        if index < streamBytes.count { streamBytes[index] += Int64(packet.size) }
        let isDamaged = packet.flags & AV_PKT_FLAG_CORRUPT != 0
        let time = packet.pts != percept_no_timestamp ? packet.pts : packet.dts
        if isVideo {
            packets += 1
            bytes += Int64(packet.size)
            isLastDamaged = isDamaged
        }
        guard time != percept_no_timestamp, index < units.count else { return }
        var end = time + max(0, packet.duration)
        if isVideo {
            if packet.duration <= 0 { end += Int64(frameSeconds / units[index]) }
            if packet.flags & AV_PKT_FLAG_KEY != 0 { keyframes.append(time) }
            firstTime = min(firstTime ?? time, time)
            lastEnd = max(lastEnd ?? end, end)
            times.append(time)
            sizes.append(Int(packet.size))
        }
        fileStart = min(fileStart, Double(time) * units[index])
        fileEnd = max(fileEnd, Double(end) * units[index])
    }

    /// Why the file is truncated, or nil.
    func verdict(isComplete: Bool) -> String? {
        let format = source.info.formatName.split(separator: ",").first.map(String.init) ?? ""
        // These declare nothing: FFmpeg guesses their duration from bit rate or last timestamps,
        // and a recording of them always begins and ends anywhere.
        let declares = ![
            "mpegts", "mpeg", "mpegtsraw", "h264", "hevc", "m4v", "mpegvideo", "mjpeg",
            "vc1", "obu", "av1", "dv", "ogg", "gif", "rawvideo", "nut",
        ].contains(format)
        guard declares else { return isComplete ? failure : nil }
        if let missing = packetsBeyondEnd(), missing > 0 {
            return "the index names \(missing) packets behind the end of the file"
        }
        let average = packets > 0 ? Double(bytes) / Double(packets) : 0
        if let declared = declaredSize(format), packets > 0,
            Double(declared - source.info.byteCount) > 2 * average
        {
            return "it declares \(declared) bytes and has \(source.info.byteCount)"
        }
        guard isComplete else { return nil }
        if let failure { return failure }
        if isLastDamaged { return "the last packet is damaged" }
        return missingDuration(format)
    }

    private func missingDuration(_ format: String) -> String? {
        let context = source.context.pointee
        let isDeclared = context.duration_estimation_method == AVFMT_DURATION_FROM_STREAM
        guard isDeclared, total > 0 else { return nil }
        let tolerance = 2 * frameSeconds + 0.05
        // An AVI stream declares its own length; elsewhere the file's length is the longest stream's.
        if format == "avi", let declared = video.duration {
            let missing = Double(declared) * video.timeBase.value - videoSeconds
            return missing > tolerance ? words(missing) : nil
        }
        // FFmpeg's duration runs from the first timestamp, Matroska's from zero.
        guard let declared = source.info.duration, fileEnd > -.infinity else { return nil }
        let start = ["matroska", "flv", "asf"].contains(format) ? min(0, fileStart) : fileStart
        let missing = declared - (fileEnd - start)
        let isEdited = format == "mov"
        return missing > tolerance && !isEdited ? words(missing) : nil
    }

    private func words(_ missing: Double) -> String {
        "the last \(shortSeconds(missing)) s that it declares are missing"
    }

    /// How many entries of the index lie behind the end of the file; nil without an index.
    private func packetsBeyondEnd() -> Int? {
        guard source.info.formatName.hasPrefix("mov,") else { return nil }
        var missing = 0
        for index in 0..<Int(source.context.pointee.nb_streams) {
            let stream = source.context.pointee.streams[index]!
            let kind = stream.pointee.codecpar.pointee.codec_type
            guard kind == AVMEDIA_TYPE_VIDEO || kind == AVMEDIA_TYPE_AUDIO else { continue }
            for entry in 0..<avformat_index_get_entries_count(stream) {
                guard let one = avformat_index_get_entry(stream, entry)?.pointee else { continue }
                if one.pos + Int64(one.size) > source.info.byteCount { missing += 1 }
            }
        }
        return missing
    }

    /// End of the container as its own headers have it; nil where they leave it open.
    private func declaredSize(_ format: String) -> Int64? {
        switch format {
        case "avi": return ContainerSize.riff(source.path)
        case "matroska": return ContainerSize.matroska(source.path)
        default: return nil
        }
    }
}

/// Sizes that containers write into their first bytes.
enum ContainerSize {
    /// End of the chain of RIFF chunks (an AVI beyond 1 GB has several); nil for an unfinished one.
    static func riff(_ path: String) -> Int64? {
        guard let file = fopen(path.fileName, "rb") else { return nil }
        defer { fclose(file) }
        var end: Int64 = 0
        var head = [UInt8](repeating: 0, count: 8)
        while fseek(file, Int(end), SEEK_SET) == 0, fread(&head, 1, 8, file) == 8,
            head.starts(with: Array("RIFF".utf8))
        {
            let size = (4..<8).reversed().reduce(Int64(0)) { $0 << 8 | Int64(head[$1]) }
            guard size > 4, size < 0xFFFF_FF00 else { return nil }
            end += 8 + size + size % 2
        }
        return end > 0 ? end : nil
    }

    /// End of the segment; nil where its size is unknown (live recordings).
    static func matroska(_ path: String) -> Int64? {
        guard let file = fopen(path.fileName, "rb") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = fread(&bytes, 1, bytes.count, file)
        var at = 0
        /// An EBML number (RFC 8794, 4): its length is the position of the first set bit.
        func number() -> (value: Int64, isUnknown: Bool)? {
            guard at < count, bytes[at] != 0 else { return nil }
            let length = bytes[at].leadingZeroBitCount + 1
            guard at + length <= count else { return nil }
            var value = Int64(bytes[at]) & (0xFF >> length)
            for k in 1..<max(length, 1) { value = value << 8 | Int64(bytes[at + k]) }
            at += length
            return (value, value == (Int64(1) << (7 * length)) - 1)
        }
        guard count > 16, bytes.starts(with: [0x1A, 0x45, 0xDF, 0xA3]) else { return nil }
        at = 4
        guard let header = number(), !header.isUnknown, header.value < 4000 else { return nil }
        at += Int(header.value)
        guard at + 4 <= count, Array(bytes[at..<at + 4]) == [0x18, 0x53, 0x80, 0x67] else {
            return nil
        }
        at += 4
        guard let size = number(), !size.isUnknown else { return nil }
        return Int64(at) + size.value
    }
}

func monotonicSeconds() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
}
