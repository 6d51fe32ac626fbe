// Sums and means over axes.
import Tensors

/// The axes that a reduction runs over, and whether they stay as extents of 1.
public struct ReductionAxes: Sendable, Hashable {
    /// Axes to reduce, negative ones counted from the end; nil means all.
    public let axes: [Int]?
    /// Whether reduced axes stay with extent 1, so that the result broadcasts to the input.
    public let keepsDimensions: Bool

    /// Reduces over `axes`, or over all.
    public init(_ axes: [Int]? = nil, keepsDimensions: Bool = false) {
        self.axes = axes
        self.keepsDimensions = keepsDimensions
    }

    /// The shape with each reduced axis kept as 1, and the shape of the result.
    ///
    /// - Throws: `ShapeError` in the name of `operation` for an axis that `shape` lacks.
    func shapes(
        for shape: Shape, operation: some Operation
    ) throws -> (kept: Shape, result: Shape) {
        let reduced = try resolvedAxes(axes ?? Array(0..<shape.rank), of: shape, for: operation)
        let kept = (0..<shape.rank).map { reduced.contains($0) ? 1 : shape[$0] }
        if keepsDimensions { return (Shape(kept), Shape(kept)) }
        let left = (0..<shape.rank).filter { !reduced.contains($0) }.map { shape[$0] }
        return (Shape(kept), Shape(left))
    }
}

/// The axes counted from the start.
///
/// - Throws: `ShapeError` in the name of `operation` for an axis that `shape` lacks.
func resolvedAxes(_ axes: [Int], of shape: Shape, for operation: some Operation) throws -> [Int] {
    try axes.map { axis in
        try operation.require(
            axis >= -shape.rank && axis < shape.rank, "a shape with an axis \(axis)",
            found: "\(shape)")
        return axis < 0 ? axis + shape.rank : axis
    }
}

/// The sum over axes.
public struct Sum: Operation {
    public static let kind = "Sum"
    /// What is summed over.
    public let over: ReductionAxes

    public init(_ over: ReductionAxes = ReductionAxes()) { self.over = over }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(1, of: inputs)
        return try over.shapes(for: inputs[0], operation: self).result
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        guard let shapes = try? over.shapes(for: inputs[0].shape, operation: self) else {
            preconditionFailure("\(kind): no axes \(over) in \(inputs[0].shape)")
        }
        return SumLike().forward([
            inputs[0], Tensor(shape: shapes.kept) { $0.update(repeating: 0) },
        ])
        .reshaped(to: shapes.result)
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent.applying(SumBackward(over, averages: false), node.inputs[0])]
    }
}

/// The mean over axes.
public struct Mean: Operation {
    public static let kind = "Mean"
    /// What is averaged over.
    public let over: ReductionAxes

    public init(_ over: ReductionAxes = ReductionAxes()) { self.over = over }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(1, of: inputs)
        return try over.shapes(for: inputs[0], operation: self).result
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let sum = Sum(over).forward(inputs)
        let count = Scalar(inputs[0].count / max(sum.count, 1))
        return sum.map { $0 / count }
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent.applying(SumBackward(over, averages: true), node.inputs[0])]
    }
}

/// Spreads the cotangent of a sum or mean over the shape of its input, the second input here.
public struct SumBackward: Operation {
    public static let kind = "SumBackward"
    /// What was summed over.
    public let over: ReductionAxes
    /// Whether it was a mean: then each element gets its share.
    public let averages: Bool
    public var shapeOnlyInputs: [Int] { [1] }

    public init(_ over: ReductionAxes, averages: Bool) {
        self.over = over
        self.averages = averages
    }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(2, of: inputs)
        let reduced = try over.shapes(for: inputs[1], operation: self).result
        try require(reduced == inputs[0], "a cotangent \(reduced)", found: "\(inputs[0])")
        return inputs[1]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        guard let kept = try? over.shapes(for: inputs[1].shape, operation: self).kept else {
            preconditionFailure("\(kind): no axes \(over) in \(inputs[1].shape)")
        }
        let spread = BroadcastLike().forward([inputs[0].reshaped(to: kept), inputs[1]])
        if !averages { return spread }
        let count = Scalar(inputs[1].count / max(inputs[0].count, 1))
        return spread.map { $0 / count }
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [averages ? cotangent.applying(Mean(over)) : cotangent.applying(Sum(over)), nil]
    }
}

extension Value {
    /// The sum over axes, or over all elements.
    public func sum(_ axes: [Int]? = nil, keepsDimensions: Bool = false) -> Value {
        applying(Sum(ReductionAxes(axes, keepsDimensions: keepsDimensions)))
    }
    /// The mean over axes, or over all elements.
    public func mean(_ axes: [Int]? = nil, keepsDimensions: Bool = false) -> Value {
        applying(Mean(ReductionAxes(axes, keepsDimensions: keepsDimensions)))
    }
}
