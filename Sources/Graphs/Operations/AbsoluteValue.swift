// The absolute value, and the sign that its derivative is.
import Tensors

/// |x|.
public struct AbsoluteValue: UnaryOperation {
    public static let kind = "AbsoluteValue"
    public init() {}

    public func apply<Scalar: TensorScalar>(_ x: Scalar) -> Scalar { abs(x) }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent * node.inputs[0].sign]
    }
}

/// 1 for positive, -1 for negative numbers, 0 for 0.
public struct Sign: UnaryOperation {
    public static let kind = "Sign"
    public init() {}

    public func apply<Scalar: TensorScalar>(_ x: Scalar) -> Scalar { x > 0 ? 1 : x < 0 ? -1 : 0 }

    /// Nothing: the sign is constant between its steps.
    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] { [nil] }
}

extension Value {
    /// |x|.
    public var absolute: Value { applying(AbsoluteValue()) }
    /// 1, 0 or -1.
    public var sign: Value { applying(Sign()) }
}
