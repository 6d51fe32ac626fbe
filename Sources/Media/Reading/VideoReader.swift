// Decodes the video stream of a file: frames in = frames out, with everything the decoder knows.
import CFFmpeg

/// Reads the frames of a file's video stream in order of presentation.
///
/// The reader belongs to one thread at a time. Frames point into the decoder's own memory, which
/// stays alive as long as they do.
public final class VideoReader: FrameSource, @unchecked Sendable {
    /// The opened file.
    public let source: MediaSource
    /// The stream that is read.
    public let stream: StreamInfo
    public let width: Int
    public let height: Int
    public let format: FrameFormat
    public let timeBase: Rational
    /// HDR records of the container and of the first frame together.
    public let hdr: HDRInfo

    private let options: ReadOptions
    let decoder: Decoder
    private let converter: PixelConverter
    private var waiting: [Frame] = []
    private var window: TimeWindow?
    private var lastTimestamp: Int64?
    private var frameIndex = 0
    private var concealedFrames = 0
    private var lostBefore = 0
    private var isSeeking = false

    /// Opens the best video stream of `path` and decodes its first frame.
    ///
    /// - Throws: ``MediaError`` with exit status 66, 65 (no video, refused, too large, no frames)
    ///   or 69 (no decoder).
    public convenience init(path: String, options: ReadOptions = ReadOptions()) throws {
        try self.init(MediaSource(path: path, options: options), options: options)
    }

    /// Reads the best video stream of an opened file.
    public init(_ source: MediaSource, options: ReadOptions = ReadOptions()) throws {
        guard let stream = source.info.video else {
            let kinds = Set(source.info.streams.map(\.kind.rawValue)).sorted()
            let reason =
                kinds.isEmpty ? "no streams" : "only \(kinds.joined(separator: ", ")) inside"
            throw MediaError.notVideo(path: source.path, reason: reason)
        }
        for index in 0..<Int(source.context.pointee.nb_streams) where index != stream.index {
            source.context.pointee.streams[index]!.pointee.discard = AVDISCARD_ALL
        }
        let decoder = try Decoder(source, stream: stream, options: options)
        // The decoder's word on size and format is only final with the first frame.
        guard try decoder.receive() else { throw MediaError.noFrames(path: source.path) }
        let first = decoder.frame
        let pixelFormat = AVPixelFormat(rawValue: first.pointee.format)
        guard let plan = PixelFormatPlan(pixelFormat) else {
            throw MediaError.unsupported(
                path: source.path,
                what: "pixel format \(pixelFormatName(pixelFormat)) has no samples in memory",
                advice: "convert it with ffmpeg -pix_fmt yuv420p")
        }
        self.source = source
        self.stream = stream
        self.options = options
        self.decoder = decoder
        width = Int(first.pointee.width)
        height = Int(first.pointee.height)
        format = plan.format
        timeBase = stream.timeBase
        hdr = stream.video!.hdr.merging(HDRInfo(frame: first))
        converter = PixelConverter(format: format, width: width, height: height)
        waiting = try take().map { [$0] } ?? []
    }

    /// What the video is coded in, as FFmpeg calls it: `h264`, `mpeg2video`.
    public var codec: String { stream.codec }

    public var conversion: String? { converter.description }

    public var concealedCount: Int { concealedFrames + decoder.lostPackets - lostBefore }

    /// Packets handed to the decoder so far.
    public var decodedPackets: Int { decoder.sentPackets }

    /// Why the demuxer stopped before the end of the file; nil where it did not.
    public var readFailure: String? { decoder.readFailure }

    public var frameRate: Rational {
        let declared = stream.video!.averageFrameRate
        return declared.numerator > 0 ? declared : stream.video!.baseFrameRate
    }

    /// Bits of the coded video per luma pixel, from declared rates; nil where they are unknown.
    public var bitsPerPixel: Double? {
        let rate = frameRate.value
        let others = source.info.streams.filter { $0.index != stream.index }
            .compactMap(\.bitRate).reduce(0, +)
        guard rate > 0, let bits = stream.bitRate ?? source.info.bitRate.map({ $0 - others }),
            bits > 0
        else { return nil }
        return Double(bits) / (rate * Double(width * height))
    }

