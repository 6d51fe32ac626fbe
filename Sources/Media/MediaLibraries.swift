// Which libraries read and write media here, and what they can do.
import CFFmpeg

/// The media libraries of this machine.
public enum MediaLibraries {
    /// Names and versions: ("libavcodec", "59.37.100").
    public static var versions: [(name: String, version: String)] {
        func text(_ version: UInt32) -> String {
            "\(version >> 16).\(version >> 8 & 255).\(version & 255)"
        }
        return [
            ("libavformat", text(avformat_version())), ("libavcodec", text(avcodec_version())),
            ("libavutil", text(avutil_version())), ("libswscale", text(swscale_version())),
        ]
    }

    /// The version of the library that encodes and decodes.
    public static var codec: String { versions.first { $0.name == "libavcodec" }!.version }

    /// Whether this FFmpeg has the encoder.
    public static func has(_ encoder: Encoder) -> Bool {
        avcodec_find_encoder_by_name(encoder.rawValue) != nil
    }
}
