// What an encoder and a container must know of the video before its first frame is written.

/// Static HDR data: how the mastering display was, and how bright the content is.
public struct HDRMetadata: Sendable, Hashable {
    /// Chromaticities of the mastering display: red, green, blue, white point.
    public struct MasteringDisplay: Sendable, Hashable {
        /// x and y of red, green, blue and the white point, in CIE 1931.
        public var red: [Rational], green: [Rational], blue: [Rational], white: [Rational]
        /// Luminance in candela per square metre.
        public var minimumLuminance: Rational, maximumLuminance: Rational

        /// Pairs of x and y; luminance in candela per square metre.
        public init(
            red: [Rational], green: [Rational], blue: [Rational], white: [Rational],
            minimumLuminance: Rational, maximumLuminance: Rational
        ) {
            precondition([red, green, blue, white].allSatisfy { $0.count == 2 })
            self.red = red
            self.green = green
            self.blue = blue
            self.white = white
            self.minimumLuminance = minimumLuminance
            self.maximumLuminance = maximumLuminance
        }
    }

    /// SMPTE ST 2086; nil where not said.
    public var mastering: MasteringDisplay?
    /// MaxCLL and MaxFALL in candela per square metre; nil where not said.
    public var maximumContentLight: Int?, maximumFrameAverageLight: Int?

    /// Nothing said.
    public init(
        mastering: MasteringDisplay? = nil, maximumContentLight: Int? = nil,
        maximumFrameAverageLight: Int? = nil
    ) {
        self.mastering = mastering
        self.maximumContentLight = maximumContentLight
        self.maximumFrameAverageLight = maximumFrameAverageLight
    }
}

/// The video as a whole: geometry, samples, time, colour.
public struct VideoDescription: Sendable {
    /// Luma size in samples.
    public var width: Int, height: Int
    /// What the samples are.
    public var format: FrameFormat
    /// Unit of the frames' timestamps in seconds; kept by containers that can hold it.
    public var timeBase: Rational
    /// Frames a second where it is constant or at least known on average; nil where unknown.
    public var frameRate: Rational?
    /// Whether frames lie on no grid of ``frameRate``.
    public var hasVariableRate = false
    /// Colour description.
    public var colour: ColourTags
    /// Width to height of one sample; 0/1 where unknown.
    public var sampleAspectRatio: Rational
    /// Clockwise rotation in degrees that shows the picture upright, and mirroring before it.
    public var rotation: Int, isMirrored: Bool
    /// Fields.
    public var fieldOrder: FieldOrder
    /// What is known of high dynamic range: static data is written, dynamic records are not.
    public var hdr: HDRInfo?
    /// Seconds of output, where known: the size policy needs it.
    public var duration: Double?
    /// Bits a second of the source's video, where known: the size policy needs it.
    public var sourceBitrate: Int64?
    /// FFmpeg's name of the source's codec, where known: the default encoder follows it.
    public var sourceCodec: String?

    /// What a file declares of its video and the first frame shows.
    public init(info: MediaInfo, frame: Frame) {
        self.init(frame: frame)
        guard let stream = info.video, let video = stream.video else { return }
        if video.averageFrameRate.numerator > 0 { frameRate = video.averageFrameRate }
        hdr = video.hdr
        duration = info.duration
        sourceBitrate = info.videoBitrate
        sourceCodec = stream.codec
    }

    /// What one frame says of its video.
    public init(frame: Frame, frameRate: Rational? = nil) {
        width = frame.width
        height = frame.height
        format = frame.format
        timeBase = frame.timeBase
        self.frameRate = frameRate
        colour = frame.colour
        sampleAspectRatio = frame.sampleAspectRatio
        rotation = frame.rotation
        isMirrored = frame.isMirrored
        fieldOrder =
            !frame.isInterlaced ? .progressive : frame.isTopFieldFirst ? .topFirst : .bottomFirst
    }
}

extension VideoDescription {
    /// The same video as `container` counts time: AVI knows nothing finer than a frame.
    func timed(for container: Container) -> VideoDescription {
        guard container == .avi else { return self }
        var result = self
        let rate = frameRate.flatMap { $0.numerator > 0 ? $0 : nil } ?? Rational(25, 1)
        result.timeBase = Rational(rate.denominator, rate.numerator)
        return result
    }
}

/// How the source's time becomes the output's: one shift for every stream, and what is cut away.
public struct Timeline: Sendable, Equatable {
    /// Unit of the other fields, in seconds: the video's time base.
    public var timeBase: Rational
    /// The source's time that becomes 0 in the output.
    public var origin: Int64
    /// First instant that is kept, and first that is not, in the source's time; nil: no limit.
    public var start: Int64?, end: Int64?

    /// The source's own time, uncut.
    public init(
        timeBase: Rational, origin: Int64 = 0, start: Int64? = nil, end: Int64? = nil
    ) {
        self.timeBase = timeBase
        self.origin = origin
        self.start = start
        self.end = end
    }
}
