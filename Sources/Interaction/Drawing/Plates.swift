// Labels on plates, placed so that they hide each other as little as may be.

/// The labels of a picture.
struct Plates {
    private struct Plate {
        let box: Box, lines: [String], colour: Colour
    }

    private let width: Int, height: Int
    private let dot: Double
    private var plates: [Plate] = []

    /// Labels for a picture, `dot` pixels for a dot of a letter.
    init(width: Int, height: Int, dot: Double) {
        (self.width, self.height, self.dot) = (width, height, dot)
    }

    private var margin: Double { 2 * dot }
    private var lineHeight: Double { Double(Glyphs.height + 2) * dot }

    /// The places of the plates so far.
    var boxes: [Box] { plates.map(\.box) }

    /// Adds a label: in the middle of the line between two boxes, above or below them, where it hides the fewest others.
    mutating func add(_ lines: [String], near human: Box, and object: Box, _ colour: Colour) {
        let longest = lines.map(\.count).max() ?? 0
        let w = Double(longest * Glyphs.advance - 1) * dot + 2 * margin
        let h = Double(lines.count) * lineHeight - 2 * dot + 2 * margin
        let a = human.centre, b = object.centre
        let middle = (x: (a.x + b.x) / 2, y: (a.y + b.y) / 2)
        let top = min(human.y1, object.y1), bottom = max(human.y2, object.y2)
        let left = min(human.x1, object.x1), right = max(human.x2, object.x2)
        // Faces are at the top of people: a label there comes last.
        let wanted: [(x: Double, y: Double)] = [
            (left, top - h), (left, bottom), (right - w, bottom), (right - w, top - h),
            (right, top), (left - w, top), (right, bottom - h), (left - w, bottom - h),
            (middle.x - w / 2, bottom - h), (left, bottom - h), (right - w, bottom - h),
            (middle.x - w / 2, middle.y - h / 2), (left, top), (right - w, top),
        ]
        var best: (box: Box, cost: Double)?
        for (rank, place) in wanted.enumerated() {
            let x = min(max(place.x, 0), max(0, Double(width) - w))
            let y = min(max(place.y, 0), max(0, Double(height) - h))
            let box = Box(x, y, x + w, y + h)
            let hidden = plates.reduce(0) { $0 + $1.box.intersection(box) } / (w * h)
            let moved = abs(x - place.x) / w + abs(y - place.y) / h
            let own = (2 * human.intersection(box) + object.intersection(box)) / (w * h)
            let cost = 4 * hidden + own + moved + 0.05 * Double(rank)
            if cost < best?.cost ?? .infinity { best = (box, cost) }
        }
        if let best { plates.append(Plate(box: best.box, lines: lines, colour: colour)) }
    }

    /// Draws all plates, the first on top.
    func draw(on canvas: inout Canvas) {
        for plate in plates.reversed() {
            canvas.fill(plate.box, plate.colour, opacity: 0.9)
            canvas.outline(plate.box, .black, thickness: 1)
            for (index, line) in plate.lines.enumerated() {
                canvas.write(
                    line, x: plate.box.x1 + margin,
                    y: plate.box.y1 + margin + Double(index) * lineHeight, dot: dot,
                    plate.colour.contrast)
            }
        }
    }
}
