// Reading and writing the samples of lost cells.
import Media

extension Plane {
    /// Luma samples that one of these stands for, in a row and in a column.
    func subsampling(of frame: Frame) -> (Int, Int) {
        ((frame.width + width - 1) / width, (frame.height + height - 1) / height)
    }

    /// Calls `body` for each sample of a lost cell.
    func forEachLost(_ lost: LossMap, of frame: Frame, _ body: (Int, Int) -> Void) {
        let (h, v) = subsampling(of: frame)
        let (w, t) = (LossMap.cell / h, LossMap.cell / v)
        for index in lost.isLost.indices where lost.isLost[index] {
            let (left, top) = (index % lost.columns * w, index / lost.columns * t)
            for y in top..<max(top, min(top + t, height)) {
                for x in left..<max(left, min(left + w, width)) { body(x, y) }
            }
        }
    }

    /// Makes each lost sample the mean of those beside it, again and again; edges repeated.
    func stretch(_ lost: LossMap, of frame: Frame) {
        var values = (0..<width * height).map { Float(self[$0 % width, $0 / width]) }
        var holes: [(x: Int, y: Int)] = []
        forEachLost(lost, of: frame) { holes.append(($0, $1)) }
        // More rounds change little: it begins near where it ends.
        for _ in 0..<100 {
            for (x, y) in holes {
                let (row, above, below) = (
                    y * width, max(y - 1, 0) * width, min(y + 1, height - 1) * width
                )
                let beside = values[row + max(x - 1, 0)] + values[row + min(x + 1, width - 1)]
                values[row + x] = (beside + values[above + x] + values[below + x]) / 4
            }
        }
        for (x, y) in holes { store(Int(values[y * width + x] + 0.5), x, y) }
    }

    /// The sample at a position between samples, by cubic convolution; edges repeated.
    func cubic(_ x: Float, _ y: Float) -> Float {
        let px = min(max(x, 0), Float(width - 1)), py = min(max(y, 0), Float(height - 1))
        let (x0, y0) = (Int(px), Int(py))
        let (fx, fy) = (px - Float(x0), py - Float(y0))
        let (wx, wy) = (cubicWeights(fx), cubicWeights(fy))
        return withUnsafeBytes { base in
            var sum: Float = 0
            for j in 0..<4 {
                let row = base + min(max(y0 + j - 1, 0), height - 1) * bytesPerRow
                var line: Float = 0
                for i in 0..<4 {
                    let column = min(max(x0 + i - 1, 0), width - 1)
                    let value =
                        bytesPerSample == 1
                        ? Float(row.load(fromByteOffset: column, as: UInt8.self))
                        : Float(row.load(fromByteOffset: 2 * column, as: UInt16.self))
                    line += wx[i] * value
                }
                sum += wy[j] * line
            }
            return sum
        }
    }
}

/// Weights of four samples around a position (Keys, 1981, a = -1/2).
private func cubicWeights(_ t: Float) -> SIMD4<Float> {
    let t2 = t * t, t3 = t2 * t
    let a = -0.5 * t3 + t2 - 0.5 * t
    let b = 1.5 * t3 - 2.5 * t2 + 1
    let c = -1.5 * t3 + 2 * t2 + 0.5 * t
    return SIMD4(a, b, c, 0.5 * t3 - 0.5 * t2)
}

extension Frame {
    /// Fills lost cells from the nearest decoded samples above, below, left and right, the nearer the more, and stretches
    /// that to a membrane between the borders.
    func fillFromBorders(_ lost: LossMap) {
        for plane in planes {
            let (h, v) = plane.subsampling(of: self)
            let (w, t) = (LossMap.cell / h, LossMap.cell / v)
            plane.forEachLost(lost, of: self) { x, y in
                var sum: Float = 0, weights: Float = 0
                let (column, row) = (x / w, y / t)
                func add(_ u: Int, _ z: Int) {
                    let weight = 1 / Float(abs(u - x) + abs(z - y))
                    sum += weight * Float(plane[u, z])
                    weights += weight
                }
                func isLost(_ c: Int, _ r: Int) -> Bool { lost.isLost[r * lost.columns + c] }
                if let r = (0..<row).last(where: { !isLost(column, $0) }) {
                    add(x, (r + 1) * t - 1)
                }
                if let r = (row..<lost.rows).first(where: { !isLost(column, $0) }) { add(x, r * t) }
                if let c = (0..<column).last(where: { !isLost($0, row) }) {
                    add((c + 1) * w - 1, y)
                }
                if let c = (column..<lost.columns).first(where: { !isLost($0, row) }) {
                    add(c * w, y)
                }
                if weights > 0 { plane.store(Int(sum / weights + 0.5), x, y) }
            }
            plane.stretch(lost, of: self)
        }
    }
}
