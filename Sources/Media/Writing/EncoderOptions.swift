// What each encoder is told, in its own words.
import CFFmpeg

/// Options for `avcodec_open2`: Percept's defaults, then the person's own, which win.
struct EncoderOptions {
    private(set) var entries: [(key: String, value: String)] = []

    init(
        _ encoder: Encoder, video: VideoDescription, settings: EncoderSettings, rate: RateControl
    ) {
        // FFV1 knows neither presets nor tunings: it is chosen for what others cannot hold.
        if encoder != .ffv1, let preset = settings.preset ?? encoder.defaultPreset {
            set(encoder == .vp9 ? "cpu-used" : "preset", preset)
        }
        if encoder != .ffv1, let tune = settings.tune { set("tune", tune) }
        if let crf = rate.crf, encoder != .ffv1 { set("crf", shortNumber(crf)) }
        switch encoder {
        case .x264, .x264RGB: addX264(video, settings, rate)
        case .x265: addX265(video, settings, rate)
        case .vp9: addVP9(rate)
        case .svtAV1: addAV1(rate)
        case .ffv1: addFFV1()
        }
        for option in settings.options { merge(option.key, option.value) }
    }

    private mutating func set(_ key: String, _ value: String) {
        entries.removeAll { $0.key == key }
        entries.append((key, value))
    }

    /// Lists of the encoders' own parameters grow; everything else is replaced.
    private mutating func merge(_ key: String, _ value: String) {
        let known = entries.first { $0.key == key }?.value
        if let known, key.hasSuffix("-params") {
            set(key, known + ":" + value)
        } else {
            set(key, value)
        }
    }

    /// Tunings that pay bits for a look (psychovisual, adaptive quantisers) are off unless a person
    /// asks for a tuning: the look has just been restored, and is to be kept as it is.
    private mutating func addX264(
        _ video: VideoDescription, _ settings: EncoderSettings, _ rate: RateControl
    ) {
        if settings.tune == nil {
            set("psy", "0")
            // Qualities that differ from frame to frame go the way of adaptive ones, which then add nothing of their own.
            set("aq-mode", settings.variesQuality ? "1" : "0")
            if settings.variesQuality { set("aq-strength", "0") }
        }
        var parameters: [String] = []
        switch video.fieldOrder {
        case .progressive: break
        case .topFirst: parameters.append("tff=1")
        case .bottomFirst: parameters.append("bff=1")
        }
        // Headers that do not follow the quality: parts that differ in it have the same ones.
        if settings.part != nil { parameters.append("stitchable=1") }
        if let fill = rate.initialFill { parameters.append("vbv-init=\(fill)") }
        if !parameters.isEmpty { set("x264-params", parameters.joined(separator: ":")) }
    }

    private mutating func addX265(
        _ video: VideoDescription, _ settings: EncoderSettings, _ rate: RateControl
    ) {
        var parameters = ["log-level=error"]
        if settings.tune == nil {
            parameters += ["psy-rd=0", "psy-rdoq=0", "rdoq-level=2", "aq-strength=0.5"]
        }
        // The header would tell all options, which differ from part to part.
        if settings.part != nil { parameters.append("info=0") }
        if let fill = rate.initialFill { parameters.append("vbv-init=\(fill)") }
        if let threads = settings.threads { parameters.append("pools=\(threads)") }
        if let hdr = video.hdr { parameters += Self.hdrParameters(hdr.fixed, video.colour) }
        if video.colour.chromaLocation > 0 {
            // H.265 counts locations from left = 0, FFmpeg from left = 1.
            parameters.append("chromaloc=\(video.colour.chromaLocation - 1)")
        }
        set("x265-params", parameters.joined(separator: ":"))
    }

    /// Static HDR data in x265's spelling: chromaticities in 1/50000, luminance in 1/10000 cd/m2.
    private static func hdrParameters(_ hdr: HDRMetadata, _ colour: ColourTags) -> [String] {
        func point(_ values: [Rational]) -> String {
            values.map { String(Int(($0.value * 50000).rounded())) }.joined(separator: ",")
        }
        var parameters: [String] = []
        if let display = hdr.mastering {
            let most = Int((display.maximumLuminance.value * 10000).rounded())
            let least = Int((display.minimumLuminance.value * 10000).rounded())
            parameters.append(
                "master-display=G(\(point(display.green)))B(\(point(display.blue)))"
                    + "R(\(point(display.red)))WP(\(point(display.white)))L(\(most),\(least))")
        }
        if hdr.maximumContentLight != nil || hdr.maximumFrameAverageLight != nil {
            let most = hdr.maximumContentLight ?? 0
            parameters.append("max-cll=\(most),\(hdr.maximumFrameAverageLight ?? 0)")
        }
        if !parameters.isEmpty { parameters += ["hdr10=1", "repeat-headers=1"] }
        // Transfer 16 is PQ: x265 then weighs dark and bright areas as that curve wants it.
        if colour.transfer == 16 { parameters.append("hdr10-opt=1") }
        return parameters
    }

    private mutating func addVP9(_ rate: RateControl) {
        set("row-mt", "1")
        if !entries.contains(where: { $0.key == "cpu-used" }) { set("cpu-used", "2") }
        // Constrained quality: libvpx caps CRF by the average bitrate.
        if rate.crf != nil { set("b", String(rate.maximumRate ?? 0)) }
    }

    private mutating func addAV1(_ rate: RateControl) {
        // SVT-AV1 caps CRF by its own name for the rate, in kilobits.
        if rate.crf != nil, let most = rate.maximumRate {
            set("svtav1-params", "mbr=\(max(1, most / 1000))")
        }
    }

    private mutating func addFFV1() {
        set("level", "3")
        set("slices", "4")
        set("slicecrc", "1")
        set("coder", "range_tab")
        set("context", "1")
        set("g", "1")
    }
}

/// A number without a needless fraction.
func shortNumber(_ value: Double) -> String {
    value == value.rounded() ? String(Int(value)) : String(value)
}
