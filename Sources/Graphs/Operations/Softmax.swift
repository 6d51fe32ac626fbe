// Softmax along an axis, and its logarithm.
import Tensors

/// e^x divided by the sum of e^x along an axis.
public struct Softmax: Operation {
    public static let kind = "Softmax"
    /// The axis along which results sum to 1; negative axes count from the end.
    public let axis: Int

    public init(axis: Int) { self.axis = axis }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(1, of: inputs)
        _ = try resolvedAxes([axis], of: inputs[0], for: self)
        return inputs[0]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        LogSoftmax(axis: axis).forward(inputs).map { Scalar.exp($0) }
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        let y = node.output
        return [y * (cotangent - (cotangent * y).sum([axis], keepsDimensions: true))]
    }
}

/// The logarithm of softmax along an axis, without overflow or underflow.
public struct LogSoftmax: Operation {
    public static let kind = "LogSoftmax"
    /// The axis along which probabilities sum to 1; negative axes count from the end.
    public let axis: Int

    public init(axis: Int) { self.axis = axis }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(1, of: inputs)
        _ = try resolvedAxes([axis], of: inputs[0], for: self)
        return inputs[0]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let shape = inputs[0].shape
        let (extent, step) = (shape[axis], shape.strides[axis < 0 ? axis + shape.rank : axis])
        return Tensor(shape: shape) { result in
            inputs[0].withUnsafeBufferPointer { x in
                for start in 0..<shape.count where start / step % extent == 0 {
                    let line = stride(from: start, to: start + extent * step, by: step)
                    let largest = line.reduce(x[start]) { max($0, x[$1]) }
                    let sum = line.reduce(0.0) { $0 + Double(Scalar.exp(x[$1] - largest)) }
                    let logarithm = Scalar(Double.log(sum))
                    for i in line { result[i] = x[i] - largest - logarithm }
                }
            }
        }
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent - node.output.exp * cotangent.sum([axis], keepsDimensions: true)]
    }
}

extension Value {
    /// Probabilities that sum to 1 along an axis.
    public func softmax(axis: Int) -> Value { applying(Softmax(axis: axis)) }
    /// Logarithms of probabilities that sum to 1 along an axis.
    public func logSoftmax(axis: Int) -> Value { applying(LogSoftmax(axis: axis)) }
}
