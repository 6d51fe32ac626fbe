// One stroke of a pen: the points it goes through, and its way from one to the next.

/// A place on the sheet: 0, 0 is the digit's upper left corner, 1, 1 its lower right.
struct PenPoint {
    var x: Double, y: Double
    init(_ x: Double, _ y: Double) { (self.x, self.y) = (x, y) }
}

/// One stroke of a pen.
enum PenStroke {
    /// Straight from point to point.
    case straight([PenPoint])
    /// Round through all points.
    case round([PenPoint])

    /// Round through all points and back to the first.
    static func loop(_ points: [PenPoint]) -> PenStroke { .round(points + [points[0]]) }
}

extension PenStroke {
    /// The points it is described by.
    var points: [PenPoint] {
        switch self {
        case .straight(let points), .round(let points): points
        }
    }

    /// Whether it ends where it begins.
    var isClosed: Bool {
        points[0].x == points[points.count - 1].x && points[0].y == points[points.count - 1].y
    }

    /// The way of the pen where the points lie at `points`: straight, or along a Catmull-Rom curve.
    func path(through points: [PenPoint]) -> [PenPoint] {
        guard case .round = self, points.count > 2 else { return points }
        let last = points.count - 1
        var path = [points[0]]
        for index in 0..<last {
            let a = index > 0 ? points[index - 1] : isClosed ? points[last - 1] : points[0]
            let (b, c) = (points[index], points[index + 1])
            let d = index + 2 <= last ? points[index + 2] : isClosed ? points[1] : points[last]
            for step in 1...5 {
                let t = Double(step) / 5
                path.append(
                    PenPoint(spline(a.x, b.x, c.x, d.x, t), spline(a.y, b.y, c.y, d.y, t)))
            }
        }
        return path
    }
}

/// Between `b` and `c` at `t` of the way, smooth at both (Catmull and Rom, 1974).
private func spline(_ a: Double, _ b: Double, _ c: Double, _ d: Double, _ t: Double) -> Double {
    let linear = c - a
    let square = 2 * a - 5 * b + 4 * c - d
    let cube = 3 * (b - c) + d - a
    return b + 0.5 * t * (linear + t * (square + t * cube))
}