    public var estimatedFrameCount: Int? {
        let rate = frameRate.value
        if let window, rate > 0, let end = window.end ?? source.info.duration {
            return max(1, Int(((end - window.start) * rate).rounded()))
        }
        if stream.frameCount > 0 { return stream.frameCount }
        let length = stream.duration.map { Double($0) * timeBase.value } ?? source.info.duration
        guard rate > 0, let length else { return nil }
        return max(1, Int((length * rate).rounded()))
    }

    /// Timestamp in seconds from the file's first timestamp, which `--start` and `--end` count in.
    public func seconds(_ frame: Frame) -> Double { seconds(frame.timestamp) }

    /// A time of the stream's in seconds from the file's first timestamp.
    public func seconds(_ time: Int64) -> Double {
        Double(time) * timeBase.value - (source.info.startTime ?? 0)
    }

    public func next() throws -> Frame? {
        if window != nil { return try nextInWindow() }
        return try nextDecoded()
    }

    private func nextDecoded() throws -> Frame? {
        if !waiting.isEmpty { return waiting.removeFirst() }
        guard let tracer = decoder.tracer else {
            return try decodeOne() ? try take() : nil
        }
        while tracer.wantsMore, try decodeOne() { _ = try take() }
        guard let (frame, repaired, index) = tracer.release() else { return nil }
        // Pictures that were decoded ahead of this one are not spoken of before it.
        if frame.isConcealed {
            try noteDamage(to: index, "the decoder had to conceal it")
        } else if frame.loss?.isLost.contains(true) ?? false {
            try noteDamage(to: index, "parts of it were never decoded")
        }
        guard let repaired else { return frame }
        return frame.replacingPlanes(try converter.planes(of: repaired, path: source.path))
    }

    /// Decodes the next picture; false after the last one.
    private func decodeOne() throws -> Bool {
        let lost = decoder.lostPackets
        let isMore = try decoder.receive()
        if options.isStrict, !isSeeking, decoder.lostPackets > lost {
            throw MediaError.damaged(
                path: source.path, frame: frameIndex, reason: "a packet cannot be decoded")
        }
        return isMore
    }

    /// Makes a frame of what the decoder just delivered; nil where it has to wait for others.
    private func take() throws -> Frame? {
        let facts = decoder.takeFacts()
        let number = decoder.tracer?.number(of: decoder.frame)
        let picture = try DecodedPicture(taking: decoder.frame)
        let decoded = picture.frame
        let plan = PixelFormatPlan(AVPixelFormat(rawValue: decoded.pointee.format))
        var frame = Frame(
            width: width, height: height, format: format,
            planes: try converter.planes(of: picture, path: source.path))
        frame.rotation = stream.video!.rotation
        frame.isMirrored = stream.video!.isMirrored
        frame.describe(decoded, isFullRange: fullRange(decoded.pointee.color_range, plan))
        frame.timeBase = timeBase
        frame.timestamp = timestamp(of: decoded)
        frame.sampleAspectRatio = Rational(
            av_guess_sample_aspect_ratio(
                source.context, source.context.pointee.streams[stream.index], decoded))
        frame.quantisers =
            QuantiserMap(exportedWith: decoded, depth: format.depth)
            ?? facts?.quantiser.flatMap {
                QuantiserMap(
                    declared: $0, codec: decoder.context.pointee.codec_id, width: width,
                    height: height)
            }
        frame.codedBytes = facts?.byteCount
        frame.captions = Captions.read(decoded)
        frame.isKey = percept_frame_is_key(decoded) != 0
        let index = frameIndex
        frameIndex += 1
        lastTimestamp = frame.timestamp
        guard let tracer = decoder.tracer else {
            if frame.isConcealed { try noteDamage(to: index, "the decoder had to conceal it") }
            return frame
        }
        tracer.hold(frame, number: number, index: index, isSign: frame.isConcealed)
        return nil
    }

