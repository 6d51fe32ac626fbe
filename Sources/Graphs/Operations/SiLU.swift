// The sigmoid linear unit.
import Tensors

/// x * sigmoid(x), also called swish.
public struct SiLU: UnaryOperation {
    public static let kind = "SiLU"
    public init() {}

    public func apply<Scalar: TensorScalar>(_ x: Scalar) -> Scalar { x * Sigmoid().apply(x) }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent.applying(SiLUBackward(), node.inputs[0])]
    }
}

/// The cotangent times the slope of `SiLU` at its input, the second input here.
public struct SiLUBackward: Operation {
    public static let kind = "SiLUBackward"
    public init() {}

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(2, of: inputs)
        try require(inputs[0] == inputs[1], "equal shapes", found: "\(inputs[0]), \(inputs[1])")
        return inputs[0]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        Tensor(shape: inputs[0].shape) { result in
            inputs[0].withUnsafeBufferPointer { cotangent in
                inputs[1].withUnsafeBufferPointer { x in
                    for i in 0..<result.count {
                        let sigmoid = Sigmoid().apply(x[i])
                        result[i] = cotangent[i] * sigmoid * (1 + x[i] * (1 - sigmoid))
                    }
                }
            }
        }
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        let (dy, x) = (node.inputs[0], node.inputs[1])
        let sigmoid = x.sigmoid
        // The slope of the slope.
        let rest = 1 - sigmoid
        let turn = x * (rest - sigmoid) + 2
        let bend = sigmoid * rest * turn
        return [cotangent.applying(self, x), cotangent * dy * bend]
    }
}

extension Value {
    /// x * sigmoid(x).
    public var silu: Value { applying(SiLU()) }
}
