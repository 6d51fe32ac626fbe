// A guess of the motion, and how far it is to be believed.
import Media

/// A picture that samples are taken from along a field of motion, tried on the decoded cells around a hole.
struct RepairSource: RepairGuess {
    private let frame: Frame
    private let motion: MotionField
    let weights: CellField

    /// - Parameter zone: Lost cells and those around, into which the motion is extrapolated as into the hole.
    init(_ frame: Frame, _ motion: MotionField, of picture: Frame, _ lost: LossMap, zone: LossMap) {
        (self.frame, self.motion) = (frame, motion)
        let scale = Float(1) / Float(1 << (picture.format.depth - 8))
        let (ours, theirs) = (picture.planes[0], frame.planes[0])
        let cell = LossMap.cell
        var errors = CellField(0, lost)
        for index in errors.values.indices where zone.isLost[index] && !lost.isLost[index] {
            let (left, top) = (index % lost.columns * cell, index / lost.columns * cell)
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
            errors.values[index] = count > 0 ? sum / count : 0
        }
        errors.spread(into: lost)
        weights = errors.weights
    }

    func sample(_ index: Int, _ x: Int, _ y: Int, _ h: Int, _ v: Int) -> Float {
        let (dx, dy) = motion[x * h / 2, y * v / 2]
        return frame.planes[index].cubic(Float(x) + dx / Float(h), Float(y) + dy / Float(v))
    }
}
