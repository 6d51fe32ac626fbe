// How parameters get their first values.
import Tensors

/// How a parameter gets its first value.
///
/// Fans are counted as for weights `[outputs, inputs / groups, kernel...]`: fan in is the product
/// of all extents but the first, fan out that of all extents but the second.
public enum Initialiser: Sendable, Equatable {
    /// Every element the same.
    case constant(Double)
    /// N(0, gain² / fan in). `gain` is √2 before ReLU.
    ///
    /// - SeeAlso: He et al., "Delving deep into rectifiers" (arXiv:1502.01852), equation 10.
    case kaimingNormal(gain: Double)
    /// U(-b, b) with b = gain √(3 / fan in).
    case kaimingUniform(gain: Double)
    /// U(-b, b) with b = gain √(6 / (fan in + fan out)).
    ///
    /// - SeeAlso: Glorot and Bengio, "Understanding the difficulty of training deep feedforward
    ///   neural networks" (2010), equation 16.
    case xavierUniform(gain: Double)
    /// U(-b, b) with b = 1 / √fan in, for weights and, with the weights' fan in, for biases:
    /// PyTorch's default for convolutions and linear layers.
    case uniform(fanIn: Int)

    /// Zeros.
    public static let zeros = Initialiser.constant(0)
    /// Ones.
    public static let ones = Initialiser.constant(1)

    /// Kaiming's normal distribution in front of a leaky ReLU of the given slope, times `scale`:
    /// a scale under 1 lets a residual branch start small.
    ///
    /// - SeeAlso: ESRGAN (arXiv:1809.00219), section 3.1, which starts dense blocks at a tenth.
    public static func kaiming(slope: Double = 0, scale: Double = 1) -> Initialiser {
        .kaimingNormal(gain: scale * (2 / (1 + slope * slope)).squareRoot())
    }

    /// A tensor of `shape` drawn from this distribution.
    public func tensor(_ shape: Shape, using random: inout RandomSource) -> Tensor<Float> {
        let count = Double(shape.count)
        let fanIn = shape.rank > 0 ? count / Double(max(shape[0], 1)) : 1
        let fanOut = shape.rank > 1 ? count / Double(max(shape[1], 1)) : count
        switch self {
        case .constant(let value): return Tensor(repeating: Float(value), shape: shape)
        case .kaimingNormal(let gain):
            return .normal(shape, deviation: gain / fanIn.squareRoot(), using: &random)
        case .kaimingUniform(let gain):
            return Self.symmetric(shape, bound: gain * (3 / fanIn).squareRoot(), using: &random)
        case .xavierUniform(let gain):
            let bound = gain * (6 / (fanIn + fanOut)).squareRoot()
            return Self.symmetric(shape, bound: bound, using: &random)
        case .uniform(let fanIn):
            let bound = 1 / Double(max(fanIn, 1)).squareRoot()
            return Self.symmetric(shape, bound: bound, using: &random)
        }
    }

    private static func symmetric(
        _ shape: Shape, bound: Double, using random: inout RandomSource
    ) -> Tensor<Float> {
        Tensor(shape: shape) { result in
            for i in 0..<result.count { result[i] = Float(bound * (2 * random.uniform() - 1)) }
        }
    }
}
