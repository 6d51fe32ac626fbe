// The mean of each window of a picture.
import Tensors

/// The mean of each window: `[N, C, H, W]` to `[N, C, H', W']`.
public struct AveragePooling: Operation {
    public static let kind = "AveragePooling"
    /// Size, stride and padding of the window.
    public let geometry: PoolingGeometry
    /// Whether padding counts as zeros, or is left out of the mean.
    public let countsPadding: Bool

    public init(_ geometry: PoolingGeometry, countsPadding: Bool = true) {
        self.geometry = geometry
        self.countsPadding = countsPadding
    }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(1, of: inputs)
        return try geometry.outputShape(for: inputs[0], operation: self)
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        guard let output = try? shape(of: [inputs[0].shape]) else {
            preconditionFailure("\(kind): \(inputs[0].shape) does not fit")
        }
        return Tensor(shape: output) { result in
            inputs[0].withUnsafeBufferPointer { x in
                geometry.forEachWindow(inputs[0].shape, output) { output, inside in
                    let sum = inside.reduce(0.0) { $0 + Double(x[$1]) }
                    let count = geometry.divisor(
                        inside: inside.count, countsPadding: countsPadding)
                    result[output] = Scalar(sum / Double(count))
                }
            }
        }
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent.applying(AveragePoolingBackward(self), node.inputs[0])]
    }
}

/// Spreads each window's cotangent evenly over its elements; of the second input, only the shape
/// matters.
public struct AveragePoolingBackward: Operation {
    public static let kind = "AveragePoolingBackward"
    /// The pooling.
    public let pooling: AveragePooling
    public var shapeOnlyInputs: [Int] { [1] }

    public init(_ pooling: AveragePooling) { self.pooling = pooling }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(2, of: inputs)
        let output = try pooling.geometry.outputShape(for: inputs[1], operation: self)
        try require(inputs[0] == output, "a cotangent \(output)", found: "\(inputs[0])")
        return inputs[1]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        var result = Tensor<Scalar>(repeating: 0, shape: inputs[1].shape)
        let geometry = pooling.geometry
        inputs[0].withUnsafeBufferPointer { cotangent in
            result.withUnsafeMutableBufferPointer { result in
                geometry.forEachWindow(inputs[1].shape, inputs[0].shape) { output, inside in
                    let count = geometry.divisor(
                        inside: inside.count, countsPadding: pooling.countsPadding)
                    let share = cotangent[output] / Scalar(count)
                    for index in inside { result[index] += share }
                }
            }
        }
        return result
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent.applying(pooling), nil]
    }
}

extension Value {
    /// The mean of each window; padding counts as zeros unless said.
    public func averagePooled(_ geometry: PoolingGeometry, countsPadding: Bool = true) -> Value {
        applying(AveragePooling(geometry, countsPadding: countsPadding))
    }
}
