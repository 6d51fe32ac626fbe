// Motion carried into a hole cell by cell, each vector tried on the samples beside it.
import Media

/// A picture that samples are taken from, with a vector for each lost cell: of those of its neighbours, of other guesses and
/// none the one that explains best what is around it.
///
/// From the rim inwards: what is filled serves the next ring, with less weight than what was decoded. Each sample is blended
/// from the vectors of the four cells around it.
///
/// - SeeAlso: Zhang, Arnold and Frater, "A cell-loss concealment technique for MPEG-2 coded video", IEEE Transactions on
///   Circuits and Systems for Video Technology 10(4), 2000, for motion found by the samples around a lost block.
struct BlockGuess: RepairGuess {
    /// Samples around a cell that a vector is tried on; rings of decoded cells that have vectors of their own.
    private static let reach = 4, rim = 2
    /// What a filled sample counts beside a decoded one.
    private static let trust: Float = 0.1
    /// How much of what a vector leaves around a cell it is expected to leave inside: it was chosen for little of that.
    private static let share: Float = 0.4

    private let frame: Frame
    private let lost: LossMap
    private(set) var weights: CellField
    private(set) var vectors: [SIMD2<Float>]

    /// - Parameters:
    ///   - guesses: Where lost cells may lie in `frame`.
    ///   - found: Where decoded cells lie.
    init(
        _ frame: Frame, _ guesses: [MotionField], found: MotionField, of picture: Frame,
        _ lost: LossMap
    ) {
        (self.frame, self.lost) = (frame, lost)
        var trial = Trial(
            filled: Luma(picture), reference: Luma(frame), lost: lost,
            trusted: lost.isLost.map { $0 ? 0 : 1 }, reach: BlockGuess.reach)
        var vectors = [SIMD2<Float>](repeating: .zero, count: lost.isLost.count)
        var errors = CellField(0, lost)
        let rim = lost.grown(BlockGuess.rim)
        for index in lost.isLost.indices where rim.isLost[index] && !lost.isLost[index] {
            let starts = (guesses + [found]).map { $0.vector(at: index, lost) } + [.zero]
            let found = trial.refined(index, from: starts)
            (vectors[index], errors.values[index]) = (found.vector, BlockGuess.share * found.error)
        }
        func settle(_ cells: [Int]) {
            let best = cells.map { index in
                let known = lost.block(around: index).filter { trial.trusted[$0] > 0 }
                return trial.best(
                    index,
                    known.map { vectors[$0] } + guesses.map { $0.vector(at: index, lost) } + [.zero]
                )
            }
            for (index, best) in zip(cells, best) {
                (vectors[index], errors.values[index]) = (
                    best.vector, BlockGuess.share * best.error
                )
                trial.fill(index, best.vector)
            }
            for index in cells { trial.trusted[index] = BlockGuess.trust }
        }
        let all = lost.isLost.indices.filter { lost.isLost[$0] }
        var left = all
        while !left.isEmpty {
            let now = left.filter { index in
                lost.block(around: index).contains { trial.trusted[$0] > 0 }
            }
            guard !now.isEmpty else { break }
            settle(now)
            left = left.filter { trial.trusted[$0] == 0 }
        }
        // Once more, now that every cell has neighbours on all sides.
        if left.isEmpty { settle(all) }
        self.vectors = vectors
        weights = errors.weights
    }

    func sample(_ index: Int, _ x: Int, _ y: Int, _ h: Int, _ v: Int) -> Float {
        let cell = Float(LossMap.cell)
        let u = (Float(x) + 0.5) * Float(h) / cell - 0.5,
            z = (Float(y) + 0.5) * Float(v) / cell - 0.5
        let column = Int(u.rounded(.down)), row = Int(z.rounded(.down))
        let part = SIMD2(u - Float(column), z - Float(row))
        var sum: Float = 0
        for (i, j) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            let weight = (i == 0 ? 1 - part.x : part.x) * (j == 0 ? 1 - part.y : part.y)
            let (c, r) = (
                min(max(column + i, 0), lost.columns - 1), min(max(row + j, 0), lost.rows - 1)
            )
            let vector = vectors[r * lost.columns + c]
            sum +=
                weight
                * frame.planes[index].cubic(
                    Float(x) + vector.x / Float(h), Float(y) + vector.y / Float(v))
        }
        return sum
    }
}

/// What vectors leave unexplained around cells.
private struct Trial {
    var filled: Luma
    let reference: Luma
    let lost: LossMap
    /// What the samples of a cell count: 1 where they were decoded, 0 where there are none yet.
    var trusted: [Float]
    let reach: Int

    /// The first of the vectors that leave least.
    func best(_ index: Int, _ vectors: [SIMD2<Float>]) -> (vector: SIMD2<Float>, error: Float) {
        vectors.reduce((.zero, .infinity)) { best, vector in
            let error = error(index, vector)
            return error < best.1 ? (vector, error) : best
        }
    }

    /// The best vector, moved in ever smaller steps for as long as that helps.
    func refined(
        _ index: Int, from vectors: [SIMD2<Float>]
    ) -> (vector: SIMD2<Float>, error: Float) {
        var found = best(index, vectors)
        for step: Float in [2, 1, 0.5, 0.25] {
            // A few times at most: what is further away is another motion.
            for _ in 0..<4 {
                let sides = [SIMD2(-step, 0), SIMD2(step, 0), SIMD2(0, -step), SIMD2(0, step)]
                let next = best(index, sides.map { found.vector + $0 })
                guard next.error < found.error else { break }
                found = next
            }
        }
        return found
    }

    /// The mean squared difference in and around a cell, without its own samples where it is lost.
    private func error(_ index: Int, _ vector: SIMD2<Float>) -> Float {
        let cell = LossMap.cell
        let (left, top) = (index % lost.columns * cell, index / lost.columns * cell)
        var sum: Float = 0, weights: Float = 0
        for y in max(top - reach, 0)..<min(top + cell + reach, filled.height) {
            for x in max(left - reach, 0)..<min(left + cell + reach, filled.width) {
                let at = y / cell * lost.columns + x / cell
                let weight = at == index && lost.isLost[index] ? 0 : trusted[at]
                guard weight > 0 else { continue }
                let difference =
                    filled[x, y] - reference.sample(Float(x) + vector.x, Float(y) + vector.y)
                sum += weight * difference * difference
                weights += weight
            }
        }
        return weights > 0 ? sum / weights : .infinity
    }

    mutating func fill(_ index: Int, _ vector: SIMD2<Float>) {
        let cell = LossMap.cell
        let (left, top) = (index % lost.columns * cell, index / lost.columns * cell)
        for y in top..<max(top, min(top + cell, filled.height)) {
            for x in left..<max(left, min(left + cell, filled.width)) {
                filled[x, y] = reference.sample(Float(x) + vector.x, Float(y) + vector.y)
            }
        }
    }
}

extension MotionField {
    /// The motion in the middle of a cell.
    fileprivate func vector(at index: Int, _ map: LossMap) -> SIMD2<Float> {
        let each = LossMap.cell / 2
        let (x, y) = self[
            min(index % map.columns * each + each / 2, width - 1),
            min(index / map.columns * each + each / 2, height - 1)]
        return SIMD2(x, y)
    }
}
