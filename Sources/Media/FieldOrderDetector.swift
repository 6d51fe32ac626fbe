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
/// field is nearer to the past: that is the earlier one. In 3:2 pulldown one parity's field repeats
/// its predecessor once in each five pictures, and two pictures later the other parity's does.
public struct FieldOrderDetector: Sendable {
    /// Pictures judged as each pattern so far, and those that told nothing.
    public private(set) var progressive = 0, topFirst = 0, bottomFirst = 0, undecided = 0

    private var planes: [Plane] = []
    private var leads: [Double?] = []
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
        if planes.count >= 2 { noteLead(planes[planes.count - 2], luma, frame.format.depth) }
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

    /// Notes by how many octaves the top field differs more from its predecessor than the bottom field.
    private mutating func noteLead(_ past: Plane, _ now: Plane, _ depth: Int) {
        // Noise of coding lies below; where a field is repeated, it is all that is left.
        let noise = 6 << (depth - 8)
        var sums = [0, 0]
        for y in 1..<(now.height - 1) {
            withRows(past, now, now, y) { p, c, _, _, _ in
                var sum = 0
                for x in stride(from: 0, to: now.width, by: 2) {
                    sum += max(0, abs(p(x) - c(x)) - noise)
                }
                sums[y % 2] += sum
            }
        }
        let unit = Double(now.width * now.height) / 4 * Double(1 << (depth - 8))
        let (top, bottom) = (Double(sums[0]) / unit, Double(sums[1]) / unit)
        leads.append(max(top, bottom) < 0.05 ? nil : log2((top + 0.02) / (bottom + 0.02)))
    }

    /// Whether the parities repeat at two places of each five pictures, and at no other.
    ///
    /// Once coded, a repeated field is never equal to its predecessor, and in a slow pan the others
    /// are not far from theirs either. What tells is that one parity lags at the same place of every
    /// cycle, the other at another, and both move alike at the remaining three. (The two places are
    /// 2 or 3 apart in 2:3 pulldown, 1 or 4 in the 2:3:3:2 of some cameras.)
    private var isTelecine: Bool {
        guard leads.count >= 14 else { return false }
        let cycles = (0..<5).map { phase in
            stride(from: phase, to: leads.count, by: 5).compactMap { leads[$0] }.sorted()
        }
        guard cycles.allSatisfy({ $0.count >= 2 }) else { return false }
        let medians = cycles.map { ($0[($0.count - 1) / 2] + $0[$0.count / 2]) / 2 }
        let top = medians.indices.min { medians[$0] < medians[$1] }!
        let bottom = medians.indices.max { medians[$0] < medians[$1] }!
        let depth = min(-medians[top], medians[bottom])
        guard depth > 0.3 else { return false }
        let rest = medians.indices.filter { $0 != top && $0 != bottom }.map { abs(medians[$0]) }
        let steady =
            cycles[top].count { $0 < -depth / 3 } + cycles[bottom].count { $0 > depth / 3 }
        return rest.allSatisfy { $0 < depth / 2 }
            && steady * 5 >= (cycles[top].count + cycles[bottom].count) * 4
    }
}
