// Values on the cells of a loss map, carried from decoded cells into lost ones.
import Media

/// Values on the grid of cells.
struct CellField {
    var values: [Float]
    let columns: Int, rows: Int

    /// One value everywhere, on the grid of a map.
    init(_ value: Float, _ map: LossMap) {
        (columns, rows) = (map.columns, map.rows)
        values = Array(repeating: value, count: columns * rows)
    }

    /// Bilinear between the centres of cells, edges repeated.
    func value(_ x: Float, _ y: Float) -> Float {
        let px = min(max(x, 0), Float(columns - 1)), py = min(max(y, 0), Float(rows - 1))
        let (x0, y0) = (Int(px), Int(py))
        let (fx, fy) = (px - Float(x0), py - Float(y0))
        let (x1, y1) = (min(x0 + 1, columns - 1), min(y0 + 1, rows - 1))
        let top = values[y0 * columns + x0] * (1 - fx) + values[y0 * columns + x1] * fx
        let bottom = values[y1 * columns + x0] * (1 - fx) + values[y1 * columns + x1] * fx
        return top * (1 - fy) + bottom * fy
    }

    /// Stretches a membrane over lost cells, held by the decoded ones beside them.
    mutating func spread(into lost: LossMap) {
        let holes = lost.isLost.indices.filter { lost.isLost[$0] }
        // From the border inwards, so that few rounds are enough.
        var isKnown = lost.isLost.map { !$0 }
        var left = holes
        while !left.isEmpty {
            var now: [(Int, Float)] = []
            for index in left {
                let known = lost.neighbours(of: index).filter { isKnown[$0] }
                guard !known.isEmpty else { continue }
                now.append((index, known.reduce(0) { $0 + values[$1] } / Float(known.count)))
            }
            guard !now.isEmpty else { break }
            for (index, value) in now {
                values[index] = value
                isKnown[index] = true
            }
            left = left.filter { !isKnown[$0] }
        }
        for _ in 0..<60 {
            for index in holes {
                let around = lost.neighbours(of: index)
                values[index] = around.reduce(0) { $0 + values[$1] } / Float(around.count)
            }
        }
    }
}

extension LossMap {
    /// Cells above, below, left and right.
    func neighbours(of index: Int) -> [Int] {
        let (column, row) = (index % columns, index / columns)
        var result: [Int] = []
        if row > 0 { result.append(index - columns) }
        if row < rows - 1 { result.append(index + columns) }
        if column > 0 { result.append(index - 1) }
        if column < columns - 1 { result.append(index + 1) }
        return result
    }

    /// The map with so many rings of cells around those that are lost.
    func grown(_ rings: Int) -> LossMap {
        (0..<rings).reduce(self) { map, _ in
            var next = map
            for row in 0..<rows {
                for column in 0..<columns where map.isLost[row * columns + column] {
                    for y in max(row - 1, 0)...min(row + 1, rows - 1) {
                        for x in max(column - 1, 0)...min(column + 1, columns - 1) {
                            next.isLost[y * columns + x] = true
                        }
                    }
                }
            }
            return next
        }
    }

    /// The eight cells around one, as far as there are.
    func block(around index: Int) -> [Int] {
        let (column, row) = (index % columns, index / columns)
        return (max(row - 1, 0)...min(row + 1, rows - 1)).flatMap { y in
            (max(column - 1, 0)...min(column + 1, columns - 1)).map { y * columns + $0 }
        }.filter { $0 != index }
    }

    /// Whether a cell lies beside a lost one.
    func isBeside(_ index: Int) -> Bool { neighbours(of: index).contains { isLost[$0] } }
}
