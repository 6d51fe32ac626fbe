// Which encoder writes the video, and in which of its sample layouts.
import CFFmpeg

/// How a picture's two fields lie in time.
public enum FieldOrder: String, Sendable { case progressive, topFirst, bottomFirst }

/// A video encoder of FFmpeg that Percept drives.
public enum Encoder: String, Sendable, CaseIterable {
    case x264 = "libx264"
    /// x264 over red, green and blue.
    case x264RGB = "libx264rgb"
    case x265 = "libx265"
    case svtAV1 = "libsvtav1"
    case vp9 = "libvpx-vp9"
    /// Lossless.
    case ffv1 = "ffv1"

    /// The encoder of this name, short ones included.
    public init?(name: String) {
        switch name.lowercased() {
        case "x264", "h264", "libx264": self = .x264
        case "libx264rgb": self = .x264RGB
        case "x265", "h265", "hevc", "libx265": self = .x265
        case "svtav1", "svt-av1", "av1", "libsvtav1": self = .svtAV1
        case "vp9", "libvpx-vp9": self = .vp9
        case "ffv1": self = .ffv1
        default: return nil
        }
    }

    /// The format that it makes.
    var codec: AVCodecID {
        switch self {
        case .x264, .x264RGB: AV_CODEC_ID_H264
        case .x265: AV_CODEC_ID_HEVC
        case .svtAV1: AV_CODEC_ID_AV1
        case .vp9: AV_CODEC_ID_VP9
        case .ffv1: AV_CODEC_ID_FFV1
        }
    }

    /// Constant quality at which a second generation is hardly seen, on the encoder's own scale.
    var transparentQuality: Double {
        switch self {
        case .x264, .x264RGB, .x265: 17
        case .svtAV1: 20
        case .vp9: 20
        case .ffv1: 0
        }
    }

    /// Constant quality of `--size max`.
    var finestQuality: Double {
        switch self {
        case .x264, .x264RGB, .x265: 12
        case .svtAV1: 12
        case .vp9: 10
        case .ffv1: 0
        }
    }

    /// Seconds that the buffer of a guard on the rate may hold: SVT-AV1 takes no more than ten, others what one likes.
    var longestBuffer: Double { self == .svtAV1 ? 9.9 : 3600 }

    /// Preset where none is asked for.
    var defaultPreset: String? {
        switch self {
        case .x264, .x264RGB: "medium"
        case .x265: "medium"
        case .svtAV1: "5"
        case .vp9, .ffv1: nil
        }
    }

    /// Whether it can code one frame coarser than others.
    package var takesRegions: Bool { self == .x264 || self == .x264RGB || self == .x265 }

    /// FFmpeg's pixel format for `format` in this encoder; nil where the encoder has none.
    func pixelFormat(_ format: FrameFormat) -> AVPixelFormat? {
        let wanted: AVPixelFormat?
        switch (format.sampling, format.hasAlpha) {
        case (.rgb, false) where format.depth == 8 && (self == .ffv1 || self == .x264RGB):
            wanted = AV_PIX_FMT_BGR0
        case (.rgb, true) where format.depth == 8 && self == .ffv1: wanted = AV_PIX_FMT_BGRA
        case (.gray, true): wanted = format.depth == 8 ? AV_PIX_FMT_YA8 : nil
        default: wanted = format.pixelFormat
        }
        guard let wanted, let codec = avcodec_find_encoder_by_name(rawValue),
            var known = codec.pointee.pix_fmts
        else { return nil }
        while known.pointee != AV_PIX_FMT_NONE {
            if known.pointee == wanted { return wanted }
            known += 1
        }
        return nil
    }

    /// Whether it takes pictures of this size: SVT-AV1 wants at least 64 x 64 samples.
    func takes(width: Int, height: Int) -> Bool {
        self != .svtAV1 || (64...8192).contains(width) && (64...4320).contains(height)
    }

    /// The encoder for a container and a video, the person's own where `name` is given.
    ///
    /// - Throws: ``OutputError`` where no encoder of this FFmpeg, or not the one asked for, can hold
    ///   the samples as they are in this container.
    static func choose(
        _ name: String?, for video: VideoDescription, in container: Container, path: String
    ) throws -> Encoder {
        let (format, fieldOrder) = (video.format, video.fieldOrder)
        if let name {
            guard let encoder = Encoder(name: name) else {
                throw OutputError.noEncoder(
                    name: name, advice: "use libx264, libx265, libsvtav1, libvpx-vp9 or ffv1")
            }
            let chosen = encoder == .x264 && format.sampling == .rgb ? .x264RGB : encoder
            try chosen.requireInstalled()
            guard chosen.pixelFormat(format) != nil else {
                throw OutputError.videoDoesNotFit(
                    path: path, what: describe(format), container: chosen.rawValue,
                    advice: "use ffv1 in .mkv, or let Percept choose the encoder")
            }
            guard chosen.takes(width: video.width, height: video.height) else {
                throw OutputError.videoDoesNotFit(
                    path: path, what: "a picture of \(video.width)x\(video.height)",
                    container: chosen.rawValue,
                    advice: "it takes 64x64 to 8192x4320; use libvpx-vp9 or libx265")
            }
            guard fieldOrder == .progressive || chosen.codesFields else {
                throw OutputError.videoDoesNotFit(
                    path: path, what: "interlaced video", container: chosen.rawValue,
                    advice: "use libx264 or ffv1")
            }
            guard Muxer.holds(chosen.codec, in: container) else {
                throw OutputError.videoDoesNotFit(
                    path: path, what: "video of \(chosen.rawValue)",
                    container: container.fileExtension, advice: "use .mkv")
            }
            return chosen
        }
        let candidates = candidates(for: video, in: container)
        for encoder in candidates where encoder.pixelFormat(format) != nil { return encoder }
        // The person lacks the encoder only if some FFmpeg could have done it.
        try candidates.first?.requireInstalled()
        throw OutputError.videoDoesNotFit(
            path: path, what: describe(format), container: container.fileExtension,
            advice: "use .mkv with ffv1")
    }

    /// Codecs whose successor in the output should not be an older one: it would need twice the bits.
    private static let modernCodecs: Set<String> = ["hevc", "av1", "vp9", "vvc"]

    private static func candidates(
        for video: VideoDescription, in container: Container
    ) -> [Encoder] {
        if container == .webm {
            return [.svtAV1, .vp9].filter { $0.takes(width: video.width, height: video.height) }
        }
        let format = video.format
        let isLossless = container == .matroska || container == .avi
        var lossy: [Encoder]
        if format.sampling == .rgb {
            lossy = [.x264RGB, .x265]
        } else if video.fieldOrder != .progressive {
            lossy = [.x264]
        } else {
            let isModern = video.sourceCodec.map(modernCodecs.contains) ?? false
            lossy = format.depth > 8 ? [.x265] : isModern ? [.x265, .x264] : [.x264]
        }
        if container == .threeGP || container == .avi { lossy.removeAll { $0 == .x265 } }
        return isLossless ? lossy + [.ffv1] : lossy
    }

    private var codesFields: Bool { self == .x264 || self == .ffv1 }

    private func requireInstalled() throws {
        guard avcodec_find_encoder_by_name(rawValue) == nil else { return }
        throw OutputError.noEncoder(
            name: rawValue, advice: "install a complete libavcodec (Debian: libavcodec-extra)")
    }

    private static func describe(_ format: FrameFormat) -> String {
        "\(format.depth)-bit \(format.sampling.rawValue)\(format.hasAlpha ? " with alpha" : "") video"
    }
}
