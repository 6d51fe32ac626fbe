// A frame as a person sees it: turned, square pixels, RGB, HDR brought down to a common screen.
import Glibc

/// 8-bit sRGB, three bytes a pixel (R, G, B), rows without padding.
public struct UprightPicture: Sendable {
    /// Size in square pixels, after rotation.
    public let width: Int, height: Int
    /// `width * height * 3` bytes.
    public let pixels: [UInt8]
    /// The ICC profile that the values are meant by, where a picture came with one.
    public var profile: [UInt8]?

    /// A picture of the given bytes.
    public init(width: Int, height: Int, pixels: [UInt8]) {
        precondition(pixels.count == width * height * 3)
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    /// The picture turned around, left to right.
    public var mirrored: UprightPicture {
        var turned = pixels
        for row in 0..<height {
            for column in 0..<width {
                let (to, from) = (
                    3 * (row * width + column), 3 * (row * width + width - 1 - column)
                )
                for channel in 0..<3 { turned[to + channel] = pixels[from + channel] }
            }
        }
        return UprightPicture(width: width, height: height, pixels: turned)
    }

    /// The part in some columns and rows, which lie in the picture.
    public func cropped(x columns: Range<Int>, y rows: Range<Int>) -> UprightPicture {
        precondition(
            columns.lowerBound >= 0 && columns.upperBound <= width && rows.lowerBound >= 0
                && rows.upperBound <= height, "\(columns) x \(rows) of \(width)x\(height)")
        var part: [UInt8] = []
        part.reserveCapacity(3 * columns.count * rows.count)
        for row in rows {
            let start = 3 * row * width
            part +=
                pixels[start + 3 * columns.lowerBound..<start + 3 * columns.upperBound]
        }
        return UprightPicture(width: columns.count, height: rows.count, pixels: part)
    }

    /// Red, green and blue at (`x`, `y`).
    public subscript(x: Int, y: Int) -> (red: UInt8, green: UInt8, blue: UInt8) {
        let at = 3 * (y * width + x)
        return (pixels[at], pixels[at + 1], pixels[at + 2])
    }
}

extension Frame {
    /// The picture upright: mirrored, rotated, with square pixels, as 8-bit RGB.
    ///
    /// Chroma is sampled bilinearly at its declared location. PQ and HLG are tone-mapped simply: to light,
    /// BT.2020 to BT.709 primaries, 203 cd/m2 as diffuse white (ITU-R BT.2408), an extended Reinhard
    /// curve up to 1000 cd/m2, and back to sRGB. Alpha is laid over black.
    public func upright() -> UprightPicture {
        let ratio = sampleAspectRatio.value
        let isSquare = ratio <= 0 || abs(ratio - 1) < 0.001
        // The longer way is stretched, so that no detail is lost.
        let shownWidth =
            isSquare || ratio < 1 ? width : min(65_535, Int((Double(width) * ratio).rounded()))
        let shownHeight =
            isSquare || ratio > 1 ? height : min(65_535, Int((Double(height) / ratio).rounded()))
        let isTurned = rotation == 90 || rotation == 270
        let outWidth = isTurned ? shownHeight : shownWidth
        let outHeight = isTurned ? shownWidth : shownHeight
        if let direct = DirectUpright(self, isSquare: isSquare) {
            return UprightPicture(width: outWidth, height: outHeight, pixels: direct.pixels())
        }
        return sampled(outWidth, outHeight, of: (shownWidth, shownHeight))
    }

