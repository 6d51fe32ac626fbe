// Lost parts of a picture filled from the pictures around it, along the motion that leads through them.
import Media

/// Copies lost cells from other pictures along motion that is carried into them.
///
/// Three guesses of the motion compete: as it is around the hole; as it leads through it, from the picture before to the
/// one after, or goes on from before; and the latter corrected so that it joins the former. Each is tried on the two rings
/// of decoded cells around the hole, where it is extrapolated too, and has its share in the result by what it leaves
/// unexplained there. So have the best of them and of neighbours' vectors cell by cell, and what the decoder itself filled
/// the hole with.
public final class FlowRepair: LossRepair {
    /// Rings of cells around a hole whose motion is not believed, since patches of the search reach into it.
    private static let margin = 2

    /// Which guesses of the motion compete.
    public enum Guesses: Sendable {
        /// All.
        case all
        /// That of what is around alone, and to the nearest picture: a plain copy along the flow, to compare with.
        case around
    }

    private let guesses: Guesses
    private var estimator: MotionEstimator?

    /// A repair that belongs to one thread at a time.
    public init(_ guesses: Guesses = .all) { self.guesses = guesses }

    public func repair(_ picture: Frame, lost: LossMap, others: [Frame], concealed: Frame? = nil) {
        func fits(_ frame: Frame) -> Bool {
            frame.width == picture.width && frame.height == picture.height
                && frame.format == picture.format
        }
        let usable = others.filter(fits)
        guard let nearest = usable.first else { return picture.fillFromBorders(lost) }
        // The search must not see what was there before.
        for (plane, other) in zip(picture.planes, nearest.planes) {
            plane.forEachLost(lost, of: picture) { x, y in plane.store(other[x, y], x, y) }
        }
        let zone = lost.grown(FlowRepair.margin)
        var competing = competing(picture, lost, zone: zone, usable)
        guard !competing.isEmpty else { return picture.fillFromBorders(lost) }
        if guesses == .all, let concealed, fits(concealed) {
            competing.append(DecoderGuess(concealed, of: picture, lost))
        }
        for index in picture.planes.indices { fill(index, of: picture, lost, competing) }
    }

    private func fill(
        _ index: Int, of picture: Frame, _ lost: LossMap, _ guesses: [any RepairGuess]
    ) {
        let plane = picture.planes[index]
        let (h, v) = plane.subsampling(of: picture)
        let maximum = Float(picture.format.maximum)
        plane.forEachLost(lost, of: picture) { x, y in
            var sum: Float = 0, weights: Float = 0
            for guess in guesses {
                let weight = guess.weight(x * h, y * v)
                sum += weight * guess.sample(index, x, y, h, v)
                weights += weight
            }
            plane.store(Int(min(max(sum / weights, 0), maximum) + 0.5), x, y)
        }
    }

    /// Where the cells of `zone` lie in the nearest picture before and the nearest after, or in the nearest of all where
    /// the others are on one side.
    private func competing(
        _ picture: Frame, _ lost: LossMap, zone: LossMap, _ others: [Frame]
    ) -> [any RepairGuess] {
        let search = search(of: picture)
        let pyramids = others.map(search.pyramid)
        let current = search.pyramid(picture)
        func flow(_ a: Int, _ b: Int) -> MotionField { search.flow(pyramids[a], pyramids[b]) }
        func competing(_ index: Int, _ guess: MotionField?) -> [any RepairGuess] {
            let found = search.flow(current, pyramids[index])
            var around = MotionField(width: picture.width, height: picture.height)
            around.join(found, zone)
            var fields = [around]
            if var joined = guess {
                fields.append(joined)
                joined.join(found, zone)
                fields.append(joined)
            }
            let sources = fields.map {
                RepairSource(others[index], $0, of: picture, lost, zone: zone)
            }
            guard guesses == .all else { return sources }
            return sources + [
                BlockGuess(others[index], fields, found: found, of: picture, lost)
            ]
        }
        func time(_ index: Int) -> Float { Float(others[index].timestamp - picture.timestamp) }
        if guesses == .around { return competing(0, nil) }
        let before = others.indices.filter { time($0) < 0 }
        let after = others.indices.filter { time($0) > 0 }
        if let a = before.first, let c = after.first {
            let share = -time(a) / (time(c) - time(a))
            return competing(a, flow(a, c).carried(share))
                + competing(c, flow(c, a).carried(1 - share))
        }
        let side = before + after
        guard let first = side.first else { return [] }
        // The motion before that took about as long as the one that is asked for.
        let second = side.dropFirst().min {
            abs(time($0) - 2 * time(first)) < abs(time($1) - 2 * time(first))
        }
        let guess = second.flatMap { second in
            let step = time(second) - time(first)
            return step == 0 ? nil : flow(first, second).scaled(time(first) / step)
        }
        return competing(first, guess)
    }

    private func search(of picture: Frame) -> RepairSearch {
        let isFitting = estimator?.width == picture.width && estimator?.height == picture.height
        let estimator =
            isFitting
            ? estimator! : MotionEstimator(width: picture.width, height: picture.height)
        self.estimator = estimator
        return RepairSearch(estimator: estimator, depth: picture.format.depth)
    }
}

/// The motion search on one thread, so that a repair is the same on every machine.
private struct RepairSearch {
    let estimator: MotionEstimator
    let depth: Int

    func pyramid(_ frame: Frame) -> MotionPyramid {
        MotionPyramid(luma: frame.planes[0], depth: depth, threads: 1)
    }

    func flow(_ current: MotionPyramid, _ reference: MotionPyramid) -> MotionField {
        MotionField(estimator.estimate(from: current, to: reference, threads: 1))
    }
}
