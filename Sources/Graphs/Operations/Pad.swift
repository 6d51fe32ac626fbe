// Growing a value at its borders: by zeros, by its mirror image, by its edge.
import Tensors

/// What lies outside a value.
public enum Border: String, Sendable, Hashable {
    /// Zeros.
    case zero
    /// The mirror image, without repeating the edge.
    case reflect
    /// The edge, repeated.
    case replicate
}

/// Grows each axis at its start and end.
public struct Pad: Operation {
    public static let kind = "Pad"
    /// Elements added before and after, one number per axis.
    public let before: [Int], after: [Int]
    /// What is added.
    public let border: Border

    public init(before: [Int], after: [Int], border: Border = .zero) {
        precondition(before.count == after.count, "\(before) and \(after) differ in rank")
        precondition((before + after).allSatisfy { $0 >= 0 }, "negative padding")
        self.before = before
        self.after = after
        self.border = border
    }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(1, of: inputs)
        try require(inputs[0].rank == before.count, "\(before.count) axes", found: "\(inputs[0])")
        for (axis, extent) in inputs[0].dimensions.enumerated() {
            let largest = max(before[axis], after[axis])
            switch border {
            case .zero: break
            case .reflect:
                try require(
                    largest == 0 || largest < extent, "more than \(largest) along axis \(axis)",
                    found: "\(inputs[0])")
            case .replicate:
                try require(
                    largest == 0 || extent > 0, "an edge along axis \(axis)", found: "\(inputs[0])")
            }
        }
        return Shape(zip(inputs[0].dimensions, zip(before, after)).map { $0 + $1.0 + $1.1 })
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let maps = maps(of: inputs[0].shape)
        var result = Tensor<Scalar>(repeating: 0, shape: maps.output)
        inputs[0].withUnsafeBufferPointer { source in
            result.withUnsafeMutableBufferPointer { result in
                maps.forEach { output, input in result[output] = source[input] }
            }
        }
        return result
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent.applying(PadBackward(self))]
    }

    /// Where each element of the result comes from.
    fileprivate func maps(of shape: Shape) -> IndexMaps {
        var maps = IndexMaps(identityOf: shape)
        for (axis, extent) in shape.dimensions.enumerated() {
            maps[axis] = positions(along: axis, extent: extent).map { $0 ?? -1 }
        }
        return maps
    }

    /// For each position along an axis of the result, the one that it reads of an input of the given
    /// extent; nil: a zero.
    package func positions(along axis: Int, extent: Int) -> [Int?] {
        (-before[axis]..<extent + after[axis]).map { position in
            if 0..<extent ~= position { return position }
            switch border {
            case .zero: return nil
            case .reflect: return position < 0 ? -position : 2 * (extent - 1) - position
            case .replicate: return position < 0 ? 0 : extent - 1
            }
        }
    }
}

/// Adds up, for each element, the cotangents of all places that padding put it.
public struct PadBackward: Operation {
    public static let kind = "PadBackward"
    /// The padding.
    public let padding: Pad

    public init(_ padding: Pad) { self.padding = padding }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(1, of: inputs)
        let added = zip(padding.before, padding.after).map { $0 + $1 }
        try require(
            inputs[0].rank == added.count
                && zip(inputs[0].dimensions, added).allSatisfy { $0 >= $1 },
            "extents of \(added) or more", found: "\(inputs[0])")
        let shape = Shape(zip(inputs[0].dimensions, added).map { $0 - $1 })
        _ = try padding.shape(of: [shape])
        return shape
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        guard let shape = try? shape(of: [inputs[0].shape]) else {
            preconditionFailure("\(kind): \(inputs[0].shape) was not padded by \(padding)")
        }
        var sums = [Double](repeating: 0, count: shape.count)
        inputs[0].withUnsafeBufferPointer { cotangent in
            padding.maps(of: shape).forEach { output, input in
                sums[input] += Double(cotangent[output])
            }
        }
        return Tensor(sums.map { Scalar($0) }, shape: shape)
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent.applying(padding)]
    }
}

extension Value {
    /// Grows each axis at its start and end.
    public func padded(before: [Int], after: [Int], border: Border = .zero) -> Value {
        applying(Pad(before: before, after: after, border: border))
    }
    /// Grows pictures `[N, C, H, W]` at their four sides.
    public func padded(
        top: Int, bottom: Int, left: Int, right: Int, border: Border = .zero
    ) -> Value {
        padded(before: [0, 0, top, left], after: [0, 0, bottom, right], border: border)
    }
}
