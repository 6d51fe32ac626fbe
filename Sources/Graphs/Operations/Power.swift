// A power with a fixed exponent.
import Tensors

/// x to a fixed power.
public struct Power: UnaryOperation {
    public static let kind = "Power"
    /// The exponent; where it is no integer, x must not be negative.
    public let exponent: Double

    public init(_ exponent: Double) { self.exponent = exponent }

    public func apply<Scalar: TensorScalar>(_ x: Scalar) -> Scalar {
        Scalar.pow(x, Scalar(exponent))
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        // x^0 is constant; its formal derivative 0 * x^-1 would be NaN at 0.
        if exponent == 0 { return [nil] }
        if exponent == 1 { return [cotangent] }
        return [cotangent * (exponent * node.inputs[0].power(exponent - 1))]
    }
}

extension Value {
    /// x to a fixed power.
    public func power(_ exponent: Double) -> Value { applying(Power(exponent)) }
}
