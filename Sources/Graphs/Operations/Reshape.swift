// The same elements under another shape.
import Tensors

/// The same elements under another shape.
///
/// In `extents`, 0 keeps the input's extent at that axis and one -1 takes what is left, as in ONNX.
public struct Reshape: Operation {
    public static let kind = "Reshape"
    /// The wanted extents, with 0 and -1 as placeholders.
    public let extents: [Int]

    public init(_ extents: [Int]) {
        precondition(extents.filter { $0 == -1 }.count <= 1, "more than one -1 in \(extents)")
        self.extents = extents
    }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(1, of: inputs)
        var result = extents
        for (axis, extent) in extents.enumerated() where extent == 0 {
            try require(axis < inputs[0].rank, "an axis \(axis) to keep", found: "\(inputs[0])")
            result[axis] = inputs[0][axis]
        }
        if let open = result.firstIndex(of: -1) {
            let rest = result.enumerated().filter { $0.offset != open }.reduce(1) {
                $0 * $1.element
            }
            try require(
                rest > 0 && inputs[0].count % rest == 0, "elements divisible by \(rest)",
                found: "\(inputs[0])")
            result[open] = inputs[0].count / rest
        }
        try require(
            result.reduce(1, *) == inputs[0].count, "\(result.reduce(1, *)) elements",
            found: "\(inputs[0])")
        return Shape(result)
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        // Shapes were checked before anything is evaluated.
        guard let shape = try? shape(of: [inputs[0].shape]) else {
            preconditionFailure("\(inputs[0].shape) does not reshape to \(extents)")
        }
        return inputs[0].reshaped(to: shape)
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent.applying(ReshapeLike(), node.inputs[0])]
    }
}

/// The elements of the first input under the shape of the second.
public struct ReshapeLike: Operation {
    public static let kind = "ReshapeLike"
    public var shapeOnlyInputs: [Int] { [1] }

    public init() {}

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(2, of: inputs)
        try require(
            inputs[0].count == inputs[1].count, "\(inputs[1].count) elements",
            found: "\(inputs[0])")
        return inputs[1]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        inputs[0].reshaped(to: inputs[1].shape)
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent.applying(ReshapeLike(), node.inputs[0]), nil]
    }
}

extension Value {
    /// The same elements under another shape; 0 keeps an extent, one -1 takes what is left.
    public func reshaped(_ extents: [Int]) -> Value { applying(Reshape(extents)) }
}
