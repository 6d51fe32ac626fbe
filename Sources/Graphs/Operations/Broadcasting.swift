// Growing a value to a larger shape and summing a cotangent back to a smaller one.
import Tensors

/// Sums over the axes along which the second input's shape was broadcast to the first's.
public struct SumLike: Operation {
    public static let kind = "SumLike"
    public var shapeOnlyInputs: [Int] { [1] }

    public init() {}

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(2, of: inputs)
        try require(
            inputs[0].broadcast(with: inputs[1]) == inputs[0],
            "a shape that broadcasts to \(inputs[0])", found: "\(inputs[1])")
        return inputs[1]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let target = inputs[1].shape
        if inputs[0].shape == target { return inputs[0] }
        let walk = BroadcastWalk(target, to: inputs[0].shape)
        // Long sums of Float lose digits: the reference adds in Double.
        var sums = [Double](repeating: 0, count: target.count)
        inputs[0].withUnsafeBufferPointer { source in
            walk.forEach { index, small in sums[small] += Double(source[index]) }
        }
        return Tensor(sums.map { Scalar($0) }, shape: target)
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent.applying(BroadcastLike(), node.inputs[0]), nil]
    }
}

/// Repeats the first input along the axes that the second input's shape has in addition.
public struct BroadcastLike: Operation {
    public static let kind = "BroadcastLike"
    public var shapeOnlyInputs: [Int] { [1] }

    public init() {}

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(2, of: inputs)
        try require(
            inputs[0].broadcast(with: inputs[1]) == inputs[1],
            "a shape that broadcasts to \(inputs[1])", found: "\(inputs[0])")
        return inputs[1]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let shape = inputs[1].shape
        let walk = BroadcastWalk(inputs[0].shape, to: shape)
        return Tensor(shape: shape) { result in
            inputs[0].withUnsafeBufferPointer { source in
                walk.forEach { index, small in result[index] = source[small] }
            }
        }
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent.applying(SumLike(), node.inputs[0]), nil]
    }
}

/// Visits each element of a large shape together with the element of a small shape that
/// broadcasts to it.
package struct BroadcastWalk {
    private let extents: [Int]
    private let strides: [Int]

    /// A walk over `large` that also indexes `small`.
    package init(_ small: Shape, to large: Shape) {
        precondition(small.broadcast(with: large) == large, "\(small) does not grow to \(large)")
        extents = large.dimensions
        let padding = large.rank - small.rank
        let smallStrides = small.strides
        strides = (0..<large.rank).map { axis in
            axis < padding || small[axis - padding] == 1 ? 0 : smallStrides[axis - padding]
        }
    }

    /// Calls `body` with each index into the large shape, in order, and into the small one.
    package func forEach(_ body: (_ large: Int, _ small: Int) -> Void) {
        let count = extents.reduce(1, *)
        var position = [Int](repeating: 0, count: extents.count)
        var small = 0
        for index in 0..<count {
            body(index, small)
            var axis = extents.count - 1
            while axis >= 0 {
                position[axis] += 1
                small += strides[axis]
                if position[axis] < extents[axis] { break }
                small -= strides[axis] * extents[axis]
                position[axis] = 0
                axis -= 1
            }
        }
    }
}
