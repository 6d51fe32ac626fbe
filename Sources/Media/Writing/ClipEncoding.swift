// How a short clip is compressed by any video encoder of FFmpeg, in one pass or in two.
import CFFmpeg

/// An encoder by FFmpeg's name, what it is told, and the container that it writes into.
///
/// ``VideoWriter`` keeps what it is given as well as it can; this damages it as asked.
public struct ClipEncoding: Sendable, Hashable {
    /// One option in the encoder's own words.
    public struct Option: Sendable, Hashable {
        /// Name and value.
        public let key: String, value: String

        /// `key` set to `value`.
        public init(_ key: String, _ value: String) {
            self.key = key
            self.value = value
        }
    }

    /// FFmpeg's name of the encoder: libx264, mpeg2video ...
    public var encoder: String
    /// What it is told.
    public var options: [Option]
    /// Constant quantiser scale of MPEG-1/2/4 and motion JPEG, 1 to 31; nil: by `options`.
    public var quantiserScale: Int?
    /// 1, or 2 where the first pass only counts bits.
    public var passes: Int
    /// Container of the file.
    public var container: Container

    /// An encoding in one pass, by options alone.
    public init(
        _ encoder: String, _ options: [Option] = [], quantiserScale: Int? = nil, passes: Int = 1,
        in container: Container = .matroska
    ) {
        precondition((1...2).contains(passes), "\(passes) passes")
        self.encoder = encoder
        self.options = options
        self.quantiserScale = quantiserScale
        self.passes = passes
        self.container = container
    }

    /// Lossless: FFV1 in Matroska, every frame by itself.
    public static let lossless = ClipEncoding(
        "ffv1",
        [
            Option("level", "3"), Option("slices", "4"), Option("slicecrc", "1"),
            Option("coder", "range_tab"), Option("context", "1"), Option("g", "1"),
        ])

    /// Whether this FFmpeg has the encoder.
    public static func isAvailable(_ encoder: String) -> Bool {
        avcodec_find_encoder_by_name(encoder) != nil
    }

    /// Writes `frames` one after the other at a constant rate; their own times do not count.
    ///
    /// The encoder works on one thread, and the muxer writes no dates and no random numbers: equal
    /// libraries make equal files.
    ///
    /// - Parameters:
    ///   - frames: at least one, all of the size, format and colour of the first; even sizes where
    ///     chroma is halved.
    ///   - path: appears when complete, in place of what was there.
    ///   - scratch: a path beside which the first of two passes may leave files.
    ///   - shouldStop: asked before each frame.
    /// - Throws: ``OutputError``, ``MediaError``, or ``EncodingStopped`` after `shouldStop`.
    public func write(
        _ frames: [Frame], to path: String, frameRate: Rational, scratch: String,
        shouldStop: () -> Bool = { false }
    ) throws {
        precondition(!frames.isEmpty, "a clip has frames")
        let statistics = PassStatistics(path: scratch + ".log")
        func coder(_ pass: Int) throws -> ClipEncoder {
            try ClipEncoder(self, like: frames[0], frameRate: frameRate, pass: pass, statistics)
        }
        if passes == 2 { try coder(1).encode(frames, shouldStop: shouldStop) { _ in } }
        let file = try OutputFile(path: path, overwrite: .replace)
        let muxer = try Muxer(container, file: file)
        muxer.context.pointee.flags |= AVFMT_FLAG_BITEXACT
        let coder = try coder(passes == 2 ? 2 : 0)
        let stream = try muxer.addStream()
        try throwing(
            avcodec_parameters_from_context(stream.pointee.codecpar, coder.context),
            "describe the video")
        let unit = coder.context.pointee.time_base
        stream.pointee.time_base = unit
        stream.pointee.avg_frame_rate = frameRate.avRational
        stream.pointee.sample_aspect_ratio = coder.context.pointee.sample_aspect_ratio
        try muxer.writeHeader([:])
        try coder.encode(frames, shouldStop: shouldStop) { packet in
            packet.pointee.duration = 1
            try muxer.write(packet, to: stream, timeBase: unit)
        }
        try muxer.finish()
    }
}

/// Somebody asked to stop; nothing was left behind.
public struct EncodingStopped: Error, CustomStringConvertible {
    /// Somebody asked to stop.
    public init() {}
    /// One word.
    public var description: String { "stopped" }
}
