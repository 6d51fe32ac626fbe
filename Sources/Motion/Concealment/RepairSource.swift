// How far a guess of the motion is to be believed.
import Media

/// A picture that samples are taken from, the motion to it, and how well both explain what is around a hole.
struct RepairSource {
    /// Added to what is unexplained, in squared 8-bit steps: the noise of coding.
    static let noise: Float = 4

    let frame: Frame
    let motion: MotionField
    private let columns: Int, rows: Int
    private var weights: CellField

    init(_ frame: Frame, _ motion: MotionField) {
        (self.frame, self.motion) = (frame, motion)
        columns = (frame.width + LossMap.cell - 1) / LossMap.cell
        rows = (frame.height + LossMap.cell - 1) / LossMap.cell
        weights = CellField(
            values: Array(repeating: 1, count: columns * rows), columns: columns, rows: rows)
    }

    func weight(_ x: Int, _ y: Int) -> Float {
        weights.value(
            Float(x) / Float(LossMap.cell) - 0.5, Float(y) / Float(LossMap.cell) - 0.5)
    }

    /// Weighs cells by what is left unexplained of the decoded ones around.
    mutating func weigh(
        _ picture: Frame, _ lost: LossMap, zone: LossMap
    ) {
        let scale = Float(1) / Float(1 << (picture.format.depth - 8))
        let (ours, theirs) = (picture.planes[0], frame.planes[0])
        let cell = LossMap.cell
        for index in weights.values.indices where zone.isLost[index] && !lost.isLost[index] {
            let (left, top) = (index % columns * cell, index / columns * cell)
            var sum: Float = 0, count: Float = 0
            for y in stride(from: top, to: max(top, min(top + cell, picture.height)), by: 1) {
                for x in stride(from: left, to: max(left, min(left + cell, picture.width)), by: 2) {
                    let (dx, dy) = motion[x / 2, y / 2]
                    let difference =
                        (Float(ours[x, y]) - theirs.sample(x: Float(x) + dx, y: Float(y) + dy))
                        * scale
                    sum += difference * difference
                    count += 1
                }
            }
            weights.values[index] = count > 0 ? sum / count : 0
        }
        weights.spread(into: lost)
        for index in weights.values.indices {
            let error = RepairSource.noise + weights.values[index]
            weights.values[index] = 1 / (error * error)
        }
    }
}
