// Which containers Percept writes, what each can hold, and what an output is called by default.
import CFFmpeg

/// A container that video is written into.
public enum Container: String, Sendable, CaseIterable {
    case mp4, mov, threeGP, matroska, webm, avi, mpegTS

    /// The container that a path's extension asks for.
    public init?(path: String) {
        switch Media.fileExtension(of: path) {
        case "mp4", "m4v": self = .mp4
        case "mov", "qt": self = .mov
        case "3gp", "3g2": self = .threeGP
        case "mkv", "mk3d": self = .matroska
        case "webm": self = .webm
        case "avi": self = .avi
        case "ts", "m2ts", "mts": self = .mpegTS
        default: return nil
        }
    }

    /// The extension that people know it by, with its dot.
    public var fileExtension: String {
        switch self {
        case .mp4: ".mp4"
        case .mov: ".mov"
        case .threeGP: ".3gp"
        case .matroska: ".mkv"
        case .webm: ".webm"
        case .avi: ".avi"
        case .mpegTS: ".ts"
        }
    }

    /// FFmpeg's name of the muxer.
    var muxerName: String {
        switch self {
        case .threeGP: "3gp"
        case .mpegTS: "mpegts"
        default: rawValue
        }
    }

    /// Whether it belongs to the family of QuickTime: `moov`, edit lists, sample tables.
    var isQuickTime: Bool { self == .mp4 || self == .mov || self == .threeGP }

    /// Whether it can be put together of packets that came out of Matroska.
    package var holdsSegments: Bool {
        switch self {
        case .mp4, .mov, .threeGP, .matroska, .webm: true
        case .avi, .mpegTS: false
        }
    }

    /// Whether FFmpeg's muxer writes the rotation of the picture (Matroska: since FFmpeg 6.0).
    package var holdsRotation: Bool {
        switch self {
        case .mp4, .mov, .threeGP: true
        case .matroska, .webm: avformat_version() >> 16 >= 60
        case .avi, .mpegTS: false
        }
    }

    /// The text format that subtitles are converted to where theirs does not fit; nil: none fits.
    var textSubtitle: AVCodecID? {
        switch self {
        case .mp4, .mov, .threeGP: AV_CODEC_ID_MOV_TEXT
        case .matroska: AV_CODEC_ID_SUBRIP
        case .webm: AV_CODEC_ID_WEBVTT
        case .avi, .mpegTS: nil
        }
    }
}

/// What a path asks to be written.
public enum OutputKind: Sendable, Equatable {
    /// Video with its streams in a container.
    case video(Container)
    /// Uncompressed yuv4mpeg: to standard output for `-`, else to a `.y4m` file.
    case yuv4mpeg
    /// One picture a frame, numbered by a pattern such as `%06d`.
    case sequence
    /// One picture.
    case still(StillFormat)

    /// The kind of output that `path` names.
    ///
    /// - Throws: ``OutputError/unknownContainer(path:known:)``.
    public init(path: String) throws {
        if path == "-" || fileExtension(of: path) == "y4m" {
            self = .yuv4mpeg
        } else if let format = StillFormat(path: path) {
            self = SequencePattern(path) == nil ? .still(format) : .sequence
        } else if let container = Container(path: path) {
            self = .video(container)
        } else {
            throw OutputError.unknownContainer(
                path: path, known: ".mp4, .mov, .mkv, .webm, .avi, .ts, .y4m, .png or .jpg")
        }
    }
}

extension OutputKind {
    /// What people call it.
    public var name: String {
        switch self {
        case .video(let container): container.fileExtension
        case .yuv4mpeg: "yuv4mpeg"
        case .sequence: "a sequence of pictures"
        case .still: "a picture"
        }
    }
}

/// `NAME.enhanced.EXT` beside the input, or in `folder`.
///
/// Containers that hold modern video badly (avi, wmv, flv, gif, ts ...) become `.mkv`, pictures that
/// are neither PNG nor JPEG become `.png`.
///
/// - Parameter isStill: whether the input is a single picture.
public func defaultOutput(for input: String, in folder: String? = nil, isStill: Bool) -> String {
    let name = fileName(of: input)
    let original = fileExtension(of: name)
    let stem = original.isEmpty ? name : String(name.dropLast(original.count + 1))
    let kept =
        isStill
        ? ["png", "jpg", "jpeg"]
        : ["mp4", "m4v", "mov", "qt", "3gp", "3g2", "mkv", "mk3d", "webm", "y4m"]
    let ending =
        kept.contains(original)
        ? String(name.suffix(original.count)) : isStill ? "png" : "mkv"
    let output = "\(stem).enhanced.\(ending)"
    if let folder {
        return folder.hasSuffix("/") ? folder + output : folder + "/" + output
    }
    let start = input.dropLast(name.count)
    return start + output
}

/// The extension in lower case without its dot; "" where there is none.
func fileExtension(of path: String) -> String {
    let name = fileName(of: path)
    guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), dot != name.startIndex else {
        return ""
    }
    return name[name.index(after: dot)...].lowercased()
}
