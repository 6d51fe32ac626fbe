// ReLU and leaky ReLU, with the gradient that reads the sign of the output.
import Tensors

/// max(x, 0), or slope * x for negative x.
public struct LeakyReLU: Operation {
    public static let kind = "LeakyReLU"
    /// Factor for negative values, 0 or more; 0 is ReLU.
    public let slope: Double

    public init(slope: Double = 0) {
        precondition(slope >= 0, "a negative slope hides the sign of the input from the gradient")
        self.slope = slope
    }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(1, of: inputs)
        return inputs[0]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let slope = Scalar(slope)
        return inputs[0].map { $0 > 0 ? $0 : slope * $0 }
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent.applying(LeakyReLUBackward(slope: slope), node.output)]
    }
}

/// The cotangent where the output of `LeakyReLU` (second input) is positive, else slope times it.
public struct LeakyReLUBackward: Operation {
    public static let kind = "LeakyReLUBackward"
    /// Factor for negative values.
    public let slope: Double

    public init(slope: Double) { self.slope = slope }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(2, of: inputs)
        try require(inputs[0] == inputs[1], "equal shapes", found: "\(inputs[0]), \(inputs[1])")
        return inputs[0]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let slope = Scalar(slope)
        return Tensor(shape: inputs[0].shape) { result in
            inputs[0].withUnsafeBufferPointer { cotangent in
                inputs[1].withUnsafeBufferPointer { output in
                    for i in 0..<result.count {
                        result[i] = output[i] > 0 ? cotangent[i] : slope * cotangent[i]
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
    /// max(x, 0).
    public var relu: Value { applying(LeakyReLU()) }
    /// x, or slope * x where x is negative.
    public func leakyReLU(_ slope: Double) -> Value { applying(LeakyReLU(slope: slope)) }
}
