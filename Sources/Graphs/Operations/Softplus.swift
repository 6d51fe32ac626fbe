// A smooth ReLU, and what stable losses on logits are made of.
import Tensors

/// log(1 + e^x), without overflow for large x.
public struct Softplus: UnaryOperation {
    public static let kind = "Softplus"
    public init() {}

    public func apply<Scalar: TensorScalar>(_ x: Scalar) -> Scalar {
        max(x, 0) + Scalar.log1p(Scalar.exp(-abs(x)))
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent * node.inputs[0].sigmoid]
    }
}

extension Value {
    /// log(1 + e^x).
    public var softplus: Value { applying(Softplus()) }
}
