// The Gaussian error linear unit, exact, and the error function it is made of.
import Tensors

/// x * P(X <= x) for a standard normal X: x * (1 + erf(x / sqrt 2)) / 2.
///
/// - SeeAlso: Hendrycks and Gimpel, "Gaussian Error Linear Units" (arXiv:1606.08415).
public struct GELU: UnaryOperation {
    public static let kind = "GELU"
    public init() {}

    public func apply<Scalar: TensorScalar>(_ x: Scalar) -> Scalar {
        x * (1 + Scalar.erf(x * Scalar(0.5).squareRoot())) / 2
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        let x = node.inputs[0]
        let probability = 0.5 * (0.5.squareRoot() * x).erf + 0.5
        let density = (0.5 / Double.pi).squareRoot() * (-0.5 * (x * x)).exp
        return [cotangent * (probability + x * density)]
    }
}

/// The error function.
public struct ErrorFunction: UnaryOperation {
    public static let kind = "ErrorFunction"
    public init() {}

    public func apply<Scalar: TensorScalar>(_ x: Scalar) -> Scalar { Scalar.erf(x) }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        let x = node.inputs[0]
        return [cotangent * (2 / Double.pi.squareRoot() * (-(x * x)).exp)]
    }
}

extension Value {
    /// x * P(X <= x) for a standard normal X.
    public var gelu: Value { applying(GELU()) }
    /// The error function.
    public var erf: Value { applying(ErrorFunction()) }
}