    /// Counts a damaged frame, unless it is only passed over on the way to another.
    private func noteDamage(to index: Int, _ reason: String) throws {
        guard !isSeeking else { return }
        concealedFrames += 1
        guard !options.isStrict else {
            throw MediaError.damaged(path: source.path, frame: index, reason: reason)
        }
    }

    /// Leaves out pictures that no other one is made of, or no longer does, from the next packet on; what
    /// ``ReadOptions/skipsUnreferenced`` says holds from the first.
    public func skipUnreferenced(_ isSkipping: Bool) {
        decoder.context.pointee.skip_frame = isSkipping ? AVDISCARD_NONREF : AVDISCARD_DEFAULT
    }

    /// Leaves what was never decoded as the decoder has it from now on; it is still found.
    public func leaveLosses() { decoder.tracer?.leavesLosses = true }

    /// Whether something was lost too far from a key frame to say what hangs on it.
    public var hasLostTrack: Bool { decoder.tracer?.hasGivenUp ?? false }

    /// The frame's own timestamp; where it has none, or one that does not advance or is torn, the
    /// next tick that continues the sequence.
    private func timestamp(of frame: UnsafePointer<AVFrame>) -> Int64 {
        let none = percept_no_timestamp
        let own = frame.pointee.pts
        guard let last = lastTimestamp else {
            if own != none { return own }
            let best = frame.pointee.best_effort_timestamp
            return best == none ? (stream.startTime ?? 0) : best
        }
        let rate = frameRate.value
        let step = rate > 0 ? max(1, Int64((1 / (rate * timeBase.value)).rounded())) : 1
        let next = last &+ step
        if own != none, isTorn(own, from: frame.pointee.pkt_dts, step: step) {
            // One of the two is right where the clock itself jumped; neither where both are damaged.
            let nearest = [own, frame.pointee.pkt_dts].min {
                distance($0, next) < distance($1, next)
            }!
            return isTorn(nearest, from: next, step: step) ? next : max(nearest, last + 1)
        }
        // FFmpeg's best guess falls for a broken decoding time: a presentation time that advances is
        // believed first.
        let best = own != none && own > last ? own : frame.pointee.best_effort_timestamp
        return best == none ? next : max(best, last + 1)
    }

    /// Whether two times of one picture lie further apart than any reordering: 10 s and 32 frames.
    private func isTorn(_ time: Int64, from other: Int64, step: Int64) -> Bool {
        guard other != percept_no_timestamp else { return false }
        let tenSeconds = Int64((10 / timeBase.value).rounded())
        return distance(time, other) > max(tenSeconds, 32 * step)
    }

    private func distance(_ a: Int64, _ b: Int64) -> Int64 {
        let (difference, overflows) = a.subtractingReportingOverflow(b)
        return overflows || difference == .min ? .max : abs(difference)
    }
}

// MARK: - Reading a part

/// A part of a file in seconds from its first timestamp, with neighbours on both sides.
struct TimeWindow {
    let start: Double
    let end: Double?
    let context: Int
    var hasStarted = false
    var trailing = 0
}

extension VideoReader {
    /// Goes to `start` and ends before `end`, both in seconds from the file's first timestamp.
    ///
    /// Frames are those with start <= time < end, exactly, however far apart key frames are;
    /// up to `context` frames before and after them come too (see ``isInsideWindow(_:)``).
    /// - Throws: ``MediaError/usage(_:)`` for an empty window or one after the end.
    public func read(from start: Double, to end: Double? = nil, context: Int = 0) throws {
        precondition(context >= 0)
        guard start >= 0, end.map({ $0 > start }) ?? true else {
            throw MediaError.usage("--start \(shortSeconds(start)) is not before --end")
        }
        let rate = frameRate.value
        let lead = rate > 0 ? Double(context + 1) / rate : 1
        try seek(before: start - lead)
        window = TimeWindow(start: start, end: end, context: context)
        guard try fillWindow() else {
            throw MediaError.usage(
                "\(printable(source.path)): has no frame at or after \(shortSeconds(start)) s")
        }
    }

    /// Whether `frame` belongs to the part asked for, and not to its neighbours.
    public func isInsideWindow(_ frame: Frame) -> Bool {
        isInside(frame.timestamp, from: window?.start, to: window?.end)
    }

