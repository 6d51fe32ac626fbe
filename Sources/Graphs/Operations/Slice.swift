// A range along one axis, and its place among zeros.
import Tensors

/// Elements `start..<end` along an axis, every `step`-th.
public struct Slice: Operation {
    public static let kind = "Slice"
    /// The axis; negative axes count from the end.
    public let axis: Int
    /// First element; negative positions count from the end.
    public let start: Int
    /// One past the last element, or nil for all that follow; negative ones count from the end.
    public let end: Int?
    /// Distance between the elements taken, 1 or more.
    public let step: Int

    public init(axis: Int, from start: Int, to end: Int? = nil, step: Int = 1) {
        precondition(step >= 1, "a step of \(step)")
        self.axis = axis
        self.start = start
        self.end = end
        self.step = step
    }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(1, of: inputs)
        let axis = try resolvedAxes([axis], of: inputs[0], for: self)[0]
        let range = bounds(in: inputs[0][axis])
        try require(
            range.first >= 0 && range.first <= range.last && range.last <= inputs[0][axis],
            "\(start)..<\(end.map { "\($0)" } ?? "end") within axis \(axis)", found: "\(inputs[0])")
        var result = inputs[0]
        result[axis] = (range.last - range.first + step - 1) / step
        return result
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let maps = maps(of: inputs[0].shape)
        return Tensor(shape: maps.output) { result in
            inputs[0].withUnsafeBufferPointer { source in
                maps.forEach { output, input in result[output] = source[input] }
            }
        }
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent.applying(SlicePlace(self), node.inputs[0])]
    }

    /// First element and one past the last, counted from the start.
    private func bounds(in extent: Int) -> (first: Int, last: Int) {
        let last = end ?? extent
        return (start < 0 ? start + extent : start, last < 0 ? last + extent : last)
    }

    /// Where each element of the result comes from.
    fileprivate func maps(of shape: Shape) -> IndexMaps {
        var maps = IndexMaps(identityOf: shape)
        maps[axis] = positions(in: shape[axis])
        return maps
    }

    /// The positions that are taken of an axis of the given extent.
    package func positions(in extent: Int) -> [Int] {
        let range = bounds(in: extent)
        return Array(stride(from: range.first, to: range.last, by: step))
    }
}

/// The first input at the place that a slice takes from the second, zeros elsewhere.
public struct SlicePlace: Operation {
    public static let kind = "SlicePlace"
    /// The slice to which the elements go back.
    public let slice: Slice
    public var shapeOnlyInputs: [Int] { [1] }

    public init(_ slice: Slice) { self.slice = slice }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(2, of: inputs)
        let part = try slice.shape(of: [inputs[1]])
        try require(part == inputs[0], "a part \(part)", found: "\(inputs[0])")
        return inputs[1]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        var result = Tensor<Scalar>(repeating: 0, shape: inputs[1].shape)
        let maps = slice.maps(of: inputs[1].shape)
        inputs[0].withUnsafeBufferPointer { part in
            result.withUnsafeMutableBufferPointer { result in
                maps.forEach { output, input in result[input] = part[output] }
            }
        }
        return result
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent.applying(slice), nil]
    }
}

extension Value {
    /// Elements `start..<end` along an axis, every `step`-th; negative positions count from the end.
    public func sliced(axis: Int, from start: Int, to end: Int? = nil, step: Int = 1) -> Value {
        applying(Slice(axis: axis, from: start, to: end, step: step))
    }
}
