// Options that say how an output is encoded.
import Media
import Terminal

/// How outputs are encoded.
public enum EncodingOptions {
    public static let size = Option<SizePolicy>(
        "size", placeholder: "auto|keep|2x|700M|max", fallback: .auto, defaultText: "auto",
        expectation: "auto, keep, max, a factor such as 2x or a size such as 700M",
        help: "How large the video may become: auto is as good as is seen, within twice the "
            + "source's bits; keep is the source's bitrate, max is CRF 12.",
        group: "Output", completion: .words(["auto", "keep", "2x", "max"])
    ) { text, _ in SizePolicy(text) }
    public static let encoder = Option.string(
        "encoder", placeholder: "NAME",
        help:
            "x264, x265, svtav1, vp9 or ffv1. Without it AV1 where the size is limited (mp4, mkv, "
            + "webm), else H.264, or HEVC for more than 8 bits.",
        group: "Output", completion: .words(["x264", "x265", "svtav1", "vp9", "ffv1"]))
    public static let crf = Option.real(
        "crf", in: 0...63, placeholder: "X",
        help: "Constant quality of the encoder, not capped; x264 unless another is named.",
        group: "Output")
    public static let preset = Option.string(
        "preset", placeholder: "NAME",
        help: "The encoder's preset: words such as slow are x264's and x265's, numbers AV1's.",
        group: "Output")
    public static let tune = Option.string(
        "tune", placeholder: "NAME", help: "The encoder's tuning, as grain.", group: "Output")
    public static let encoderOptions = Option.pairs(
        "encoder-option", help: "Any option of the encoder, as aq-mode=3.", group: "Output")
    public static let depth = Option<Int?>(
        "depth", placeholder: "8|10|12", fallback: nil, expectation: "8, 10 or 12",
        help: "Bits a sample of the output; as the input has them.", group: "Output",
        completion: .words(["8", "10", "12"])
    ) { text, _ in ["8": 8, "10": 10, "12": 12][text].map(Optional.some) }

    /// The settings that the options ask for.
    ///
    /// - Parameter threads: Of the encoder; nil: its own choice.
    public static func settings(_ arguments: Arguments, threads: Int?) -> EncoderSettings {
        EncoderSettings(
            encoder: arguments[encoder], crf: arguments[crf], preset: arguments[preset],
            tune: arguments[tune],
            options: arguments[encoderOptions].map { ($0.key, $0.value) },
            size: arguments[size], threads: threads)
    }
}
