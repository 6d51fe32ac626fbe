// The natural logarithm.
import Tensors

/// The natural logarithm.
public struct Logarithm: UnaryOperation {
    public static let kind = "Logarithm"
    public init() {}

    public func apply<Scalar: TensorScalar>(_ x: Scalar) -> Scalar { Scalar.log(x) }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent / node.inputs[0]]
    }
}

extension Value {
    /// The natural logarithm.
    public var log: Value { applying(Logarithm()) }
}
