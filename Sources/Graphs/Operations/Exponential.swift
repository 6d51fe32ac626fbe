// The exponential function.
import Tensors

/// e to the power x.
public struct Exponential: UnaryOperation {
    public static let kind = "Exponential"
    public init() {}

    public func apply<Scalar: TensorScalar>(_ x: Scalar) -> Scalar { Scalar.exp(x) }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent * node.output]
    }
}

extension Value {
    /// e to the power x.
    public var exp: Value { applying(Exponential()) }
}
