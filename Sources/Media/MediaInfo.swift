// What a media file says about itself: container, streams, chapters, metadata. Plain values.

/// One entry of metadata as the container has it; keys may repeat.
public struct MetadataEntry: Sendable, Hashable {
    /// Key and value, FFmpeg's spelling of the key.
    public var key: String, value: String

    /// `key: value`.
    public init(_ key: String, _ value: String) {
        self.key = key
        self.value = value
    }
}

extension [MetadataEntry] {
    /// The first value of `key`, ignoring case; nil where there is none.
    public func value(_ key: String) -> String? {
        first { $0.key.lowercased() == key.lowercased() }?.value
    }
}

/// What kind of content a stream carries.
public enum StreamKind: String, Sendable, Hashable {
    case video, audio, subtitle, data, attachment, unknown
}

/// Flags that say what a stream is for (FFmpeg's AV_DISPOSITION bits).
public struct Disposition: OptionSet, Sendable, Hashable {
    public let rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// Played unless the viewer chooses another stream.
    public static let standard = Disposition(rawValue: 1 << 0)
    /// A dubbed version.
    public static let dub = Disposition(rawValue: 1 << 1)
    /// The original language.
    public static let original = Disposition(rawValue: 1 << 2)
    /// A commentary.
    public static let comment = Disposition(rawValue: 1 << 3)
    /// Shown even when subtitles are off.
    public static let forced = Disposition(rawValue: 1 << 6)
    /// For viewers who hear badly.
    public static let hearingImpaired = Disposition(rawValue: 1 << 7)
    /// A cover picture, not a video.
    public static let attachedPicture = Disposition(rawValue: 1 << 10)
    /// Sparse preview pictures.
    public static let timedThumbnails = Disposition(rawValue: 1 << 11)
}

/// In which order the fields of interlaced pictures were sampled, as the file says.
public enum DeclaredFieldOrder: String, Sendable, Hashable {
    case unknown, progressive, topFieldFirst, bottomFieldFirst
}

/// Everything about high dynamic range that the container or the first frame says.
public struct HDRInfo: Sendable, Hashable {
    /// Mastering display and light levels.
    public var fixed = HDRMetadata()
    /// Dolby Vision profile (5, 7, 8 ...) and base-layer compatibility; nil without Dolby Vision.
    public var dolbyVisionProfile: Int?, dolbyVisionCompatibility: Int?
    /// Whether frames carry HDR10+ (SMPTE ST 2094-40) records.
    public var hasHDR10Plus = false

    /// Nothing said.
    public init() {}

    /// What `self` lacks is taken from `other`.
    public func merging(_ other: HDRInfo) -> HDRInfo {
        var merged = self
        merged.fixed.mastering = fixed.mastering ?? other.fixed.mastering
        merged.fixed.maximumContentLight =
            fixed.maximumContentLight ?? other.fixed.maximumContentLight
        merged.fixed.maximumFrameAverageLight =
            fixed.maximumFrameAverageLight ?? other.fixed.maximumFrameAverageLight
        merged.dolbyVisionProfile = dolbyVisionProfile ?? other.dolbyVisionProfile
        merged.dolbyVisionCompatibility = dolbyVisionCompatibility ?? other.dolbyVisionCompatibility
        merged.hasHDR10Plus = hasHDR10Plus || other.hasHDR10Plus
        return merged
    }
}

/// What a video stream declares.
public struct VideoInfo: Sendable, Hashable {
    /// Luma size in samples.
    public var width: Int, height: Int
    /// FFmpeg's name of the pixel format.
    public var pixelFormat: String
    /// What frames of it become here; nil where the decoder has not said yet.
    public var format: FrameFormat?
    /// Average and smallest regular frame rate; 0/1 where unknown.
    public var averageFrameRate: Rational, baseFrameRate: Rational
    /// Width to height of one sample; 0/1 where unknown.
    public var sampleAspectRatio: Rational
    /// Clockwise rotation that shows the picture upright, after mirroring left to right.
    public var rotation: Int, isMirrored: Bool
    /// Colour description.
    public var colour: ColourTags
    /// Static and dynamic HDR records.
    public var hdr: HDRInfo
    /// Order of the fields as declared.
    public var fieldOrder: DeclaredFieldOrder
    /// How many frames a decoder may hold back to reorder.
    public var reorderDepth: Int
}

/// What an audio stream declares.
public struct AudioInfo: Sendable, Hashable {
    /// Samples a second and channel.
    public var sampleRate: Int
    /// Number of channels and FFmpeg's name for their layout.
    public var channels: Int, layout: String
}

/// One stream of a file.
public struct StreamInfo: Sendable, Hashable {
    /// Position in the file.
    public var index: Int
    /// What it carries.
    public var kind: StreamKind
    /// FFmpeg's name of the codec ("none" or "unknown" where it knows none), and profile.
    public var codec: String, profile: String?
    /// Four-character tag as printed; empty where the container has none.
    public var codecTag: String
    /// Language (ISO 639) and title.
    public var language: String?, title: String?
    /// What it is for.
    public var disposition: Disposition
    /// Unit of its timestamps, in seconds.
    public var timeBase: Rational
    /// First timestamp and duration in `timeBase`; nil where not said.
    public var startTime: Int64?, duration: Int64?
    /// Number of frames as declared; 0 where not said.
    public var frameCount: Int
    /// Bits a second as declared; nil where not said.
    public var bitRate: Int64?
    /// File name and type of an attachment.
    public var fileName: String?, mimeType: String?
    /// Start timecode of the stream.
    public var timecode: String?
    /// All its metadata.
    public var metadata: [MetadataEntry]
    /// Details of a video or of an audio stream.
    public var video: VideoInfo?, audio: AudioInfo?

    /// Whether it is a cover picture that looks like a video.
    public var isAttachedPicture: Bool {
        disposition.contains(.attachedPicture) || disposition.contains(.timedThumbnails)
    }
}

/// One chapter.
public struct ChapterInfo: Sendable, Hashable {
    /// Begin and end in seconds.
    public var start: Double, end: Double
    /// Its metadata ("title").
    public var metadata: [MetadataEntry]
}

/// What a file declares, before a frame is decoded.
public struct MediaInfo: Sendable, Hashable {
    /// The path as given.
    public var path: String
    /// FFmpeg's names of the container.
    public var formatName: String, formatLongName: String
    /// Size of the file in bytes.
    public var byteCount: Int64
    /// Length and first timestamp in seconds; nil where not said.
    public var duration: Double?, startTime: Double?
    /// Bits a second of the whole file; nil where unknown.
    public var bitRate: Int64?
    /// All streams in file order.
    public var streams: [StreamInfo]
    /// Chapters in file order.
    public var chapters: [ChapterInfo]
    /// Metadata of the file.
    public var metadata: [MetadataEntry]
    /// Which stream is enhanced; nil where none is a video.
    public var videoIndex: Int?

    /// The stream that is enhanced.
    public var video: StreamInfo? { videoIndex.map { streams[$0] } }
}
