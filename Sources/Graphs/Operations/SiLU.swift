// The sigmoid linear unit.
import Tensors

/// x * sigmoid(x), also called swish.
public struct SiLU: UnaryOperation {
    public static let kind = "SiLU"
    public init() {}

    public func apply<Scalar: TensorScalar>(_ x: Scalar) -> Scalar { x * Sigmoid().apply(x) }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        let sigmoid = node.inputs[0].sigmoid
        return [cotangent * (sigmoid + node.output * (1 - sigmoid))]
    }
}

extension Value {
    /// x * sigmoid(x).
    public var silu: Value { applying(SiLU()) }
}