    /// Whether a time of the stream's belongs to a part in seconds; nil: from the beginning, to the end.
    public func isInside(_ time: Int64, from start: Double?, to end: Double?) -> Bool {
        (start.map { isAtOrAfter(time, $0) } ?? true)
            && !(end.map { isAtOrAfter(time, $0) } ?? false)
    }

    /// Times are compared half a tick early: a time typed in decimals seldom hits a tick exactly.
    private func isAtOrAfter(_ time: Int64, _ instant: Double) -> Bool {
        seconds(time) >= instant - min(timeBase.value / 2, 0.0005)
    }

    /// Decodes up to the first frame of the window, keeping its neighbours.
    private func fillWindow() throws -> Bool {
        var kept: [Frame] = waiting
        waiting = []
        while true {
            if let last = kept.last, isAtOrAfter(last.timestamp, window!.start) {
                waiting = Array(kept.suffix(window!.context + 1))
                return true
            }
            kept.removeFirst(max(0, kept.count - max(1, window!.context)))
            guard let frame = try nextDecoded() else { return false }
            kept.append(frame)
        }
    }

    private func nextInWindow() throws -> Frame? {
        guard let frame = try nextDecoded() else { return nil }
        if let end = window!.end, isAtOrAfter(frame.timestamp, end) {
            window!.trailing += 1
            guard window!.trailing <= window!.context else {
                waiting = [frame]
                window!.trailing = window!.context
                return nil
            }
        }
        return frame
    }

    /// Moves to a key frame from which everything at or after `time` can be decoded.
    ///
    /// Some demuxers land late; then the search starts further back, at last at the beginning.
    private func seek(before time: Double) throws {
        // Without an index the demuxer finds packets by their times, if those only ever grow; key
        // frames lie somewhere behind, at most some seconds apart.
        guard isIndexed || source.timesGrow(of: stream.index) else { return try rewind() }
        let origin = source.info.startTime ?? 0
        for earlier in isIndexed ? [0.0, 2, 10, 60] : [1.5, 6, 30, 120] where time - earlier > 0 {
            let target = Int64(((time - earlier + origin) / timeBase.value).rounded(.down))
            guard
                av_seek_frame(
                    source.context, Int32(stream.index), target, AVSEEK_FLAG_BACKWARD) >= 0
            else { continue }
            if let first = try restart(before: time) {
                waiting = [first]
                return
            }
        }
        try rewind()
    }

    /// Whether the container says where key frames are; MPEG's streams do not.
    public var isIndexed: Bool { !source.info.formatName.hasPrefix("mpeg") }

    /// Starts again at the first frame.
    public func rewind() throws {
        window = nil
        let start = stream.startTime ?? 0
        // Streams without an index are only sure of their first byte.
        let isAtStart =
            isIndexed
            && av_seek_frame(source.context, Int32(stream.index), start, AVSEEK_FLAG_BACKWARD)
                >= 0
            || av_seek_frame(source.context, -1, 0, AVSEEK_FLAG_BYTE) >= 0
        guard isAtStart, let first = try restart() else {
            throw MediaError.unsupported(
                path: source.path, what: "cannot go back to the beginning of this format",
                advice: "remux it first: ffmpeg -i IN -c copy OUT.mkv")
        }
        waiting = [first]
    }

    /// The first frame at or after the demuxer's position from which decoding is sound.
    ///
    /// Transport streams land anywhere: what is decoded before the next key frame has no references.
    ///
    /// - Parameter time: what must not be passed before a key frame comes; nil: anything will do,
    ///   since a file may begin with what cannot be decoded soundly.
    private func restart(before time: Double? = nil) throws -> Frame? {
        decoder.flush()
        waiting = []
        lastTimestamp = nil
        isSeeking = true
        let lost = decoder.lostPackets
        defer {
            isSeeking = false
            lostBefore += decoder.lostPackets - lost
        }
        while let frame = try nextDecoded() {
            guard let time else { return frame }
            if seconds(frame) > time { return nil }
            if frame.isKey, !frame.isConcealed { return frame }
        }
        return nil
    }
}