    /// The picture by a sample for each pixel, which any frame can be looked at by.
    func sampled(
        _ outWidth: Int, _ outHeight: Int, of shown: (width: Int, height: Int)
    ) -> UprightPicture {
        let (shownWidth, shownHeight) = shown
        let sampler = PixelSampler(self)
        var pixels = [UInt8](repeating: 0, count: outWidth * outHeight * 3)
        pixels.withUnsafeMutableBufferPointer { out in
            let scaleX = Float(width) / Float(shownWidth)
            let scaleY = Float(height) / Float(shownHeight)
            for y in 0..<outHeight {
                for x in 0..<outWidth {
                    var (u, v) = (x, y)
                    switch rotation {
                    case 90: (u, v) = (y, shownHeight - 1 - x)
                    case 180: (u, v) = (shownWidth - 1 - x, shownHeight - 1 - y)
                    case 270: (u, v) = (shownWidth - 1 - y, x)
                    default: break
                    }
                    if isMirrored { u = shownWidth - 1 - u }
                    let rgb = sampler.rgb(
                        x: (Float(u) + 0.5) * scaleX - 0.5, y: (Float(v) + 0.5) * scaleY - 0.5)
                    let at = 3 * (y * outWidth + x)
                    out[at] = rgb.0
                    out[at + 1] = rgb.1
                    out[at + 2] = rgb.2
                }
            }
        }
        return UprightPicture(width: outWidth, height: outHeight, pixels: pixels)
    }
}

/// Reads one colour at any position of a frame.
private struct PixelSampler {
    let frame: Frame
    let colour: ColourMatrix
    let toneMap: ToneMap?

    init(_ frame: Frame) {
        self.frame = frame
        colour = ColourMatrix(frame)
        toneMap = ToneMap(transfer: frame.colour.transfer, primaries: frame.colour.primaries)
    }

    func rgb(x: Float, y: Float) -> (UInt8, UInt8, UInt8) {
        var (red, green, blue) = colour.rgb(of: frame, x: x, y: y)
        if let toneMap { (red, green, blue) = toneMap(red, green, blue) }
        if frame.format.hasAlpha {
            let plane = frame.planes[frame.planes.count - 1]
            let alpha = plane.sample(x: x, y: y) / Float(frame.format.maximum)
            (red, green, blue) = (red * alpha, green * alpha, blue * alpha)
        }
        func code(_ value: Float) -> UInt8 { UInt8(min(max(value, 0), 1) * 255 + 0.5) }
        return (code(red), code(green), code(blue))
    }
}

/// Brings PQ and HLG to the range of a common screen.
private struct ToneMap {
    let isPQ: Bool
    let isBT2020: Bool

    init?(transfer: Int32, primaries: Int32) {
        guard transfer == 16 || transfer == 18 else { return nil }
        isPQ = transfer == 16
        isBT2020 = primaries == 9 || primaries == 2
    }

    func callAsFunction(_ r: Float, _ g: Float, _ b: Float) -> (Float, Float, Float) {
        var (r, g, b) = (light(r), light(g), light(b))
        if isBT2020 {
            // BT.2020 to BT.709 primaries (ITU-R BT.2087).
            (r, g, b) = (
                1.6605 * r - 0.5876 * g - 0.0728 * b, -0.1246 * r + 1.1329 * g - 0.0083 * b,
                -0.0182 * r - 0.1006 * g + 1.1187 * b
            )
        }
        let peak = max(max(r, g), max(b, 1e-6))
        let white: Float = 1000 / 203
        let mapped = peak * (1 + peak / (white * white)) / (1 + peak)
        let gain = mapped / peak
        return (encode(r * gain), encode(g * gain), encode(b * gain))
    }

    /// Light relative to diffuse white at 203 cd/m2.
    private func light(_ signal: Float) -> Float {
        let e = min(max(signal, 0), 1)
        if isPQ {
            // SMPTE ST 2084.
            let p = powf(e, 1 / 78.84375)
            return powf(max(p - 0.8359375, 0) / (18.8515625 - 18.6875 * p), 1 / 0.1593017578125)
                * 10_000 / 203
        }
        // HLG (ITU-R BT.2100) with a system gamma of 1.2 per channel, 1000 cd/m2 nominal.
        let scene = e <= 0.5 ? e * e / 3 : (expf((e - 0.55991073) / 0.17883277) + 0.28466892) / 12
        return powf(scene, 1.2) * 1000 / 203
    }

    private func encode(_ linear: Float) -> Float {
        let l = max(linear, 0)
        return l <= 0.0031308 ? 12.92 * l : 1.055 * powf(l, 1 / 2.4) - 0.055
    }
}
