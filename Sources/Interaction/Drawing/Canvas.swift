// A picture that is drawn on.
import Glibc
import Media

/// Red, green and blue, 0 to 255.
struct Colour: Equatable {
    let red: Double, green: Double, blue: Double

    init(_ red: Double, _ green: Double, _ blue: Double) {
        (self.red, self.green, self.blue) = (red, green, blue)
    }

    static let black = Colour(0, 0, 0), white = Colour(255, 255, 255)

    /// Light that it gives, 0 to 1.
    ///
    /// - SeeAlso: W3C, "Web Content Accessibility Guidelines 2.1", relative luminance.
    var luminance: Double {
        func light(_ value: Double) -> Double {
            let v = value / 255
            return v <= 0.03928 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4)
        }
        return 0.2126 * light(red) + 0.7152 * light(green) + 0.0722 * light(blue)
    }

    /// Black or white, whichever stands out more from it.
    var contrast: Colour { luminance > 0.179 ? .black : .white }
}

/// Draws with soft edges; what lies outside is cut off.
struct Canvas {
    let width: Int, height: Int
    private var pixels: [UInt8]

    init(_ picture: UprightPicture) {
        (width, height, pixels) = (picture.width, picture.height, picture.pixels)
    }

    /// What was drawn.
    var picture: UprightPicture { UprightPicture(width: width, height: height, pixels: pixels) }

    /// Paints each pixel of a rectangle by the share that `coverage` gives for its centre.
    private mutating func paint(
        _ area: Box, _ colour: Colour, _ coverage: (Double, Double) -> Double
    ) {
        let inside = area.clipped(width: width, height: height)
        guard !inside.isEmpty else { return }
        let values = [colour.red, colour.green, colour.blue]
        for y in Int(inside.y1)..<min(height, Int(inside.y2.rounded(.up))) {
            for x in Int(inside.x1)..<min(width, Int(inside.x2.rounded(.up))) {
                let share = min(max(coverage(Double(x) + 0.5, Double(y) + 0.5), 0), 1)
                guard share > 0 else { continue }
                let at = 3 * (y * width + x)
                for channel in 0..<3 {
                    let old = Double(pixels[at + channel])
                    pixels[at + channel] = UInt8(old + (values[channel] - old) * share + 0.5)
                }
            }
        }
    }

    /// Fills a rectangle.
    mutating func fill(_ box: Box, _ colour: Colour, opacity: Double = 1) {
        paint(box, colour) { x, y in
            x > box.x1 && x < box.x2 && y > box.y1 && y < box.y2 ? opacity : 0
        }
    }

    /// Draws the edge of a rectangle, half of its thickness inside.
    mutating func outline(_ box: Box, _ colour: Colour, thickness: Double) {
        let half = thickness / 2
        let (x1, y1, x2, y2) = (box.x1 - half, box.y1 - half, box.x2 + half, box.y2 + half)
        for side in [
            Box(x1, y1, x2, y1 + thickness), Box(x1, y2 - thickness, x2, y2),
            Box(x1, y1 + thickness, x1 + thickness, y2 - thickness),
            Box(x2 - thickness, y1 + thickness, x2, y2 - thickness),
        ] { fill(side, colour) }
    }

    /// Draws a line with round ends.
    mutating func line(
        from a: (x: Double, y: Double), to b: (x: Double, y: Double), _ colour: Colour,
        thickness: Double
    ) {
        let half = thickness / 2, margin = half + 1
        let area = Box(
            min(a.x, b.x) - margin, min(a.y, b.y) - margin, max(a.x, b.x) + margin,
            max(a.y, b.y) + margin)
        let (dx, dy) = (b.x - a.x, b.y - a.y)
        let square = max(dx * dx + dy * dy, 1e-9)
        paint(area, colour) { x, y in
            let along = min(max(((x - a.x) * dx + (y - a.y) * dy) / square, 0), 1)
            return half + 0.5 - hypot(x - a.x - along * dx, y - a.y - along * dy)
        }
    }

    /// Writes a line of text, its upper left corner at (`x`, `y`).
    ///
    /// - Parameter dot: Pixels of one dot of a letter, at least 1.
    mutating func write(_ text: String, x: Double, y: Double, dot: Double, _ colour: Colour) {
        for (place, letter) in text.enumerated() {
            let rows = Glyphs.rows(of: letter)
            func value(_ column: Int, _ row: Int) -> Double {
                guard rows.indices.contains(row), (0..<Glyphs.width).contains(column) else {
                    return 0
                }
                return rows[row] >> (Glyphs.width - 1 - column) & 1 == 1 ? 1 : 0
            }
            let left = x + Double(place * Glyphs.advance) * dot
            let area = Box(
                left - dot, y - dot, left + Double(Glyphs.width + 1) * dot,
                y + Double(Glyphs.height + 1) * dot)
            // Between dots ink is interpolated, and where there is more than half of it, there is ink: round corners.
            paint(area, colour) { px, py in
                let u = (px - left) / dot - 0.5, v = (py - y) / dot - 0.5
                let (u0, v0) = (u.rounded(.down), v.rounded(.down))
                let (column, row) = (Int(u0), Int(v0))
                let (fu, fv) = (u - u0, v - v0)
                let upper = value(column, row) * (1 - fu) + value(column + 1, row) * fu
                let lower = value(column, row + 1) * (1 - fu) + value(column + 1, row + 1) * fu
                return (upper * (1 - fv) + lower * fv - 0.5) * dot * 1.5 + 0.5
            }
        }
    }
}
