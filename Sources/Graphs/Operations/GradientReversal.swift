// A value that passes unchanged, and whose gradient turns around.
import Tensors

/// x itself; its gradient comes back times the negative of a number.
///
/// Inputs: x, and the number λ, a scalar of which only the gradient takes notice: an input of the graph, so that it
/// can change from step to step. What stands before the reversal learns to make large what stands behind it makes
/// small.
///
/// This is no derivative of what is computed; that is its purpose.
///
/// - SeeAlso: Ganin and Lempitsky, "Unsupervised domain adaptation by backpropagation" (arXiv:1409.7495), section 3.2.
public struct GradientReversal: Operation {
    public static let kind = "GradientReversal"
    public var shapeOnlyInputs: [Int] { [1] }

    public init() {}

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(2, of: inputs)
        try require(inputs[1].rank == 0, "a single number", found: "\(inputs[1])")
        return inputs[0]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        inputs[0]
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [-(cotangent * node.inputs[1]), nil]
    }
}

extension Value {
    /// x itself, whose gradient comes back times -λ.
    public func reversingGradient(times lambda: Value) -> Value {
        applying(GradientReversal(), lambda)
    }
}
