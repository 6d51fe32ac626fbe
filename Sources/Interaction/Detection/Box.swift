// A rectangle in a picture, and how much two of them have in common.

/// A rectangle in pixels: the upper left pixel of a picture covers 0 to 1 each way.
public struct Box: Sendable, Hashable {
    /// Left and upper edge.
    public var x1: Double, y1: Double
    /// Right and lower edge.
    public var x2: Double, y2: Double

    /// A box between two corners.
    public init(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) {
        (self.x1, self.y1, self.x2, self.y2) = (x1, y1, x2, y2)
    }

    /// Extents; below 0 where the corners are the wrong way round.
    public var width: Double { x2 - x1 }
    public var height: Double { y2 - y1 }
    /// Width times height.
    public var area: Double { width * height }
    /// Whether it covers nothing.
    public var isEmpty: Bool { !(width > 0 && height > 0) }
    /// Whether all four numbers are.
    public var isFinite: Bool { x1.isFinite && y1.isFinite && x2.isFinite && y2.isFinite }

    /// The area that both cover.
    public func intersection(_ other: Box) -> Double {
        let width = min(x2, other.x2) - max(x1, other.x1)
        let height = min(y2, other.y2) - max(y1, other.y1)
        return width > 0 && height > 0 ? width * height : 0
    }

    /// The area that both cover over the area that either covers: 0 to 1.
    public func overlap(_ other: Box) -> Double {
        let common = intersection(other)
        return common > 0 ? common / (area + other.area - common) : 0
    }

    /// The smallest box around both.
    public func union(_ other: Box) -> Box {
        Box(min(x1, other.x1), min(y1, other.y1), max(x2, other.x2), max(y2, other.y2))
    }

    /// The same place in a picture that is turned around, left to right.
    public func mirrored(width: Int) -> Box {
        Box(Double(width) - x2, y1, Double(width) - x1, y2)
    }

    /// The box whose last pixels this one's corners name.
    var withLastPixels: Box { Box(x1, y1, x2 + 1, y2 + 1) }

    /// The part of it inside a picture.
    public func clipped(width: Int, height: Int) -> Box {
        func inside(_ value: Double, _ limit: Int) -> Double { min(max(value, 0), Double(limit)) }
        return Box(
            inside(x1, width), inside(y1, height), inside(x2, width), inside(y2, height))
    }

    /// The same place in a picture `factor` times as large.
    public func scaled(by factor: Double) -> Box {
        Box(x1 * factor, y1 * factor, x2 * factor, y2 * factor)
    }
}
