// SSIM and MS-SSIM of planes as their authors define them.
import CKernels
import Glibc
import Media

/// Structural similarity of two planes, at one scale and over five.
///
/// The window is Gaussian, 11x11, of deviation 1.5, at every position where it fits; K1 = 0.01,
/// K2 = 0.03, the range is 2^depth - 1. The picture is not reduced first.
///
/// - SeeAlso: Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility
///   to structural similarity", TIP 2004; Wang, Simoncelli and Bovik, "Multi-scale structural
///   similarity for image quality assessment", 2003.
public struct StructuralSimilarity: Sendable {
    /// Side of the window.
    public static let window = 11
    /// Weights of the five scales, finest first.
    public static let scaleWeights = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333]

    /// Mean SSIM, or nil for planes smaller than the window.
    public let ssim: Double?
    /// MS-SSIM, or nil for planes whose sixteenth is smaller than the window (below 176 samples).
    public let multiScale: Double?

    /// The similarity of two planes of equal size and `depth` bits.
    public init(
        reference: Plane, test: Plane, depth: Int, multiScale wantsScales: Bool = true,
        threads: Int = 0
    ) {
        checkEqualSize(reference, test)
        let (width, height) = (reference.width, reference.height)
        let smallest = min(width, height)
        guard smallest >= StructuralSimilarity.window else {
            ssim = nil
            multiScale = nil
            return
        }
        // 8-bit units keep the digits where single precision has them.
        let unit = 255 / Float((1 << depth) - 1)
        let scaleCount = StructuralSimilarity.scaleWeights.count
        let hasScales = wantsScales && smallest >> (scaleCount - 1) >= StructuralSimilarity.window
        let count = width * height
        var first: Double?
        var product = 1.0
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 4 * count) { floats in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * height) { rows in
                guard let base = floats.baseAddress else { return }
                var (a, b) = (base, base + count)
                var (nextA, nextB) = (base + 2 * count, base + 3 * count)
                withKernelSamples(reference) { percept_to_float($0, unit, a, Int32(threads)) }
                withKernelSamples(test) { percept_to_float($0, unit, b, Int32(threads)) }
                var (w, h) = (width, height)
                for scale in 0..<(hasScales ? scaleCount : 1) {
                    if scale > 0 {
                        percept_halve_float(a, Int32(w), Int32(h), nextA, Int32(threads))
                        percept_halve_float(b, Int32(w), Int32(h), nextB, Int32(threads))
                        (a, nextA, b, nextB) = (nextA, a, nextB, b)
                        (w, h) = (w / 2, h / 2)
                    }
                    var (ssim, contrast) = (0.0, 0.0)
                    percept_ssim(
                        a, b, Int32(w), Int32(h), 6.5025, 58.5225, rows.baseAddress,
                        Int32(threads), &ssim, &contrast)
                    if scale == 0 { first = ssim }
                    let term = scale == scaleCount - 1 ? ssim : contrast
                    // A negative mean has no real power; such pictures have nothing in common.
                    product *= pow(max(term, 0), StructuralSimilarity.scaleWeights[scale])
                }
            }
        }
        ssim = first
        multiScale = hasScales ? product : nil
    }
}
