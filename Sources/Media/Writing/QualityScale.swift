// How encoders count constant quality, for whoever looks for the one that fits a size.
import Glibc

/// The constant qualities of an encoder: larger numbers are coarser.
package struct QualityScale: Sendable {
    /// Quality that needs no more bits than a person would notice, and the coarsest worth trying.
    package let finest: Double, coarsest: Double
    /// Steps between two qualities of which one is tried.
    package let unit: Double
    /// Where twice the bits of a source of H.264 quantiser 36 usually lie, and steps per quantiser.
    fileprivate let centre: Double, slope: Double
    /// Steps that halve the bits, about.
    package var halving: Double { 6 * slope }
    /// The same scale from the finest quality that anybody wants to the coarsest there is.
    fileprivate let widest: ClosedRange<Double>

    /// For sizes that somebody names, and wants used.
    package var wide: QualityScale {
        QualityScale(
            finest: widest.lowerBound, coarsest: widest.upperBound, unit: unit, centre: centre,
            slope: slope, widest: widest)
    }

    /// Two qualities around the one that usually takes `allowed` times the bits of a source with the
    /// given mean luma step; nil: unknown.
    package func guesses(lumaStep: Float?, allowed: Double) -> [Double] {
        // An H.264 quantiser of 4 is a step of 1, and six more double it, or halve the bits, about.
        let quantiser = lumaStep.map { Double(4 + 6 * log2f(max($0, 0.1))) } ?? 34
        let guess = centre + slope * (quantiser - 36 + 6 * log2(2 / allowed))
        let lower = min(max((guess - 2).rounded(), finest), coarsest - 8)
        return [lower, lower + 4]
    }

    /// The nearest quality that can be asked for and takes no more bits.
    package func rounded(_ quality: Double) -> Double {
        (min(max(quality, finest), coarsest) / unit).rounded(.up) * unit
    }
}

extension Encoder {
    /// Its scale of constant quality; nil where bits do not follow it steadily.
    package var qualityScale: QualityScale? {
        switch self {
        case .x264, .x264RGB, .x265:
            QualityScale(
                finest: transparentQuality, coarsest: 40, unit: 0.1, centre: 26, slope: 1,
                widest: finestQuality...51)
        case .svtAV1:
            QualityScale(
                finest: transparentQuality, coarsest: 55, unit: 1, centre: 31, slope: 1.3,
                widest: finestQuality...63)
        case .vp9, .ffv1: nil
        }
    }
}
