// What of a picture is stored and compared: how the cells of each of its blocks differ.

/// A picture as 384 numbers: each cell of a grid less the mean of its block.
///
/// Luma has 16x16 cells, each difference of colour 8x8, and both are cut into 4x4 blocks. Without what a block shares, a
/// brighter or paler copy has the same pattern; and as no number knows of another block, what covers a part of the picture
/// changes the numbers of that part alone. The 24 numbers of a block lie together: luma, then each colour.
public struct PicturePattern: Sendable {
    /// Blocks of a picture, and numbers of each.
    public static let blocks = 16, blockWidth = 24
    /// Numbers of a pattern, and of its coarse form.
    public static let width = blocks * blockWidth, coarseWidth = 96
    /// What differences of colour count for: they are four times as few, and smaller.
    static let colourWeight: Float = 5

    /// `width` numbers, block by block: 4x4 of luma, 2x2 of each colour, each less their mean.
    public let fine: [Float]
    /// `coarseWidth` numbers of cells twice as large, each less the mean of those around it: 8x8 of luma, 4x4 of each
    /// colour, row by row.
    public let coarse: [Float]

    /// The pattern of a whole picture.
    public init(_ picture: SmallPicture) {
        let planes = (0..<3).map { plane in
            let side = Self.side(of: plane)
            return picture.cells(of: plane, columns: side, rows: side)
        }
        var fine = [Float](repeating: 0, count: Self.width)
        for block in 0..<Self.blocks {
            for (plane, values) in planes.enumerated() {
                let cells = Self.cells(of: plane, in: block)
                let mean = cells.reduce(0) { $0 + values[$1.cell] } / Float(cells.count)
                for (cell, number) in cells {
                    fine[number] = Self.weight(of: plane) * (values[cell] - mean)
                }
            }
        }
        self.fine = fine
        coarse =
            planes.enumerated().flatMap { plane, values in
                let side = Self.side(of: plane)
                return contrasts(
                    of: halved(values, side: side), side: side / 2, radius: plane == 0 ? 2 : 1
                ).map { Self.weight(of: plane) * $0 }
            }
    }

    /// Cells of a row of luma (0), or of a difference of colour (1, 2).
    static func side(of plane: Int) -> Int { plane == 0 ? 16 : 8 }
    /// What numbers of a plane are multiplied with.
    static func weight(of plane: Int) -> Float { plane == 0 ? 1 : colourWeight }

    /// Cells of a plane that lie in a block, each with the place of its number in ``fine``.
    static func cells(of plane: Int, in block: Int) -> [(cell: Int, number: Int)] {
        layout[plane * blocks + block]
    }

    private static let layout = (0..<3 * blocks).map { index -> [(cell: Int, number: Int)] in
        let (plane, block) = (index / blocks, index % blocks)
        let side = side(of: plane), edge = side / 4
        let start = block * blockWidth + (plane == 0 ? 0 : 12 + 4 * plane)
        return (0..<edge * edge).map { index in
            let y = block / 4 * edge + index / edge, x = block % 4 * edge + index % edge
            return (y * side + x, start + index)
        }
    }

    // MARK: - Parts that are compared

    /// The part of a pattern that lies all around it, an eighth of the picture wide. Parts before it are the blocks.
    static let narrowRim = blocks

    /// Numbers of each plane's cells at the rim, block by block.
    private static let rim: [[Int]] = (0..<3 * blocks).map { index in
        let side = side(of: index / blocks), inner = side / 8..<side - side / 8
        return layout[index].filter {
            !inner.contains($0.cell / side) || !inner.contains($0.cell % side)
        }.map(\.number)
    }.filter { !$0.isEmpty }

    /// Numbers of the rim.
    static let rimWidth = rim.reduce(0) { $0 + $1.count }

    /// How many numbers a part has.
    static func width(of part: Int) -> Int { part == narrowRim ? rimWidth : blockWidth }

    /// How the cells of a part differ: a block's numbers, or those of the rim, each less the mean of those of its block
    /// that lie in the rim.
    static func numbers(of part: Int, in fine: [Float]) -> [Float] {
        var numbers: [Float] = []
        fine.withUnsafeBufferPointer { append(part, of: $0, to: &numbers) }
        return numbers
    }

    /// Appends a part of a pattern.
    static func append(_ part: Int, of fine: UnsafeBufferPointer<Float>, to numbers: inout [Float])
    {
        guard part == narrowRim else {
            numbers += fine[part * blockWidth..<(part + 1) * blockWidth]
            return
        }
        for cells in rim {
            var sum: Float = 0
            for cell in cells { sum += fine[cell] }
            let mean = sum / Float(cells.count)
            for cell in cells { numbers.append(fine[cell] - mean) }
        }
    }

    /// How unlike two patterns are: the sum of differences by the sum of magnitudes, 0 to 1.
    ///
    /// This is the Manhattan distance relative to what it could be at most (Bray and Curtis 1957).
    static func distance(_ a: [Float], _ b: [Float]) -> Float {
        var (difference, size): (Float, Float) = (0, 0)
        a.withUnsafeBufferPointer { a in
            b.withUnsafeBufferPointer { b in
                for index in a.indices {
                    difference += abs(a[index] - b[index])
                    size += abs(a[index]) + abs(b[index])
                }
            }
        }
        return size > 0 ? difference / size : 0
    }

    /// How unlike another picture is, compared whole: 0 to 1.
    public func distance(to other: PicturePattern) -> Float { Self.distance(fine, other.fine) }

    /// Whether a picture says enough to be told from others: not black, white or fog.
    var saysSomething: Bool { fine.reduce(0) { $0 + abs($1) } >= Self.leastSize }

    /// What magnitudes must sum to: one code value a cell.
    static let leastSize = Float(width)
}

/// Each cell less the mean of the known cells up to `radius` away; 0 where a cell is not known.
func contrasts(
    of cells: [Float], side: Int, radius: Int, knowing known: [Bool]? = nil
) -> [Float] {
    var result = [Float](repeating: 0, count: cells.count)
    for y in 0..<side {
        for x in 0..<side where known?[y * side + x] ?? true {
            var sum: Float = 0
            var count: Float = 0
            for row in max(y - radius, 0)...min(y + radius, side - 1) {
                for column in max(x - radius, 0)...min(x + radius, side - 1)
                where known?[row * side + column] ?? true {
                    sum += cells[row * side + column]
                    count += 1
                }
            }
            result[y * side + x] = cells[y * side + x] - sum / count
        }
    }
    return result
}

/// Means of 2x2 cells.
private func halved(_ cells: [Float], side: Int) -> [Float] {
    let half = side / 2
    return (0..<half * half).map { index in
        let at = index / half * 2 * side + index % half * 2
        return (cells[at] + cells[at + 1] + cells[at + side] + cells[at + side + 1]) / 4
    }
}
