// Paper that a round pen leaves ink on.

/// A square of pixels and the ink on each, 0 to 1.
struct PenSheet {
    /// Pixels of a side.
    let side: Int
    /// Row after row.
    var ink: [Float]

    /// An empty sheet.
    init(side: Int) {
        self.side = side
        ink = [Float](repeating: 0, count: side * side)
    }

    /// Takes all ink away.
    mutating func clear() { for index in ink.indices { ink[index] = 0 } }

    /// Draws straight from point to point, in pixels; a pixel at the pen's edge is half covered.
    mutating func draw(_ path: [PenPoint], radius: Double, strength: Float = 1) {
        for (from, to) in zip(path, path.dropFirst()) {
            let reach = radius + 0.5
            func span(_ a: Double, _ b: Double) -> Range<Int> {
                let low = max(0, Int((min(a, b) - reach).rounded(.down)))
                return low..<max(low, min(side, Int((max(a, b) + reach).rounded(.up))))
            }
            let (dx, dy) = (to.x - from.x, to.y - from.y)
            let length = max(dx * dx + dy * dy, 1e-12)
            for row in span(from.y, to.y) {
                for column in span(from.x, to.x) {
                    let (x, y) = (Double(column) + 0.5 - from.x, Double(row) + 0.5 - from.y)
                    let part = min(max((x * dx + y * dy) / length, 0), 1)
                    let (ex, ey) = (x - part * dx, y - part * dy)
                    let distance = (ex * ex + ey * ey).squareRoot()
                    let covered = strength * Float(min(max(reach - distance, 0), 1))
                    // Strokes that cross are no darker.
                    ink[row * side + column] = max(ink[row * side + column], covered)
                }
            }
        }
    }
}
