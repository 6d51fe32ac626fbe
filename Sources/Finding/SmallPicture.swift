// A picture reduced to 64x64, from which any part of it can be looked at.
import Media

/// A picture whatever its size and shape as 64x64 means of luma and of two differences of colour, 0 to 255.
public struct SmallPicture: Sendable {
    /// Samples of a row, and rows.
    public static let side = 64
    /// Luma, then what blue and red differ from it, row by row.
    let planes: [[Float]]

    init(planes: [[Float]]) { self.planes = planes }

    /// Means over equal parts of an upright picture.
    public init(_ picture: UprightPicture) {
        let columns = Spread(from: picture.width, to: Self.side)
        let rows = Spread(from: picture.height, to: Self.side)
        var sums = [Float](repeating: 0, count: 3 * Self.side * Self.side)
        var line = [Float](repeating: 0, count: 3 * Self.side)
        picture.pixels.withUnsafeBufferPointer { pixels in
            for y in 0..<Self.side {
                for (row, share) in rows.parts(of: y) {
                    let start = 3 * row * picture.width
                    for x in 0..<Self.side {
                        var (red, green, blue): (Float, Float, Float) = (0, 0, 0)
                        for (column, part) in columns.parts(of: x) {
                            let at = start + 3 * column
                            red += part * Float(pixels[at])
                            green += part * Float(pixels[at + 1])
                            blue += part * Float(pixels[at + 2])
                        }
                        (line[3 * x], line[3 * x + 1], line[3 * x + 2]) = (red, green, blue)
                    }
                    let target = 3 * y * Self.side
                    for index in line.indices { sums[target + index] += share * line[index] }
                }
            }
        }
        let count = Self.side * Self.side
        var planes = [[Float]](repeating: [Float](repeating: 0, count: count), count: 3)
        for index in 0..<count {
            let (red, green, blue) = (sums[3 * index], sums[3 * index + 1], sums[3 * index + 2])
            let luma = 0.299 * red + 0.587 * green + 0.114 * blue
            planes[0][index] = luma
            planes[1][index] = 0.564 * (blue - luma)
            planes[2][index] = 0.713 * (red - luma)
        }
        self.planes = planes
    }

    /// The picture turned around, left to right.
    public var mirrored: SmallPicture {
        let side = Self.side
        return SmallPicture(
            planes: planes.map { plane in
                plane.indices.map { plane[$0 / side * side + side - 1 - $0 % side] }
            })
    }

    /// Means of a plane over a grid of cells that covers a part of the picture, row by row.
    ///
    /// - Parameter part: In parts of the picture, 0 to 1; cells may reach beyond the picture, and are read at its edge.
    public func cells(of plane: Int, _ part: Part = .whole, columns: Int, rows: Int) -> [Float] {
        let side = Float(Self.side)
        let across = (0..<columns).map { index -> [(Int, Float)] in
            let width = Float(part.width) * side / Float(columns)
            return Spread.parts(
                from: Float(part.x) * side + Float(index) * width, length: width, limit: Self.side)
        }
        let down = (0..<rows).map { index -> [(Int, Float)] in
            let height = Float(part.height) * side / Float(rows)
            return Spread.parts(
                from: Float(part.y) * side + Float(index) * height, length: height,
                limit: Self.side)
        }
        let values = planes[plane]
        return values.withUnsafeBufferPointer { values in
            down.flatMap { rows in
                across.map { columns in
                    var sum: Float = 0
                    for (row, share) in rows {
                        for (column, part) in columns {
                            sum += share * part * values[row * Self.side + column]
                        }
                    }
                    return sum
                }
            }
        }
    }

    /// What lies between bars above and below, or left and right; nil where there are none.
    var betweenBars: Part? {
        let side = Self.side
        let luma = planes[0]
        func isBar(_ samples: [Float]) -> Bool {
            let mean = samples.reduce(0, +) / Float(side)
            return mean < 24 && !samples.contains { abs($0 - mean) > 6 }
        }
        let rows = (0..<side).map { y in isBar(Array(luma[y * side..<(y + 1) * side])) }
        let columns = (0..<side).map { x in isBar((0..<side).map { luma[$0 * side + x] }) }
        let top = rows.prefix { $0 }.count, bottom = rows.reversed().prefix { $0 }.count
        let left = columns.prefix { $0 }.count, right = columns.reversed().prefix { $0 }.count
        // One row may be an edge; with more than two thirds gone nothing is left to look at.
        let isTall = min(top, bottom) >= 2 && top + bottom < side * 2 / 3
        let isWide = min(left, right) >= 2 && left + right < side * 2 / 3
        guard isTall || isWide else { return nil }
        let unit = Double(side)
        // A row that is half bar, half picture belongs to neither.
        return Part(
            x: isWide ? Double(left) / unit : 0, y: isTall ? Double(top) / unit : 0,
            width: isWide ? Double(side - left - right) / unit : 1,
            height: isTall ? Double(side - top - bottom) / unit : 1)
    }

    /// What is left where bars are cut off; nil where there are none.
    var withoutBars: SmallPicture? {
        betweenBars.map { part in
            SmallPicture(
                planes: planes.indices.map {
                    cells(of: $0, part, columns: Self.side, rows: Self.side)
                })
        }
    }
}

/// A rectangle in parts of a picture.
public struct Part: Sendable, Hashable {
    /// Its upper left corner and size, 0 to 1.
    public var x: Double, y: Double, width: Double, height: Double

    /// A rectangle.
    public init(x: Double, y: Double, width: Double, height: Double) {
        (self.x, self.y, self.width, self.height) = (x, y, width, height)
    }

    /// All of it.
    public static let whole = Part(x: 0, y: 0, width: 1, height: 1)
}

/// How samples share in fewer, or more, samples of equal length.
private struct Spread {
    private let all: [[(Int, Float)]]

    init(from count: Int, to target: Int) {
        let length = Float(count) / Float(target)
        all = (0..<target).map {
            Self.parts(from: Float($0) * length, length: length, limit: count)
        }
    }

    func parts(of index: Int) -> [(Int, Float)] { all[index] }

    /// The samples of 0..<`limit` that lie in a stretch, with shares that sum to 1.
    static func parts(from start: Float, length: Float, limit: Int) -> [(Int, Float)] {
        let first = Int(start.rounded(.down)), last = Int((start + length).rounded(.up))
        var parts: [(Int, Float)] = []
        for sample in first..<max(last, first + 1) {
            let covered = min(Float(sample + 1), start + length) - max(Float(sample), start)
            guard covered > 1e-4 || last <= first + 1 else { continue }
            parts.append((min(max(sample, 0), limit - 1), max(covered, 1e-4)))
        }
        let sum = parts.reduce(0) { $0 + $1.1 }
        return parts.map { ($0.0, $0.1 / sum) }
    }
}
