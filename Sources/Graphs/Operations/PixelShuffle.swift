// Channels to pixels and back: what upsampling networks end with.
import Tensors

/// Channels become blocks of pixels: `[N, C r², H, W]` to `[N, C, r H, r W]`.
///
/// Channel `c r² + i r + j` holds row i and column j of each block.
///
/// - SeeAlso: Shi et al., sub-pixel convolution (arXiv:1609.05158); ONNX `DepthToSpace`, mode CRD.
public struct PixelShuffle: Operation {
    public static let kind = "PixelShuffle"
    /// Side of a block.
    public let factor: Int

    public init(_ factor: Int) {
        precondition(factor > 0, "a factor of \(factor)")
        self.factor = factor
    }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(1, of: inputs)
        let x = inputs[0]
        try require(
            x.rank == 4 && x[1] % (factor * factor) == 0,
            "[N, C, H, W] with C a multiple of \(factor * factor)", found: "\(x)")
        return [x[0], x[1] / (factor * factor), factor * x[2], factor * x[3]]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let x = inputs[0].shape
        let blocks = Transpose([0, 1, 4, 2, 5, 3]).forward([
            inputs[0].reshaped(
                to: [x[0], x[1] / (factor * factor), factor, factor, x[2], x[3]])
        ])
        return blocks.reshaped(
            to: [x[0], x[1] / (factor * factor), factor * x[2], factor * x[3]])
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent.applying(PixelUnshuffle(factor))]
    }
}

/// Blocks of pixels become channels: `[N, C, r H, r W]` to `[N, C r², H, W]`; the inverse of
/// `PixelShuffle`.
public struct PixelUnshuffle: Operation {
    public static let kind = "PixelUnshuffle"
    /// Side of a block.
    public let factor: Int

    public init(_ factor: Int) {
        precondition(factor > 0, "a factor of \(factor)")
        self.factor = factor
    }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(1, of: inputs)
        let x = inputs[0]
        try require(
            x.rank == 4 && x[2] % factor == 0 && x[3] % factor == 0,
            "[N, C, H, W] with H and W multiples of \(factor)", found: "\(x)")
        return [x[0], x[1] * factor * factor, x[2] / factor, x[3] / factor]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let x = inputs[0].shape
        let (height, width) = (x[2] / factor, x[3] / factor)
        let planes = Transpose([0, 1, 3, 5, 2, 4]).forward([
            inputs[0].reshaped(to: [x[0], x[1], height, factor, width, factor])
        ])
        return planes.reshaped(to: [x[0], x[1] * factor * factor, height, width])
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent.applying(PixelShuffle(factor))]
    }
}

extension Value {
    /// Channels become blocks of pixels.
    public func pixelShuffled(_ factor: Int) -> Value { applying(PixelShuffle(factor)) }
    /// Blocks of pixels become channels.
    public func pixelUnshuffled(_ factor: Int) -> Value { applying(PixelUnshuffle(factor)) }
}
