// One way of damaging a clip: encoder, rate, settings, and what came before.
import Media
import Networks

/// How a clip is compressed, as plain data: its digest names the file that it makes.
public struct Recipe: Sendable, Hashable {
    /// Formats by the names that people know.
    public enum Codec: String, Sendable, CaseIterable {
        case x264, x265, mpeg2, mpeg4, xvid, vp9, av1, jpeg

        /// FFmpeg's name of the encoder.
        public var encoder: String {
            switch self {
            case .x264: "libx264"
            case .x265: "libx265"
            case .mpeg2: "mpeg2video"
            case .mpeg4: "mpeg4"
            case .xvid: "libxvid"
            case .vp9: "libvpx-vp9"
            case .av1: "libsvtav1"
            case .jpeg: "mjpeg"
            }
        }

        /// Whether it keeps chroma at full size.
        var keepsFullChroma: Bool { [.x264, .x265, .vp9, .jpeg].contains(self) }
    }

    /// How the encoder finds its quantisers: a constant quality, a number of bits, a constant quantiser.
    public enum Control: String, Sendable, CaseIterable { case crf, abr, qp }

    /// A control in detail, by the manifest's names.
    public enum Kind: String, Sendable {
        case crf, abr
        case twoPass = "2pass"
        case qp, qscale

        /// What it is a kind of.
        public var control: Control {
            switch self {
            case .crf: .crf
            case .abr, .twoPass: .abr
            case .qp, .qscale: .qp
            }
        }
    }

    /// Larger pictures between two generations.
    public struct Enlargement: Sendable, Hashable {
        /// How many times larger each way, and by which filter.
        public var factor: Double, filter: FrameScaler.Filter
    }

    /// What encodes.
    public var codec: Codec
    /// How it is told how much, and how much: CRF, quantiser, or bits per pixel.
    public var kind: Kind, rate: Double
    /// The encoder's preset, or its nearest relation; empty where it has none.
    public var preset = ""
    /// Further options in the encoder's own words; those of x265 are its own parameters.
    public var options: [ClipEncoding.Option] = []
    /// Whether the rate is held by a buffer (VBV).
    public var isBuffered = false
    /// Container of the file.
    public var container = Container.matroska
    /// The first generation, before this one: one recipe at most.
    public var first: [Recipe] = []
    /// Made larger after the first generation.
    public var enlargement: Enlargement?

    /// A recipe of one generation.
    public init(_ codec: Codec, _ kind: Kind, _ rate: Double) {
        self.codec = codec
        self.kind = kind
        self.rate = rate
    }

    /// `x264 crf 27`, `mpeg4 qscale 9 > x264 2pass 0.06`.
    public var description: String {
        let before = first.first.map { $0.description + " > " } ?? ""
        let larger = enlargement.map { "\($0.factor) \($0.filter.rawValue) > " } ?? ""
        return before + larger + "\(codec.rawValue) \(kind.rawValue) \(rateText)"
    }

    /// The rate as people write it.
    public var rateText: String { rate == rate.rounded() ? "\(Int(rate))" : "\(rate)" }

    /// Eight digits that differ between recipes, and between clips.
    func digest(_ clip: String) -> String {
        let words = [clip, description, preset, "\(isBuffered)", container.rawValue]
        let settings = (options + (first.first?.options ?? [])).map { "\($0.key)=\($0.value)" }
        let before =
            first.first.map { [$0.preset, "\($0.isBuffered)", $0.container.rawValue] } ?? []
        var text = (words + settings + before).joined(separator: "/")
        return text.withUTF8 {
            String(SHA256(of: UnsafeRawBufferPointer($0)).hexadecimal.prefix(8))
        }
    }

    /// Whether it can be used on such clips: chroma is kept, pictures stay of moderate size.
    func fits(width: Int, height: Int, sampling: ChromaSampling) -> Bool {
        let codecs = [codec] + first.map(\.codec)
        if sampling == .yuv444, !codecs.allSatisfy(\.keepsFullChroma) { return false }
        if codecs.contains(.av1), min(width, height) < 64 { return false }
        return Double(width) * (enlargement?.factor ?? 1) <= 1000 || enlargement == nil
    }
}
