// Which of FFmpeg's pixel formats frames keep as they are, and what becomes of all the others.
import CFFmpeg

extension FrameFormat {
    /// FFmpeg's pixel format of the same samples; nil for gray with alpha and for 16-bit formats
    /// other than gray and RGB, which FFmpeg lays out differently or not at all.
    var pixelFormat: AVPixelFormat? {
        let suffix = depth == 8 ? "" : "\(depth)le"
        let name: String
        switch (sampling, hasAlpha) {
        case (.gray, true): return nil
        case (.gray, false): name = depth == 8 ? "gray" : "gray\(suffix)"
        case (.rgb, let alpha): name = (alpha ? "gbrap" : "gbrp") + suffix
        case (let yuv, let alpha):
            name = (alpha ? "yuva" : "yuv") + yuv.rawValue.dropFirst(3) + "p" + suffix
        }
        let found = av_get_pix_fmt(name)
        return found == AV_PIX_FMT_NONE ? nil : found
    }

    /// FFmpeg's name of the pixel format, or our own words where it has none.
    public var name: String {
        pixelFormat.map(pixelFormatName)
            ?? "\(sampling.rawValue)\(hasAlpha ? "+alpha" : "") \(depth)-bit"
    }
}

/// FFmpeg's name of a pixel format.
func pixelFormatName(_ format: AVPixelFormat) -> String {
    av_get_pix_fmt_name(format).map { String(cString: $0) } ?? "none"
}

/// What becomes of the frames of one of FFmpeg's pixel formats.
struct PixelFormatPlan: Equatable {
    /// How samples travel.
    enum Route: Equatable {
        /// The decoder's planes as they are.
        case keep
        /// Sample by sample into planes, at most shifted: nothing is resampled.
        case unpack
        /// Through swscale: chroma or colours are resampled.
        case scale
    }

    /// What frames become.
    let format: FrameFormat
    /// How they become it.
    let route: Route
    /// Whether every code value of the source survives.
    let isLossless: Bool
    /// Whether the source is full range by its name alone (yuvj420p and friends).
    let isFullRange: Bool

    /// The plan for `source`; nil for what has no samples in memory (hardware surfaces).
    init?(_ source: AVPixelFormat) {
        guard let descriptor = av_pix_fmt_desc_get(source) else { return nil }
        let flags = Int32(truncatingIfNeeded: descriptor.pointee.flags)
        func has(_ flag: Int32) -> Bool { flags & flag != 0 }
        guard !has(AV_PIX_FMT_FLAG_HWACCEL) else { return nil }
        let name = pixelFormatName(source)
        let isPalette = has(AV_PIX_FMT_FLAG_PAL)
        let alpha = has(AV_PIX_FMT_FLAG_ALPHA)
        let components = Int(descriptor.pointee.nb_components)
        let depths = withUnsafeBytes(of: descriptor.pointee.comp) {
            $0.bindMemory(to: AVComponentDescriptor.self).prefix(components).map { Int($0.depth) }
        }
        let isFloat = has(AV_PIX_FMT_FLAG_FLOAT)
        let isExoticColour = has(AV_PIX_FMT_FLAG_BAYER) || name.hasPrefix("xyz") || isFloat
        let deepest = depths.max() ?? 8
        var depth = deepest <= 8 ? 8 : deepest <= 10 ? 10 : 12

        let sampling: ChromaSampling
        var resamples = isExoticColour
        if has(AV_PIX_FMT_FLAG_RGB) || isPalette || isExoticColour && !name.hasPrefix("gray") {
            sampling = .rgb
        } else if components <= 2 {
            sampling = .gray
        } else {
            switch (descriptor.pointee.log2_chroma_w, descriptor.pointee.log2_chroma_h) {
            case (0, 0): sampling = .yuv444
            case (1, 0): sampling = .yuv422
            case (1, 1): sampling = .yuv420
            case (0, _): (sampling, resamples) = (.yuv444, true)
            case (_, 0): (sampling, resamples) = (.yuv422, true)
            default: (sampling, resamples) = (.yuv420, true)
            }
        }
        var format = FrameFormat(sampling, depth: isPalette ? 8 : depth, hasAlpha: alpha)
        if sampling != .gray, format.pixelFormat == nil {
            // 4:2:0 with alpha stops at 10 bits in FFmpeg.
            depth = 10
            format.depth = 10
        }
        self.format = format
        isFullRange = name.hasPrefix("yuvj")
        isLossless = deepest <= depth && !isFloat && !isExoticColour
        let isKept = format.pixelFormat == source || isFullRange && !resamples
        route = isKept ? .keep : resamples ? .scale : .unpack
    }
}
