// Frames that need nothing are left alone: how much of the correction a frame gets.
import Glibc
import Media
import Quality

/// Says how much of the network's correction a frame is given.
///
/// A network trained on damaged frames does harm to good ones. The decoder's quantisers say how
/// good a frame is; where it exports none, the bits that were spent on a pixel have to do.
/// Thresholds were chosen on the selection clips.
public enum DamageGate {
    /// The whole correction from this mean luma step on (8-bit code values), none below the other.
    public static let fullStep: Float = 20, zeroStep: Float = 10
    /// The whole correction up to these bits per pixel, none above the others.
    public static let fullBits = 0.1, zeroBits = 0.22

    /// The share of the correction, 0 ... 1, for a frame of the given quantisers and bits.
    ///
    /// - Parameter bitsPerPixel: Bits of the coded video per luma pixel; nil where unknown.
    public static func share(quantisers: QuantiserMap?, bitsPerPixel: Double?) -> Float {
        if let mean = quantisers?.meanLumaStep {
            return ramp(log2f(max(mean, 0.1)), from: log2f(zeroStep), to: log2f(fullStep))
        }
        guard let bitsPerPixel, bitsPerPixel > 0 else { return 1 }
        return ramp(
            Float(-log2(bitsPerPixel)), from: Float(-log2(zeroBits)), to: Float(-log2(fullBits)))
    }
}
