// Looks at moving pixels to tell whether pictures are progressive, interlaced or telecined; flags lie.
import Glibc

/// How the fields of a video's pictures belong together.
public enum FieldPattern: String, Sendable, Hashable {
    /// Both fields of every picture come from one instant.
    case progressive
    /// Fields come from two instants; the top or the bottom one is earlier.
    case topFirst, bottomFirst
    /// Film at 24 pictures a second spread over 60 fields (3:2 pulldown).
    case telecine
}

/// Judges the first frames of a video: feed it some dozens, then ask.
///
/// Where something moves, the rows of two fields comb when they come from different instants, the more
/// the further apart. Weaving each picture's fields with those of its neighbours shows which
/// field is nearer to the past: that is the earlier one. In 3:2 pulldown one field in each five
/// pictures repeats its predecessor exactly, and two pictures later the other one does.
public struct FieldOrderDetector: Sendable {
    /// Pictures judged as each pattern so far, and those that told nothing.
    public private(set) var progressive = 0, topFirst = 0, bottomFirst = 0, undecided = 0

    private var planes: [Plane] = []
    private var repeats: [(top: Bool, bottom: Bool)] = []
    private var declaredInterlaced = 0
    private var declaredTopFirst = 0
    private var seen = 0

    /// Nothing seen.
    public init() {}

    /// Looks at the next frame, in order of presentation.
    public mutating func add(_ frame: Frame) {
        seen += 1
        if frame.isInterlaced {
            declaredInterlaced += 1
            if frame.isTopFieldFirst { declaredTopFirst += 1 }
        }
        let luma = frame.planes[0]
        guard luma.height >= 8, luma.width >= 8 else { return }
        if let first = planes.first, first.width != luma.width || first.height != luma.height {
            planes = []
        }
        planes.append(luma)
        if planes.count >= 2 { noteRepeats(planes[planes.count - 2], luma, frame.format.depth) }
        guard planes.count >= 3 else { return }
        judge(planes[0], planes[1], planes[2], depth: frame.format.depth)
        planes.removeFirst()
    }

    /// The pattern of what was seen; where the pictures do not tell (nothing moves), the flags decide.
    public var pattern: FieldPattern {
        if isTelecine { return .telecine }
        let combed = topFirst + bottomFirst
        guard progressive + combed >= 3 else {
            guard declaredInterlaced * 2 > seen else { return .progressive }
            return declaredTopFirst * 2 >= declaredInterlaced ? .topFirst : .bottomFirst
        }
        guard combed > progressive else { return .progressive }
        return topFirst >= bottomFirst ? .topFirst : .bottomFirst
    }

    /// Combs of one parity's rows, woven with the past, the next and the own picture's rows.
    private struct Combs {
        var past = 0, own = 0, next = 0
    }

    private mutating func judge(_ past: Plane, _ now: Plane, _ next: Plane, depth: Int) {
        var combs = [Combs(), Combs()]
        var moving = 0
        let threshold = 12 << (depth - 8)
        for y in 2..<(now.height - 2) {
            withRows(past, now, next, y) { p, c, n, above, below in
                var sum = Combs()
                for x in stride(from: 0, to: now.width, by: 2) {
                    let (before, here, after) = (p(x), c(x), n(x))
                    guard
                        abs(before - after) > threshold || abs(here - after) > threshold
                            || abs(here - before) > threshold
                    else { continue }
                    moving += 1
                    let around = above(x) + below(x)
                    sum.past += abs(around - 2 * before)
                    sum.own += abs(around - 2 * here)
                    sum.next += abs(around - 2 * after)
                }
                combs[y % 2].past += sum.past
                combs[y % 2].own += sum.own
                combs[y % 2].next += sum.next
            }
        }
        guard moving * 400 > now.width * now.height else {
            undecided += 1
            return
        }
        // Even rows are the top field. With the top field first, the rows of the bottom field are
        // nearer to the past, those of the top field nearer to the next picture: the two ratios part. Motion
        // that speeds up or slows down moves both the same way and cancels.
        let top = Double(combs[0].past + 1) / Double(combs[0].next + 1)
        let bottom = Double(combs[1].past + 1) / Double(combs[1].next + 1)
        let neighbours = combs[0].past + combs[0].next + combs[1].past + combs[1].next
        // 0: no combs in the picture itself; 1: as many as when woven with other pictures.
        let own = 2 * Double(combs[0].own + combs[1].own) / Double(neighbours + 1)
        let parting = top / bottom
        if parting > 1.3, own > 0.62 {
            topFirst += 1
        } else if parting < 1 / 1.3, own > 0.62 {
            bottomFirst += 1
        } else if parting < 1.3, parting > 1 / 1.3, own < 0.9 {
            progressive += 1
        } else {
            undecided += 1
        }
    }

