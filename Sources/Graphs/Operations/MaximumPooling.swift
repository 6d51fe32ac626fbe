// The largest element of each window of a picture.
import Tensors

/// The largest element of each window: `[N, C, H, W]` to `[N, C, H', W']`. Padding is never largest.
public struct MaximumPooling: Operation {
    public static let kind = "MaximumPooling"
    /// Size, stride and padding of the window.
    public let geometry: PoolingGeometry

    public init(_ geometry: PoolingGeometry) { self.geometry = geometry }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(1, of: inputs)
        return try geometry.outputShape(for: inputs[0], operation: self)
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        MaximumPoolingSelect(geometry).forward([inputs[0], inputs[0]])
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent.applying(MaximumPoolingBackward(geometry), node.inputs[0])]
    }
}

/// Gives each window's cotangent to its largest element, the first of equal ones.
///
/// Inputs: the cotangent, and the input of `MaximumPooling`.
public struct MaximumPoolingBackward: Operation {
    public static let kind = "MaximumPoolingBackward"
    /// Size, stride and padding of the window.
    public let geometry: PoolingGeometry

    public init(_ geometry: PoolingGeometry) { self.geometry = geometry }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(2, of: inputs)
        let output = try geometry.outputShape(for: inputs[1], operation: self)
        try require(inputs[0] == output, "a cotangent \(output)", found: "\(inputs[0])")
        return inputs[1]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        var result = Tensor<Scalar>(repeating: 0, shape: inputs[1].shape)
        inputs[0].withUnsafeBufferPointer { cotangent in
            inputs[1].withUnsafeBufferPointer { x in
                result.withUnsafeMutableBufferPointer { result in
                    geometry.forEachWindow(inputs[1].shape, inputs[0].shape) { output, inside in
                        result[firstLargest(inside, of: x)] += cotangent[output]
                    }
                }
            }
        }
        return result
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        // Linear in the first input; piecewise constant in the second.
        [cotangent.applying(MaximumPoolingSelect(geometry), node.inputs[1]), nil]
    }
}

/// The elements of the first input at the places where each window of the second is largest.
public struct MaximumPoolingSelect: Operation {
    public static let kind = "MaximumPoolingSelect"
    /// Size, stride and padding of the window.
    public let geometry: PoolingGeometry

    public init(_ geometry: PoolingGeometry) { self.geometry = geometry }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(2, of: inputs)
        try require(inputs[0] == inputs[1], "equal shapes", found: "\(inputs[0]), \(inputs[1])")
        return try geometry.outputShape(for: inputs[0], operation: self)
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        guard let output = try? shape(of: inputs.map(\.shape)) else {
            preconditionFailure("\(kind): \(inputs[0].shape) does not fit")
        }
        return Tensor(shape: output) { result in
            inputs[0].withUnsafeBufferPointer { source in
                inputs[1].withUnsafeBufferPointer { x in
                    geometry.forEachWindow(inputs[1].shape, output) { output, inside in
                        result[output] = source[firstLargest(inside, of: x)]
                    }
                }
            }
        }
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent.applying(MaximumPoolingBackward(geometry), node.inputs[1]), nil]
    }
}

/// The first of the indices whose element is largest.
private func firstLargest<Scalar: TensorScalar>(
    _ indices: [Int], of x: UnsafeBufferPointer<Scalar>
) -> Int {
    indices.reduce(indices[0]) { x[$1] > x[$0] ? $1 : $0 }
}

extension Value {
    /// The largest element of each window.
    public func maximumPooled(_ geometry: PoolingGeometry) -> Value {
        applying(MaximumPooling(geometry))
    }
}
