// Joining values along an axis, and taking one of the parts back out.
import Tensors

/// Joins any number of values along an axis.
public struct Concatenate: Operation {
    public static let kind = "Concatenate"
    /// The axis along which the inputs follow each other; negative axes count from the end.
    public let axis: Int

    public init(axis: Int) { self.axis = axis }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(!inputs.isEmpty, "at least 1 input", found: "0")
        var result = inputs[0]
        let axis = try resolvedAxes([axis], of: result, for: self)[0]
        for input in inputs.dropFirst() {
            var same = input
            if same.rank == result.rank { same[axis] = result[axis] }
            try require(same == result, "\(inputs[0]) but for axis \(axis)", found: "\(input)")
            result[axis] += input[axis]
        }
        return result
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let blocks = ConcatenationBlocks(inputs.map(\.shape), axis: axis)
        return Tensor(shape: blocks.shape) { result in
            for (index, input) in inputs.enumerated() {
                input.withUnsafeBufferPointer { part in
                    blocks.forEachElement(of: index) { whole, own in result[whole] = part[own] }
                }
            }
        }
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        node.inputs.indices.map { index in
            cotangent.builder.apply(
                ConcatenatedPart(axis: axis, index: index, of: node.inputs.count),
                to: [cotangent] + node.inputs)
        }
    }
}

/// The part of the first input that belongs to one of several values joined along an axis.
///
/// Inputs: the whole, then all values that were joined, of which only the shapes matter.
public struct ConcatenatedPart: Operation {
    public static let kind = "ConcatenatedPart"
    /// The axis along which the values were joined.
    public let axis: Int
    /// Which of them is wanted, and how many there are.
    public let index: Int, count: Int
    public var shapeOnlyInputs: [Int] { Array(1...count) }

    public init(axis: Int, index: Int, of count: Int) {
        precondition(0..<count ~= index, "part \(index) of \(count)")
        self.axis = axis
        self.index = index
        self.count = count
    }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(count + 1, of: inputs)
        let whole = try Concatenate(axis: axis).shape(of: Array(inputs.dropFirst()))
        try require(whole == inputs[0], "a whole \(whole)", found: "\(inputs[0])")
        return inputs[index + 1]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let blocks = ConcatenationBlocks(inputs.dropFirst().map(\.shape), axis: axis)
        return Tensor(shape: inputs[index + 1].shape) { result in
            inputs[0].withUnsafeBufferPointer { source in
                blocks.forEachElement(of: index) { whole, own in result[own] = source[whole] }
            }
        }
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        var parts = node.inputs.dropFirst().map { $0.applying(ZerosLike()) }
        parts[index] = cotangent
        return [cotangent.builder.apply(Concatenate(axis: axis), to: parts)]
            + node.inputs.dropFirst().map { _ in nil }
    }
}

/// Where the elements of joined values lie in the whole.
private struct ConcatenationBlocks {
    let shape: Shape
    private let shapes: [Shape], axis: Int

    init(_ shapes: [Shape], axis: Int) {
        self.shapes = shapes
        self.axis = axis < 0 ? axis + shapes[0].rank : axis
        var shape = shapes[0]
        shape[axis] = shapes.reduce(0) { $0 + $1[axis] }
        self.shape = shape
    }

    /// Calls `body(index in the whole, index in the part)` for each element of part `index`.
    func forEachElement(of index: Int, _ body: (Int, Int) -> Void) {
        let inner = shape.dimensions[(axis + 1)...].reduce(1, *)
        let before = shapes[..<index].reduce(0) { $0 + $1[axis] } * inner
        let (run, stride) = (shapes[index][axis] * inner, shape[axis] * inner)
        guard run > 0 else { return }
        for own in 0..<shapes[index].count {
            body(own / run * stride + before + own % run, own)
        }
    }
}

extension GraphBuilder {
    /// Joins values along an axis.
    public func concatenate(_ values: [Value], axis: Int = 1) -> Value {
        apply(Concatenate(axis: axis), to: values)
    }
}
