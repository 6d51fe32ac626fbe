// Wavelet packets by the orthonormal Haar filters, one level at a time, and their inverse.
import Tensors

/// Splits every channel into four subbands at half size.
///
/// Input: `[N, C, H, W]`, H and W even. Output: `[N, 4 C, H / 2, W / 2]`, subband-major: the LL of
/// all channels, then HL, LH, HH. Applied again it splits all subbands: the next packet level.
/// Orthonormal, so its derivative is its inverse.
///
/// - SeeAlso: MW-GAN (arXiv:2008.00499), section 3.
public struct HaarPackets: Operation {
    public static let kind = "HaarPackets"

    public init() {}

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(1, of: inputs)
        let x = inputs[0]
        try require(
            x.rank == 4 && x[2] % 2 == 0 && x[3] % 2 == 0, "[N, C, H, W] with even H and W",
            found: "\(x)")
        return [x[0], 4 * x[1], x[2] / 2, x[3] / 2]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let walk = HaarWalk(pictures: inputs[0].shape)
        return Tensor(shape: walk.packets) { result in
            inputs[0].withUnsafeBufferPointer { x in
                walk.forEachBlock { pixel, row, packet, band in
                    let (a, c) = (x[pixel], x[pixel + 1])
                    let (b, d) = (x[pixel + row], x[pixel + row + 1])
                    result[packet] = (a + b + c + d) / 2
                    result[packet + band] = (-a - b + c + d) / 2
                    result[packet + 2 * band] = (-a + b - c + d) / 2
                    result[packet + 3 * band] = (a - b - c + d) / 2
                }
            }
        }
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent.applying(InverseHaarPackets())]
    }
}

/// Joins four subbands back into pictures of twice the size: the inverse of `HaarPackets`.
public struct InverseHaarPackets: Operation {
    public static let kind = "InverseHaarPackets"

    public init() {}

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(1, of: inputs)
        let x = inputs[0]
        try require(
            x.rank == 4 && x[1] % 4 == 0, "[N, 4 C, H, W], four subbands", found: "\(x)")
        return [x[0], x[1] / 4, 2 * x[2], 2 * x[3]]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let x = inputs[0].shape
        let walk = HaarWalk(pictures: [x[0], x[1] / 4, 2 * x[2], 2 * x[3]])
        return Tensor(shape: walk.pictures) { result in
            inputs[0].withUnsafeBufferPointer { x in
                walk.forEachBlock { pixel, row, packet, band in
                    let (ll, hl) = (x[packet], x[packet + band])
                    let (lh, hh) = (x[packet + 2 * band], x[packet + 3 * band])
                    result[pixel] = (ll - hl - lh + hh) / 2
                    result[pixel + row] = (ll - hl + lh - hh) / 2
                    result[pixel + 1] = (ll + hl - lh - hh) / 2
                    result[pixel + row + 1] = (ll + hl + lh + hh) / 2
                }
            }
        }
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent.applying(HaarPackets())]
    }
}

/// Visits blocks of 2 x 2 pixels together with the place of their four coefficients.
private struct HaarWalk {
    let pictures: Shape
    var packets: Shape { [pictures[0], 4 * pictures[1], pictures[2] / 2, pictures[3] / 2] }

    /// Calls `body(first pixel, pixels per row, first coefficient, elements per subband)`.
    func forEachBlock(_ body: (Int, Int, Int, Int) -> Void) {
        let (channels, row) = (pictures[1], pictures[3])
        let (height, width) = (pictures[2] / 2, pictures[3] / 2)
        let band = channels * height * width
        for n in 0..<pictures[0] {
            for i in 0..<band {
                let (c, y, x) = (i / (height * width), i / width % height, i % width)
                let pixel = ((n * channels + c) * 2 * height + 2 * y) * row + 2 * x
                body(pixel, row, n * 4 * band + i, band)
            }
        }
    }
}

extension Value {
    /// Four subbands of every channel at half size, subband-major.
    public var haarPackets: Value { applying(HaarPackets()) }
    /// Pictures of twice the size from four subbands.
    public var inverseHaarPackets: Value { applying(InverseHaarPackets()) }
}
