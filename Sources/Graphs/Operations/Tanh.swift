// The hyperbolic tangent.
import Tensors

/// The hyperbolic tangent.
public struct Tanh: UnaryOperation {
    public static let kind = "Tanh"
    public init() {}

    public func apply<Scalar: TensorScalar>(_ x: Scalar) -> Scalar { Scalar.tanh(x) }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent * (1 - node.output * node.output)]
    }
}

extension Value {
    /// The hyperbolic tangent.
    public var tanh: Value { applying(Tanh()) }
}
