// What of a picture is stored and compared: how its parts differ from what lies around them.

/// A picture as 384 numbers: each cell of a grid less the mean of the cells around it.
///
/// Luma has 16x16 cells, each difference of colour 8x8. Without what the surroundings share, a brighter or paler copy has
/// the same pattern, and what is unlike lies where it is unlike: a part that is covered changes its own numbers and those
/// at its edge. Numbers lie in 4x4 blocks, 24 for each, so that parts of pictures are contiguous.
public struct PicturePattern: Sendable {
    /// Blocks of a picture, and numbers of each.
    public static let blocks = 16, blockWidth = 24
    /// Numbers of a pattern, and of its coarse form.
    public static let width = blocks * blockWidth, coarseWidth = 96
    /// What differences of colour count for: they are four times as few, and smaller.
    static let colourWeight: Float = 5

    /// `width` numbers, block by block: 4x4 of luma, 2x2 of each colour.
    public let fine: [Float]
    /// `coarseWidth` numbers of cells twice as large: 8x8 of luma, 4x4 of each colour, row by row.
    public let coarse: [Float]

    /// The pattern of a whole picture.
    public init(_ picture: SmallPicture) {
        let luma = picture.cells(of: 0, columns: 16, rows: 16)
        let colours = (1...2).map { picture.cells(of: $0, columns: 8, rows: 8) }
        let detail = contrasts(of: luma, side: 16, radius: 2)
        let colourDetail = colours.map { contrasts(of: $0, side: 8, radius: 1) }
        var fine = [Float](repeating: 0, count: Self.width)
        for block in 0..<Self.blocks {
            let (down, across) = (block / 4, block % 4)
            for cell in 0..<16 {
                let at = (4 * down + cell / 4) * 16 + 4 * across + cell % 4
                fine[block * Self.blockWidth + cell] = detail[at]
            }
            for (index, values) in colourDetail.enumerated() {
                for cell in 0..<4 {
                    let at = (2 * down + cell / 2) * 8 + 2 * across + cell % 2
                    fine[block * Self.blockWidth + 16 + 4 * index + cell] =
                        Self.colourWeight * values[at]
                }
            }
        }
        self.fine = fine
        coarse =
            contrasts(of: halved(luma, side: 16), side: 8, radius: 2)
            + colours.flatMap { values in
                contrasts(of: halved(values, side: 8), side: 4, radius: 1)
                    .map { Self.colourWeight * $0 }
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
