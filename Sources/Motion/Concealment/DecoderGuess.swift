// How far the decoder's own concealment of a hole is to be believed.
import Media

/// What the decoder itself filled a hole with, beside guesses of the motion.
///
/// Around the hole it shows nothing but what was decoded, so that it cannot be tried there as they are. It counts as one that leaves a
/// fixed error, and more by how much harder its samples break off at the border of the hole than decoded ones do beside it.
struct DecoderGuess: RepairGuess {
    /// Squared 8-bit steps that it is wrong by, and how much of the squared break at the border adds to them.
    private static let error: Float = 100, share: Float = 0.3

    private let frame: Frame
    let weights: CellField

    init(_ frame: Frame, of picture: Frame, _ lost: LossMap) {
        self.frame = frame
        let scale = Float(1) / Float(1 << (2 * (picture.format.depth - 8)))
        var errors = CellField(DecoderGuess.error, lost)
        var inner = lost
        for index in lost.isLost.indices where lost.isLost[index] {
            guard
                let excess = lost.breakAtBorder(
                    of: index, frame.planes[0], beside: picture.planes[0])
            else { continue }
            errors.values[index] = DecoderGuess.error + DecoderGuess.share * excess * scale
            inner.isLost[index] = false
        }
        errors.spread(into: inner)
        weights = errors.weights
    }

    func sample(_ index: Int, _ x: Int, _ y: Int, _ h: Int, _ v: Int) -> Float {
        Float(frame.planes[index][x, y])
    }
}

extension LossMap {
    /// The mean squared break between what a lost cell was filled with and the decoded samples beside it, less that between
    /// decoded samples there; nil where no decoded cell is beside it.
    ///
    /// A break is how far two samples differ, less the mean slope on both sides.
    func breakAtBorder(of index: Int, _ filled: Plane, beside known: Plane) -> Float? {
        let (left, top) = (index % columns * LossMap.cell, index / columns * LossMap.cell)
        let last = LossMap.cell - 1
        var excess = 0
        var count = 0
        for (u, v) in [(-1, 0), (1, 0), (0, -1), (0, 1)] {
            let beside = (index % columns + u, index / columns + v)
            guard 0..<columns ~= beside.0, 0..<rows ~= beside.1,
                !isLost[beside.1 * columns + beside.0]
            else { continue }
            for step in 0...last {
                let x = left + (u == 0 ? step : u < 0 ? 0 : last)
                let y = top + (v == 0 ? step : v < 0 ? 0 : last)
                guard x < known.width, y < known.height, x + u < known.width, y + v < known.height
                else { continue }
                func sample(_ plane: Plane, _ steps: Int) -> Int {
                    plane[
                        min(max(x + steps * u, 0), plane.width - 1),
                        min(max(y + steps * v, 0), plane.height - 1)]
                }
                // Twice the break, so that all are whole numbers.
                func squaredBreak(_ a: Int, _ b: Int, _ c: Int, _ d: Int) -> Int {
                    let twice = 2 * (b - c) - (a - b) - (c - d)
                    return twice * twice
                }
                let outside = (1...4).map { sample(known, $0) }
                excess +=
                    squaredBreak(sample(filled, -1), sample(filled, 0), outside[0], outside[1])
                    - squaredBreak(outside[0], outside[1], outside[2], outside[3])
                count += 4
            }
        }
        return count > 0 ? max(0, Float(excess) / Float(count)) : nil
    }
}
