// How large the video may become, and the rate control that keeps to it.

/// How large the output's video may become.
public enum SizePolicy: Sendable, Equatable {
    /// Constant quality: CRF 17, or coarser where that would take more than twice the source's bits.
    /// The default.
    case auto
    /// As many video bits as the source, times a factor (`keep` is 1).
    case factor(Double)
    /// The whole file in at most so many bytes.
    case bytes(Int64)
    /// Constant quality near transparency (CRF 12), whatever it takes.
    case max

    /// As many video bits as the source.
    public static let keep = SizePolicy.factor(1)

    /// Whether somebody named a size, of which shots may have different parts.
    public var isNamed: Bool {
        switch self {
        case .factor, .bytes: true
        case .auto, .max: false
        }
    }

    /// Parses `auto`, `keep`, `max`, a factor such as `1.5x`, or bytes such as `700M` (k, M, G: powers of 1000).
    public init?(_ text: String) {
        switch text {
        case "auto": self = .auto
        case "keep": self = .keep
        case "max": self = .max
        default:
            guard let last = text.last else { return nil }
            if last == "x" || last == "X" {
                guard let value = Double(text.dropLast()), value.isFinite, value > 0, value <= 1000
                else { return nil }
                self = .factor(value)
                return
            }
            let scale: Double =
                switch last {
                case "k", "K": 1e3
                case "m", "M": 1e6
                case "g", "G": 1e9
                default: 1
                }
            guard let value = Double(scale == 1 ? text[...] : text.dropLast()), value.isFinite,
                value > 0, value * scale >= 1, value * scale < 1e15
            else { return nil }
            self = .bytes(Int64(value * scale))
        }
    }
}

extension SizePolicy: CustomStringConvertible {
    /// As one types it.
    public var description: String {
        switch self {
        case .auto: "auto"
        case .max: "max"
        case .factor(1): "keep"
        case .factor(let value): "\(value)x"
        case .bytes(let count): "\(count)"
        }
    }
}

/// What an encoder is told about quality and size; bits a second and bits.
package struct RateControl: Equatable {
    package var crf: Double?
    package var bitrate: Int64?
    package var maximumRate: Int64?
    package var bufferSize: Int64?
    /// How full the buffer is at first, 0 to 1; nil: the encoder's own.
    package var initialFill: Double?

    package init(
        crf: Double? = nil, bitrate: Int64? = nil, maximumRate: Int64? = nil,
        bufferSize: Int64? = nil
    ) {
        self.crf = crf
        self.bitrate = bitrate
        self.maximumRate = maximumRate
        self.bufferSize = bufferSize
    }
}

/// What is known of the source when the size is decided.
package struct SizeFacts {
    /// Bits a second of the source's video; nil where unknown.
    var videoBitrate: Int64?
    /// Seconds of output; nil where unknown.
    var duration: Double?
    /// Bits a second of all streams that are copied.
    var otherBitrate: Int64 = 0
    /// Frames a second, for the container's overhead.
    var frameRate: Double = 25
    /// Constant quality that a trial found to take as many bits as allowed; nil: nobody tried.
    var fittedQuality: Double?
    /// Whether that trial encoded every frame, so that nothing is left to chance.
    var isFitExact: Bool

    package init(
        videoBitrate: Int64? = nil, duration: Double? = nil, otherBitrate: Int64 = 0,
        frameRate: Double = 25, fittedQuality: Double? = nil, isFitExact: Bool = false
    ) {
        self.videoBitrate = videoBitrate
        self.duration = duration
        self.otherBitrate = otherBitrate
        self.frameRate = frameRate
        self.fittedQuality = fittedQuality
        self.isFitExact = isFitExact
    }
}

extension SizeFacts {
    /// What a video, the streams beside it and a trial say.
    package init(_ video: VideoDescription, otherBitrate: Int64, _ settings: EncoderSettings) {
        self.init(
            videoBitrate: video.sourceBitrate, duration: video.duration,
            otherBitrate: otherBitrate, frameRate: video.frameRate?.value ?? 25,
            fittedQuality: settings.fittedQuality,
            // Parts take more than what was tried in one piece.
            isFitExact: settings.isFitExact && settings.part == nil)
    }
}

extension SizePolicy {
    /// Bits a second that the video may take on average; nil where the policy names no size.
    ///
    /// - Parameter path: the output, for the error.
    /// - Throws: ``OutputError/sizeTooSmall(path:bytes:reason:)``, or
    ///   ``OutputError/badOption(encoder:option:advice:)`` where a needed fact is unknown.
    package func wantedRate(_ facts: SizeFacts, path: String) throws -> Double? {
        switch self {
        case .auto, .max: return nil
        case .factor(let factor):
            guard let source = facts.videoBitrate, source > 0 else {
                throw OutputError.badOption(
                    encoder: path, option: "--size \(factor)x",
                    advice: "the source's video bitrate is unknown; give bytes or max")
            }
            return factor * Double(source)
        case .bytes(let bytes):
            guard let duration = facts.duration, duration > 0 else {
                throw OutputError.badOption(
                    encoder: path, option: "--size \(bytes)",
                    advice: "the source's duration is unknown; give a factor or max")
            }
            // Containers spend a few bytes a frame and a few thousand on their headers.
            let overhead = 4096 + 24 * facts.frameRate * duration
            let others = Double(facts.otherBitrate) / 8 * duration
            let video = (Double(bytes) - overhead - others) * 8 / duration
            guard video >= 8000 else {
                throw OutputError.sizeTooSmall(
                    path: path, bytes: bytes,
                    reason: "the other streams and the container alone take"
                        + " \(shortBytes(Int64(others + overhead)))")
            }
            return video
        }
    }

