// Elements picked by their positions along an axis, and one-hot codes of such positions.
import Tensors

/// Picks elements along an axis by position, as ONNX `Gather`.
///
/// Inputs: x, and positions as whole numbers from 0. In the output's shape, the positions' shape
/// stands where the axis was.
public struct Gather: Operation {
    public static let kind = "Gather"
    /// The axis along which elements are picked; negative axes count from the end.
    public let axis: Int

    public init(axis: Int) { self.axis = axis }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(2, of: inputs)
        let axis = try resolvedAxes([axis], of: inputs[0], for: self)[0]
        var result = inputs[0].dimensions
        result.replaceSubrange(axis...axis, with: inputs[1].dimensions)
        return Shape(result)
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        guard let shape = try? shape(of: inputs.map(\.shape)) else {
            preconditionFailure("\(kind): no axis \(axis) in \(inputs[0].shape)")
        }
        var maps = IndexMaps(identityOf: inputs[0].shape)
        maps[axis] = positions(inputs[1], below: inputs[0].shape[axis])
        return Tensor(shape: shape) { result in
            inputs[0].withUnsafeBufferPointer { x in
                maps.forEach { output, input in result[output] = x[input] }
            }
        }
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent.applying(GatherBackward(axis: axis), node.inputs[1], node.inputs[0]), nil]
    }
}

/// Adds the cotangents of picked elements at the positions that they came from.
///
/// Inputs: the cotangent, the positions, and x, of which only the shape matters.
public struct GatherBackward: Operation {
    public static let kind = "GatherBackward"
    /// The axis along which elements were picked.
    public let axis: Int
    public var shapeOnlyInputs: [Int] { [2] }

    public init(axis: Int) { self.axis = axis }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(3, of: inputs)
        let picked = try Gather(axis: axis).shape(of: [inputs[2], inputs[1]])
        try require(picked == inputs[0], "a cotangent \(picked)", found: "\(inputs[0])")
        return inputs[2]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let shape = inputs[2].shape
        var maps = IndexMaps(identityOf: shape)
        maps[axis] = positions(inputs[1], below: shape[axis])
        var sums = [Double](repeating: 0, count: shape.count)
        inputs[0].withUnsafeBufferPointer { cotangent in
            maps.forEach { output, input in sums[input] += Double(cotangent[output]) }
        }
        return Tensor(sums.map { Scalar($0) }, shape: shape)
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent.applying(Gather(axis: axis), node.inputs[1]), nil, nil]
    }
}

/// 1 at the given positions along an axis of the second input's shape, 0 elsewhere.
///
/// Inputs: positions, in the shape that the second input has without the axis; and a value of
/// which only the shape matters.
public struct OneHotLike: Operation {
    public static let kind = "OneHotLike"
    /// The axis along which one element is 1; negative axes count from the end.
    public let axis: Int
    public var shapeOnlyInputs: [Int] { [1] }

    public init(axis: Int) { self.axis = axis }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(2, of: inputs)
        let axis = try resolvedAxes([axis], of: inputs[1], for: self)[0]
        var rest = inputs[1].dimensions
        rest.remove(at: axis)
        try require(inputs[0].dimensions == rest, "positions \(rest)", found: "\(inputs[0])")
        return inputs[1]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let shape = inputs[1].shape
        let axis = axis < 0 ? axis + shape.rank : axis
        let (extent, step) = (shape[axis], shape.strides[axis])
        var result = Tensor<Scalar>(repeating: 0, shape: shape)
        let positions = positions(inputs[0], below: extent)
        result.withUnsafeMutableBufferPointer { result in
            for (index, position) in positions.enumerated() {
                result[index / step * extent * step + position * step + index % step] = 1
            }
        }
        return result
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] { [nil, nil] }
}

/// Whole numbers from 0 up to `extent`; anything else is a programmer's mistake.
private func positions<Scalar: TensorScalar>(
    _ tensor: Tensor<Scalar>, below extent: Int
) -> [Int] {
    tensor.elements.map { element in
        precondition(element.isFinite, "a position \(element)")
        let position = Int(element.rounded())
        precondition(0..<extent ~= position, "position \(position) is outside 0..<\(extent)")
        return position
    }
}

extension Value {
    /// Elements at the given positions along an axis.
    public func gathered(_ positions: Value, axis: Int) -> Value {
        applying(Gather(axis: axis), positions)
    }
    /// 1 at these positions along an axis of `other`'s shape, 0 elsewhere.
    public func oneHot(like other: Value, axis: Int) -> Value {
        applying(OneHotLike(axis: axis), other)
    }
}
