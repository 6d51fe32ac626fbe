// The square root.
import Tensors

/// The square root.
public struct SquareRoot: UnaryOperation {
    public static let kind = "SquareRoot"
    public init() {}

    public func apply<Scalar: TensorScalar>(_ x: Scalar) -> Scalar { x.squareRoot() }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [0.5 * (cotangent / node.output)]
    }
}

extension Value {
    /// The square root.
    public var squareRoot: Value { applying(SquareRoot()) }
}
