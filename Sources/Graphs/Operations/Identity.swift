// A value that passes unchanged.
import Tensors

/// x itself.
///
/// It makes paths of a graph equally long where a learning rule counts steps along them, and costs nothing once compiled.
///
/// - SeeAlso: Salvatori et al., "Reverse differentiation via predictive coding" (arXiv:2103.04689), section 4.
public struct Identity: Operation {
    public static let kind = "Identity"

    public init() {}

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(1, of: inputs)
        return inputs[0]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        inputs[0]
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] { [cotangent] }
}
