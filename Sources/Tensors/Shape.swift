// The extents of a tensor, outermost first.

/// Extents of a tensor in the field's order, `[batch, channel, height, width]` for pictures.
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
    /// One extent per axis; empty for a scalar.
    public var dimensions: [Int]

    /// A shape with the given extents, none negative.
    public init(_ dimensions: [Int]) {
        precondition(dimensions.allSatisfy { $0 >= 0 }, "negative extent in \(dimensions)")
        self.dimensions = dimensions
    }

    /// A shape written as `[1, 3, 8, 8]`.
    public init(arrayLiteral elements: Int...) { self.init(elements) }

    /// Number of axes.
    public var rank: Int { dimensions.count }
    /// Number of elements; 1 for a scalar.
    public var count: Int { dimensions.reduce(1, *) }

    /// The extent of `axis`; negative axes count from the end.
    public subscript(axis: Int) -> Int {
        get { dimensions[axis < 0 ? axis + rank : axis] }
        set { dimensions[axis < 0 ? axis + rank : axis] = newValue }
    }

    /// Distance in elements between neighbours along each axis of a contiguous tensor.
    public var strides: [Int] {
        var strides = [Int](repeating: 1, count: rank)
        for axis in stride(from: rank - 2, through: 0, by: -1) {
            strides[axis] = strides[axis + 1] * dimensions[axis + 1]
        }
        return strides
    }

    /// The shape two operands broadcast to (NumPy's rule), or nil where they do not fit.
    public func broadcast(with other: Shape) -> Shape? {
        let rank = max(rank, other.rank)
        var result = [Int](repeating: 1, count: rank)
        for axis in 1...max(rank, 1) where rank > 0 {
            let a = axis <= self.rank ? self[-axis] : 1
            let b = axis <= other.rank ? other[-axis] : 1
            guard a == b || a == 1 || b == 1 else { return nil }
            result[rank - axis] = a == 1 ? b : a
        }
        return Shape(result)
    }

    /// `[1, 3, 8, 8]`.
    public var description: String { dimensions.description }
}