    /// The rate control that fulfils the policy.
    ///
    /// - Parameters:
    ///   - crf: the person's own constant quality, which then is not capped; nil: the policy's.
    ///   - path: the output, for the error.
    /// - Throws: ``OutputError/sizeTooSmall(path:bytes:reason:)``, or
    ///   ``OutputError/badOption(encoder:option:advice:)`` where a needed fact is unknown.
    package func rateControl(_ facts: SizeFacts, crf: Double?, encoder: Encoder, path: String)
        throws
        -> RateControl
    {
        switch self {
        case .auto:
            if let crf { return RateControl(crf: crf) }
            var rate = RateControl(crf: facts.fittedQuality ?? encoder.transparentQuality)
            if facts.fittedQuality != nil, encoder == .svtAV1 {
                // Its own cap would make it code every frame again.
                return rate
            }
            if facts.fittedQuality != nil, let source = facts.videoBitrate, source > 0 {
                // The quality keeps the average; the buffer only stops what no player could take.
                rate.maximumRate = 8 * source
                rate.bufferSize = 16 * source
            } else if let source = facts.videoBitrate, source > 0 {
                let cap = Self.cap(bitrate: 2 * Double(source), duration: facts.duration)
                rate.maximumRate = cap.rate
                rate.bufferSize = cap.buffer
            }
            return rate
        case .max:
            return RateControl(crf: crf ?? encoder.finestQuality)
        case .factor, .bytes:
            let wanted = try wantedRate(facts, path: path)!
            guard let quality = crf ?? facts.fittedQuality else {
                return Self.average(
                    bitrate: wanted, duration: facts.duration, longest: encoder.longestBuffer)
            }
            return Self.guarded(
                quality, bitrate: wanted, duration: facts.duration,
                isExact: crf == nil && facts.isFitExact, longest: encoder.longestBuffer)
        }
    }

    /// Constant quality that takes about `bitrate`, under a buffer that guarantees it.
    ///
    /// Encoders keep their buffer half full, so only the upper half of it can be overspent: the
    /// smaller the buffer, the nearer the sum comes to what is allowed, and the less freedom a hard
    /// scene has. A quality that was tried on every frame needs no guarantee.
    private static func guarded(
        _ quality: Double, bitrate: Double, duration: Double?, isExact: Bool, longest: Double
    ) -> RateControl {
        let rate = Swift.max(8000, bitrate)
        // What was tried without a buffer is repeated only without one.
        guard !isExact else { return RateControl(crf: quality) }
        guard let duration else {
            return RateControl(
                crf: quality, maximumRate: Int64(rate), bufferSize: Int64(2 * rate))
        }
        // 60 megabits are what players of full HD hold (H.264 level 4.1).
        let buffer = Swift.min(
            Swift.max(rate, Swift.min(0.08 * rate * duration, 60e6)), rate * duration / 4,
            longest * rate / (1 + 0.9 * longest / duration))
        return RateControl(
            crf: quality, maximumRate: Int64(rate - 0.9 * buffer / duration),
            bufferSize: Int64(buffer))
    }

    /// A buffer model under which no more than `bitrate * duration` bits come out.
    ///
    /// A buffer of B bits starts 0.9 full, so a file may take `rate * duration + 0.9 B` bits; a short
    /// clip would exceed the cap by that, unless the rate gives it back.
    static func cap(bitrate: Double, duration: Double?) -> (rate: Int64, buffer: Int64) {
        let seconds = Swift.min(2, Swift.max(0.25, (duration ?? .infinity) / 4))
        let share = duration.map { $0 / ($0 + 0.9 * seconds) } ?? 1
        let rate = Swift.max(8000, bitrate * share)
        return (Int64(rate), Int64(rate * seconds))
    }

    /// Average bitrate with room for local peaks, under a buffer that keeps the sum below the target.
    private static func average(
        bitrate: Double, duration: Double?, longest: Double
    ) -> RateControl {
        let seconds = Swift.min(20, longest, Swift.max(0.5, (duration ?? .infinity) / 4))
        let share = duration.map { $0 / ($0 + 0.9 * seconds) } ?? 1
        let rate = Swift.max(8000, bitrate)
        return RateControl(
            bitrate: Int64(rate * Swift.min(0.97, share)), maximumRate: Int64(rate * share),
            bufferSize: Int64(rate * share * seconds))
    }
}
