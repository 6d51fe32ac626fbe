// The logistic function.
import Tensors

/// 1 / (1 + e^-x).
public struct Sigmoid: UnaryOperation {
    public static let kind = "Sigmoid"
    public init() {}

    public func apply<Scalar: TensorScalar>(_ x: Scalar) -> Scalar {
        // Only the exponential of a negative number: it cannot overflow.
        let small = Scalar.exp(-abs(x))
        return x >= 0 ? 1 / (1 + small) : small / (1 + small)
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent * (node.output * (1 - node.output))]
    }
}

extension Value {
    /// 1 / (1 + e^-x).
    public var sigmoid: Value { applying(Sigmoid()) }
}
