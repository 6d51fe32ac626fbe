// Mean squared error of planes and the peak signal-to-noise ratio made of it.
import CKernels
import Glibc
import Media

/// Mean squared error between two planes and its peak signal-to-noise ratio.
public struct PlaneError: Sendable, Hashable {
    /// Mean squared error in squared code values.
    public let meanSquared: Double
    /// Largest code value, 2^depth - 1.
    public let peak: Double

    /// The error of `test` against `reference`, planes of equal size and `depth` bits.
    public init(reference: Plane, test: Plane, depth: Int, threads: Int = 0) {
        checkEqualSize(reference, test)
        let sum = withKernelSamples(reference) { a in
            withKernelSamples(test) { percept_squared_error(a, $0, Int32(threads)) }
        }
        meanSquared = Double(sum) / Double(reference.width * reference.height)
        peak = Double((1 << depth) - 1)
    }

    /// Peak signal-to-noise ratio in decibels; infinite for equal planes.
    public var psnr: Double {
        meanSquared == 0 ? .infinity : 10 * log10(peak * peak / meanSquared)
    }
}

func checkEqualSize(_ a: Plane, _ b: Plane) {
    precondition(
        a.width == b.width && a.height == b.height && a.bytesPerSample == b.bytesPerSample,
        "planes differ: \(a.width)x\(a.height) and \(b.width)x\(b.height)")
}

func withKernelSamples<Result>(
    _ plane: Plane, _ body: (UnsafePointer<percept_samples>) -> Result
) -> Result {
    plane.withUnsafeBytes { base in
        var samples = percept_samples(
            base: base, bytes_per_row: plane.bytesPerRow, width: Int32(plane.width),
            height: Int32(plane.height), bytes_per_sample: Int32(plane.bytesPerSample))
        return body(&samples)
    }
}
