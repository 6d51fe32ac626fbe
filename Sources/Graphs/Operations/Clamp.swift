// Limiting values to a range.
import Tensors

/// The nearest number within a range.
public struct Clamp: UnaryOperation {
    public static let kind = "Clamp"
    /// Smallest and largest result.
    public let lower: Double, upper: Double

    public init(_ range: ClosedRange<Double>) {
        (lower, upper) = (range.lowerBound, range.upperBound)
    }

    public func apply<Scalar: TensorScalar>(_ x: Scalar) -> Scalar {
        min(max(x, Scalar(lower)), Scalar(upper))
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent.applying(ClampBackward(lower...upper), node.inputs[0])]
    }
}

/// The cotangent where the input of `Clamp` (second input) lies within the range, else 0.
public struct ClampBackward: Operation {
    public static let kind = "ClampBackward"
    /// The range, bounds included.
    public let lower: Double, upper: Double

    public init(_ range: ClosedRange<Double>) {
        (lower, upper) = (range.lowerBound, range.upperBound)
    }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(2, of: inputs)
        try require(inputs[0] == inputs[1], "equal shapes", found: "\(inputs[0]), \(inputs[1])")
        return inputs[0]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let range = Scalar(lower)...Scalar(upper)
        return Tensor(shape: inputs[0].shape) { result in
            inputs[0].withUnsafeBufferPointer { cotangent in
                inputs[1].withUnsafeBufferPointer { x in
                    for i in 0..<result.count {
                        result[i] = range.contains(x[i]) ? cotangent[i] : 0
                    }
                }
            }
        }
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        // Linear in the first input; piecewise constant in the second.
        [cotangent.applying(self, node.inputs[1]), nil]
    }
}

extension Value {
    /// The nearest number within a range.
    public func clamped(to range: ClosedRange<Double>) -> Value { applying(Clamp(range)) }
}