    /// Gives access to row `y` of three pictures and to the rows above and below in the middle one.
    private func withRows(
        _ past: Plane, _ now: Plane, _ next: Plane, _ y: Int,
        _ body: (
            (Int) -> Int, (Int) -> Int, (Int) -> Int, (Int) -> Int, (Int) -> Int
        ) -> Void
    ) {
        past.withUnsafeBytes { p in
            now.withUnsafeBytes { c in
                next.withUnsafeBytes { n in
                    let wide = now.bytesPerSample == 2
                    func reader(_ base: UnsafeRawPointer, _ plane: Plane, _ y: Int) -> (Int) -> Int
                    {
                        let row = base + y * plane.bytesPerRow
                        return { x in
                            wide
                                ? Int(row.load(fromByteOffset: 2 * x, as: UInt16.self))
                                : Int(row.load(fromByteOffset: x, as: UInt8.self))
                        }
                    }
                    body(
                        reader(p, past, y), reader(c, now, y), reader(n, next, y),
                        reader(c, now, y - 1), reader(c, now, y + 1))
                }
            }
        }
    }

    /// Notes whether one field equals its predecessor while the other does not.
    private mutating func noteRepeats(_ past: Plane, _ now: Plane, _ depth: Int) {
        var sums = [0.0, 0.0]
        for y in 0..<now.height {
            withRows(past, now, now, max(1, min(y, now.height - 2))) { p, c, _, _, _ in
                var sum = 0
                for x in stride(from: 0, to: now.width, by: 2) { sum += abs(p(x) - c(x)) }
                sums[max(1, min(y, now.height - 2)) % 2] += Double(sum)
            }
        }
        let samples = Double(now.width * now.height) / 4
        let unit = Double(1 << (depth - 8))
        let (top, bottom) = (sums[0] / samples / unit, sums[1] / samples / unit)
        repeats.append(
            (top: top < 0.4 * bottom && bottom > 0.3, bottom: bottom < 0.4 * top && top > 0.3))
    }

    /// Whether repeats of the two parities stand two (or three) pictures apart in cycles of five.
    private var isTelecine: Bool {
        guard repeats.count >= 10 else { return false }
        var top = [Int](repeating: 0, count: 5)
        var bottom = top
        var cycles = top
        for (index, one) in repeats.enumerated() {
            cycles[index % 5] += 1
            if one.top { top[index % 5] += 1 }
            if one.bottom { bottom[index % 5] += 1 }
        }
        let total = top.reduce(0, +) + bottom.reduce(0, +)
        for phase in 0..<5 {
            for distance in [2, 3] {
                let other = (phase + distance) % 5
                let hits = top[phase] + bottom[other]
                let isRegular =
                    Double(top[phase]) >= 0.6 * Double(cycles[phase])
                    && Double(bottom[other]) >= 0.6 * Double(cycles[other])
                if isRegular, Double(hits) >= 0.8 * Double(total) { return true }
            }
        }
        return false
    }
}
