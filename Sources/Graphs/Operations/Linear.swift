// The fully connected layer's product.
import Tensors

/// x W' + b: a fully connected layer.
///
/// Inputs: x `[..., I]` of rank 2 or more, weights W `[O, I]` and, optionally, bias `[O]`.
/// Output: `[..., O]`.
public struct Linear: Operation {
    public static let kind = "Linear"

    public init() {}

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(
            inputs.count == 2 || inputs.count == 3, "2 or 3 inputs", found: "\(inputs.count)")
        let (x, w) = (inputs[0], inputs[1])
        try require(x.rank >= 2 && w.rank == 2, "[..., I] and [O, I]", found: "\(x), \(w)")
        try require(x[-1] == w[1], "\(w[1]) features", found: "\(x)")
        if inputs.count == 3 {
            try require(inputs[2] == [w[0]], "bias [\(w[0])]", found: "\(inputs[2])")
        }
        return Shape(x.dimensions.dropLast() + [w[0]])
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let product = MatrixProduct(transposesSecond: true).forward([inputs[0], inputs[1]])
        return inputs.count == 3 ? Add().forward([product, inputs[2]]) : product
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        let (x, w) = (node.inputs[0], node.inputs[1])
        var products: [Value?] = [
            cotangent.times(w),
            cotangent.times(x, transposed: true).applying(SumLike(), w),
        ]
        if node.inputs.count == 3 { products.append(cotangent.applying(SumLike(), node.inputs[2])) }
        return products
    }
}

extension Value {
    /// x W' + b with weights W `[O, I]` and bias `[O]`.
    public func linear(weights: Value, bias: Value? = nil) -> Value {
        builder.apply(Linear(), to: [self, weights] + (bias.map { [$0] } ?? []))
    }
}
