// What a job on one video is asked to do, and what it has to report.
import Media

/// How the fields of the input are to be taken.
public enum FieldHandling: Sendable, Equatable {
    /// As the pictures show, whatever the flags say.
    case detect
    /// As the person says.
    case given(FieldPattern)
}

/// What a job is asked to do.
public struct VideoJobRequest: Sendable {
    /// Input and output paths; `-` is yuv4mpeg from or to a pipe.
    public var input: String, output: String
    /// How frames are enhanced, read and encoded.
    public var enhancement = EnhancementOptions()
    public var reading = ReadOptions()
    public var encoding = EncoderSettings()
    /// Part of the input in seconds from its first timestamp; nil: from the beginning, to the end.
    public var start: Double?, end: Double?
    /// Frames a second of a sequence of pictures.
    public var frameRate: Rational?
    /// Whether pictures are interlaced.
    public var fields: FieldHandling = .detect
    /// Whether key frames are recalled where what they show comes back.
    public var recallsKeyFrames = false
    /// What is done about parts that were never decoded.
    public var concealment: Concealment = .auto
    /// Whether what can be read of a truncated file is kept.
    public var isLenient = false
    /// Whether only 5 seconds from the middle are enhanced, beside their originals.
    public var isPreview = false
    /// What to do where the output exists, and whether a stream that does not fit stops the job.
    public var overwrite: OverwritePolicy = .refuse
    public var isStrictAboutStreams = false

    /// A job with default options.
    public init(input: String, output: String) {
        self.input = input
        self.output = output
    }
}

/// What a finished job has to report.
public struct VideoJobResult: Sendable {
    /// What the pipeline did.
    public var outcome: PipelineOutcome
    /// Frames that the decoder concealed, and one line for each thing people should know that the
    /// job did not know before.
    public var concealed: Int, warnings: [String]
    /// What was never decoded; empty where nothing is known to be lost, or nobody looked.
    public var losses = LossReport()
    /// The encoder in use, by FFmpeg's name; nil where frames are not encoded as video.
    public var encoder: String?
    /// What it was told, option by option; empty without an encoder.
    public var encoderOptions: [(key: String, value: String)]
    /// How samples were turned because the container could not say that they should be; nil: not.
    public var turning: (rotation: Int, isMirrored: Bool)?
    /// Sizes of the files.
    public var bytesIn: Int64, bytesOut: Int64
}
