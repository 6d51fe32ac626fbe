// Orthonormal Haar wavelet packets of tensors, forward and back.
import CKernels
import Tensors

/// Splits pictures into wavelet packets with orthonormal Haar filters.
///
/// One level turns each 2x2 block a c / b d into LL = (a + b + c + d) / 2, HL = (-a - b + c + d) / 2
/// (right minus left), LH = (-a + b - c + d) / 2 (bottom minus top) and HH = (a - b - c + d) / 2; the
/// next level splits all four again. Integers of up to 12 bits survive six levels and back exactly.
///
/// - SeeAlso: MW-GAN (arXiv:2008.00499), section 3.
public struct PacketTransform: Sendable, Hashable {
    /// How many times all subbands are split.
    public let levels: Int

    /// A transform of `levels` levels; none leaves the tensor as it is.
    public init(levels: Int) {
        precondition(levels >= 0, "a transform cannot have \(levels) levels")
        self.levels = levels
    }

    /// Splits `x` into packets.
    ///
    /// - Parameter x: `[N, C, H, W]`, H and W multiples of 2^levels.
    /// - Returns: `[N, C * 4^levels, H / 2^levels, W / 2^levels]`, subband-major: all LL, then HL,
    ///   LH, HH, at each level.
    public func callAsFunction(_ x: Tensor<Float>, threads: Int = 0) -> Tensor<Float> {
        check(x.shape, multiple: 1 << levels)
        var result = x
        var left = levels
        while left > 0 {
            let step = min(left, 2)
            result = PacketTransform.split(result, levels: step, threads: threads)
            left -= step
        }
        return result
    }

    /// Joins packets into pictures again: undoes `callAsFunction`.
    ///
    /// - Parameter y: `[N, C * 4^levels, h, w]`, subband-major.
    /// - Returns: `[N, C, h * 2^levels, w * 2^levels]`.
    public func inverse(_ y: Tensor<Float>, threads: Int = 0) -> Tensor<Float> {
        precondition(
            y.shape.rank == 4 && y.shape[1] % (1 << (2 * levels)) == 0,
            "\(y.shape) is not [N, C * 4^\(levels), h, w]")
        var result = y
        var left = levels
        // The forward transform ends with a single level where their number is odd.
        while left > 0 {
            let step = left % 2 == 1 ? 1 : 2
            result = PacketTransform.join(result, levels: step, threads: threads)
            left -= step
        }
        return result
    }

    private func check(_ shape: Shape, multiple: Int) {
        precondition(
            shape.rank == 4 && shape[2] % multiple == 0 && shape[3] % multiple == 0,
            "\(shape) is not [N, C, H, W] with H and W multiples of \(multiple)")
    }

    private static func split(_ x: Tensor<Float>, levels: Int, threads: Int) -> Tensor<Float> {
        let (n, c, h, w) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
        let factor = 1 << levels
        return Tensor(shape: [n, c * factor * factor, h / factor, w / factor]) { target in
            x.withUnsafeBufferPointer { source in
                guard let from = source.baseAddress, let to = target.baseAddress else { return }
                let kernel = levels == 1 ? percept_haar : percept_haar2
                kernel(from, to, n, c, h, w, Int32(threads))
            }
        }
    }

    private static func join(_ y: Tensor<Float>, levels: Int, threads: Int) -> Tensor<Float> {
        let factor = 1 << levels
        let (n, c) = (y.shape[0], y.shape[1] / (factor * factor))
        let (h, w) = (y.shape[2] * factor, y.shape[3] * factor)
        return Tensor(shape: [n, c, h, w]) { target in
            y.withUnsafeBufferPointer { source in
                guard let from = source.baseAddress, let to = target.baseAddress else { return }
                let kernel = levels == 1 ? percept_haar_inverse : percept_haar2_inverse
                kernel(from, to, n, c, h, w, Int32(threads))
            }
        }
    }
}
