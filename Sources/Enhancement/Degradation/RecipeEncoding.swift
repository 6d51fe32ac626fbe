// Recipes in the words of each encoder.
import Media

extension Recipe {
    typealias Option = ClipEncoding.Option

    /// What FFmpeg's encoder is told, for pictures of this size at this rate.
    func encoding(width: Int, height: Int, frameRate: Rational) -> ClipEncoding {
        let pixels = Double(width * height) * frameRate.value
        let bits = kind.control == .abr ? max(8000, Int(rate * pixels)) : nil
        var encoding = ClipEncoding(codec.encoder, in: container)
        encoding.passes = kind == .twoPass ? 2 : 1
        switch codec {
        case .x264: encoding.options = x264(bits)
        case .x265: encoding.options = x265(bits)
        case .vp9:
            encoding.options = vp9(bits)
            // A look ahead serves libvpx's constant quality; `abr` is what calls do, live. A constant
            // quantiser is only held in one pass.
            if kind == .crf { encoding.passes = 2 }
        case .av1: encoding.options = av1(bits)
        case .mpeg2, .mpeg4, .xvid, .jpeg:
            encoding.options = options
            if let bits { encoding.options.append(Option("b", "\(bits)")) }
            if kind == .qscale { encoding.quantiserScale = Int(rate) }
        }
        return encoding
    }

    private func x264(_ bits: Int?) -> [Option] {
        var told = [Option("preset", preset)] + options
        guard let bits else { return told + [Option(kind.rawValue, rateText)] }
        told.append(Option("b", "\(bits)"))
        guard isBuffered else { return told }
        return told + [Option("maxrate", "\(bits * 3 / 2)"), Option("bufsize", "\(bits * 2)")]
    }

    private func x265(_ bits: Int?) -> [Option] {
        var parameters = ["pools=1", "frame-threads=1", "log-level=none"]
        parameters += options.map { "\($0.key)=\($0.value)" }
        var told = [Option("preset", preset)]
        if kind == .qp { parameters.append("qp=\(rateText)") }
        if kind == .crf { told.append(Option("crf", rateText)) }
        if let bits {
            told.append(Option("b", "\(bits)"))
            if isBuffered {
                // In kilobits.
                parameters.append("vbv-maxrate=\(max(1, bits * 3 / 2000))")
                parameters.append("vbv-bufsize=\(max(1, bits * 2 / 1000))")
            }
        }
        return told + [Option("x265-params", parameters.joined(separator: ":"))]
    }

    private func vp9(_ bits: Int?) -> [Option] {
        let told = [
            Option("deadline", kind == .abr ? "realtime" : "good"), Option("cpu-used", preset),
        ]
        if let bits { return told + options + [Option("b", "\(bits)")] }
        var quality = [Option("crf", rateText), Option("b", "0")]
        if kind == .qp { quality += [Option("qmin", rateText), Option("qmax", rateText)] }
        return told + options + quality
    }

    private func av1(_ bits: Int?) -> [Option] {
        let told = [Option("preset", preset), Option("svtav1-params", "lp=1")] + options
        guard let bits else { return told + [Option(kind.rawValue, rateText)] }
        return told + [Option("b", "\(bits)")]
    }
}
