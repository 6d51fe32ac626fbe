// Another order of the axes.
import Tensors

/// Reorders axes: axis i of the result is axis `permutation[i]` of the input.
public struct Transpose: Operation {
    public static let kind = "Transpose"
    /// For each axis of the result, the axis of the input it is.
    public let permutation: [Int]

    public init(_ permutation: [Int]) {
        precondition(
            permutation.sorted() == Array(permutation.indices), "\(permutation) reorders no axes")
        self.permutation = permutation
    }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(1, of: inputs)
        try require(
            inputs[0].rank == permutation.count, "\(permutation.count) axes", found: "\(inputs[0])")
        return Shape(permutation.map { inputs[0][$0] })
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let source = inputs[0].shape
        let result = Shape(permutation.map { source[$0] })
        let (strides, outputStrides) = (source.strides, result.strides)
        return Tensor(shape: result) { result in
            inputs[0].withUnsafeBufferPointer { x in
                for index in 0..<result.count {
                    var (rest, from) = (index, 0)
                    for (axis, read) in permutation.enumerated() {
                        from += rest / outputStrides[axis] * strides[read]
                        rest %= outputStrides[axis]
                    }
                    result[index] = x[from]
                }
            }
        }
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        var inverse = permutation
        for (axis, read) in permutation.enumerated() { inverse[read] = axis }
        return [cotangent.applying(Transpose(inverse))]
    }
}

extension Value {
    /// Reorders axes: axis i of the result is axis `permutation[i]` of this value.
    public func transposed(_ permutation: [Int]) -> Value { applying(Transpose(permutation)) }
}
