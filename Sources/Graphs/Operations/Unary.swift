// What the element-wise functions of one value have in common.
import Tensors

/// An element-wise function of one value.
public protocol UnaryOperation: Operation {
    /// The result for one element.
    func apply<Scalar: TensorScalar>(_ x: Scalar) -> Scalar
}

extension UnaryOperation {
    /// The shape of the input.
    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(1, of: inputs)
        return inputs[0]
    }

    /// Applies the function to every element.
    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        inputs[0].map { apply($0) }
    }
}
