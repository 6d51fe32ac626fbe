// A flow in plain arrays, taken to other times and joined with another one.
import Media

/// A flow in plain arrays.
struct MotionField {
    let width: Int, height: Int
    private(set) var x: [Float], y: [Float]

    init(_ flow: Flow) {
        (width, height) = (flow.x.shape[1], flow.x.shape[0])
        (x, y) = (flow.x.elements, flow.y.elements)
    }

    /// No motion, for luma of the given size.
    init(width: Int, height: Int) {
        (self.width, self.height) = ((width + 1) / 2, (height + 1) / 2)
        x = Array(repeating: 0, count: self.width * self.height)
        y = x
    }

    subscript(_ column: Int, _ row: Int) -> (Float, Float) {
        (x[row * width + column], y[row * width + column])
    }

    /// The index of what lies at a luma displacement from a place of the grid, edges repeated.
    private func index(_ column: Int, _ row: Int, _ dx: Float, _ dy: Float) -> Int {
        let u = min(max(Float(column) + dx / 2, 0), Float(width - 1))
        let v = min(max(Float(row) + dy / 2, 0), Float(height - 1))
        return Int(v + 0.5) * width + Int(u + 0.5)
    }

    /// The same motion in another time.
    func scaled(_ factor: Float) -> MotionField {
        var result = self
        for index in x.indices {
            result.x[index] *= factor
            result.y[index] *= factor
        }
        return result
    }

    /// From a picture so far on the way: where what is there came from.
    func carried(_ part: Float) -> MotionField {
        var result = self
        for row in 0..<height {
            for column in 0..<width {
                var dx: Float = 0, dy: Float = 0
                for _ in 0..<3 {
                    let from = index(column, row, dx, dy)
                    (dx, dy) = (-part * x[from], -part * y[from])
                }
                result.x[row * width + column] = dx
                result.y[row * width + column] = dy
            }
        }
        return result
    }

    /// Takes over another flow outside of lost cells, and is corrected inside so that both join.
    ///
    /// The correction is a membrane over the lost cells, held by the difference in the cells beside them.
    mutating func join(_ found: MotionField, _ lost: LossMap) {
        let each = LossMap.cell / 2
        var fieldX = CellField(0, lost)
        var fieldY = fieldX
        for index in lost.isLost.indices where !lost.isLost[index] && lost.isBeside(index) {
            let (left, top) = (index % lost.columns * each, index / lost.columns * each)
            var sumX: Float = 0, sumY: Float = 0, count: Float = 0
            for row in top..<max(top, min(top + each, height)) {
                for column in left..<max(left, min(left + each, width)) {
                    let at = row * width + column
                    sumX += found.x[at] - x[at]
                    sumY += found.y[at] - y[at]
                    count += 1
                }
            }
            guard count > 0 else { continue }
            fieldX.values[index] = sumX / count
            fieldY.values[index] = sumY / count
        }
        fieldX.spread(into: lost)
        fieldY.spread(into: lost)
        for row in 0..<height {
            for column in 0..<width {
                let at = row * width + column
                if lost.isLost[row / each * lost.columns + column / each] {
                    let (u, v) = (
                        Float(column) / Float(each) - 0.5, Float(row) / Float(each) - 0.5
                    )
                    x[at] += fieldX.value(u, v)
                    y[at] += fieldY.value(u, v)
                } else {
                    x[at] = found.x[at]
                    y[at] = found.y[at]
                }
            }
        }
    }
}
