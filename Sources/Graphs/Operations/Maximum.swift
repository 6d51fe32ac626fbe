// The largest element along axes.
import Tensors

/// The largest element along axes.
public struct Maximum: Operation {
    public static let kind = "Maximum"
    /// The axes along which the largest element is taken.
    public let over: ReductionAxes

    public init(_ over: ReductionAxes = ReductionAxes()) { self.over = over }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(1, of: inputs)
        try require(inputs[0].count > 0, "at least 1 element", found: "\(inputs[0])")
        return try over.shapes(for: inputs[0], operation: self).result
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        guard let shapes = try? over.shapes(for: inputs[0].shape, operation: self) else {
            preconditionFailure("\(kind): no axes \(over) in \(inputs[0].shape)")
        }
        var largest = Tensor(repeating: -Scalar.infinity, shape: shapes.result)
        inputs[0].withUnsafeBufferPointer { x in
            largest.withUnsafeMutableBufferPointer { largest in
                BroadcastWalk(shapes.kept, to: inputs[0].shape).forEach {
                    largest[$1] = max(largest[$1], x[$0])
                }
            }
        }
        return largest
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent.applying(MaximumBackward(over), node.inputs[0], node.output)]
    }
}

/// Gives the cotangent of a maximum to the elements that are largest, in equal shares.
///
/// Inputs: the cotangent, the input of `Maximum`, and its output.
public struct MaximumBackward: Operation {
    public static let kind = "MaximumBackward"
    /// The axes along which the largest element was taken.
    public let over: ReductionAxes

    public init(_ over: ReductionAxes) { self.over = over }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(3, of: inputs)
        let reduced = try over.shapes(for: inputs[1], operation: self).result
        try require(
            inputs[0] == reduced && inputs[2] == reduced, "a cotangent and a maximum \(reduced)",
            found: "\(inputs[0]), \(inputs[2])")
        return inputs[1]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let shape = inputs[1].shape
        guard let kept = try? over.shapes(for: shape, operation: self).kept else {
            preconditionFailure("\(kind): no axes \(over) in \(shape)")
        }
        let walk = BroadcastWalk(kept, to: shape)
        var ties = [Scalar](repeating: 0, count: kept.count)
        return Tensor(shape: shape) { result in
            inputs[0].withUnsafeBufferPointer { cotangent in
                inputs[1].withUnsafeBufferPointer { x in
                    inputs[2].withUnsafeBufferPointer { largest in
                        walk.forEach { if x[$0] == largest[$1] { ties[$1] += 1 } }
                        walk.forEach {
                            result[$0] = x[$0] == largest[$1] ? cotangent[$1] / ties[$1] : 0
                        }
                    }
                }
            }
        }
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        // Linear in the first input; piecewise constant in the others.
        let (x, largest) = (node.inputs[1], node.inputs[2])
        let shares = node.inputs[0].applying(OnesLike()).applying(self, x, largest)
        return [(cotangent * shares).applying(Sum(over)), nil, nil]
    }
}

extension Value {
    /// The largest element along axes, or of all.
    public func maximum(_ axes: [Int]? = nil, keepsDimensions: Bool = false) -> Value {
        applying(Maximum(ReductionAxes(axes, keepsDimensions: keepsDimensions)))
    }
}
