// How a frame's samples become red, green and blue.

/// Coefficients between a frame's planes and red, green and blue from 0 to 1.
public struct ColourMatrix: Sendable {
    /// Shares of red and blue in luma; green has the rest.
    public let kr: Float, kb: Float
    /// Code value of black, and what one code value of luma and of chroma is worth.
    public let lumaOffset: Float, lumaScale: Float, chromaScale: Float
    /// Code value of no colour.
    public let middle: Float
    /// Where chroma of 4:2:0 sits, in chroma samples from the first luma column and row.
    public let shift: (x: Float, y: Float)

    /// The coefficients of a frame, as its tags say them, or as is usual for its size.
    public init(_ frame: Frame) {
        let isBT2020 = frame.colour.matrix == 9 || frame.colour.matrix == 10
        let isHD = frame.colour.matrix == 1 || frame.colour.matrix == 2 && frame.height >= 720
        (kr, kb) = isBT2020 ? (0.2627, 0.0593) : isHD ? (0.2126, 0.0722) : (0.299, 0.114)
        let maximum = Float(frame.format.maximum)
        let unit = Float(1 << (frame.format.depth - 8))
        let isFull = frame.colour.isFullRange ?? (frame.format.sampling == .rgb)
        lumaOffset = isFull ? 0 : 16 * unit
        lumaScale = isFull ? 1 / maximum : 1 / (219 * unit)
        chromaScale = isFull ? 1 / maximum : 1 / (224 * unit)
        middle = Float(1 << (frame.format.depth - 1))
        // Chroma sits on the left luma column unless it is said to be centred (as in JPEG).
        let isCentred = frame.colour.chromaLocation == 2
        let isTop = frame.colour.chromaLocation == 3
        switch frame.format.sampling {
        case .yuv420: shift = (isCentred ? -0.25 : 0, isTop ? 0 : -0.25)
        default: shift = (0, 0)
        }
    }

    /// Red, green and blue of a frame at a position in luma samples, from 0 to 1 where the samples are
    /// inside their range; gray has its luma three times.
    public func rgb(of frame: Frame, x: Float, y: Float) -> (red: Float, green: Float, blue: Float)
    {
        let planes = frame.planes
        func linear(_ plane: Int) -> Float {
            (planes[plane].sample(x: x, y: y) - lumaOffset) * lumaScale
        }
        let first = linear(0)
        switch frame.format.sampling {
        case .gray: return (first, first, first)
        case .rgb: return (linear(2), first, linear(1))
        default:
            let halves = frame.format.sampling.halves
            let cx = halves.x ? x / 2 + shift.x : x, cy = halves.y ? y / 2 + shift.y : y
            func chroma(_ plane: Int) -> Float {
                (planes[plane].sample(x: cx, y: cy) - middle) * chromaScale
            }
            let red = first + 2 * (1 - kr) * chroma(2)
            let blue = first + 2 * (1 - kb) * chroma(1)
            return (red, (first - kr * red - kb * blue) / (1 - kr - kb), blue)
        }
    }

    /// By how much the planes of a frame change, in its code values, where red, green and blue do.
    public func planes(
        red: Float, green: Float, blue: Float, of sampling: ChromaSampling
    ) -> (Float, Float, Float) {
        if sampling == .rgb { return (green / lumaScale, blue / lumaScale, red / lumaScale) }
        let luma = kr * red + (1 - kr - kb) * green + kb * blue
        return (
            luma / lumaScale, (blue - luma) / (2 * (1 - kb)) / chromaScale,
            (red - luma) / (2 * (1 - kr)) / chromaScale
        )
    }
}

extension ChromaSampling {
    /// Whether chroma has half the columns, and half the rows, of luma.
    package var halves: (x: Bool, y: Bool) {
        (self == .yuv420 || self == .yuv422, self == .yuv420)
    }
}
