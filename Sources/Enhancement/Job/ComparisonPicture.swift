// One picture that shows what enhancement did: before, after, and details four times as large.
import Media

/// Lays out a frame before and after enhancement: both whole, and below them crops at 4x of the
/// places that changed most.
public struct ComparisonPicture {
    /// How much larger the crops are shown.
    public var magnification = 4
    /// Number of places that are shown larger, two a row.
    public var cropCount = 4

    public init() {}

    /// Draws `before` and `after`, and the original where there is one: upright pictures of equal
    /// size, side by side.
    public func draw(
        before: UprightPicture, after: UprightPicture, original: UprightPicture? = nil
    ) -> UprightPicture {
        let pictures = [before, after] + (original.map { [$0] } ?? [])
        precondition(pictures.allSatisfy { $0.width == before.width && $0.height == before.height })
        let gap = 4, count = pictures.count
        let width = count * before.width + (count - 1) * gap
        // Two places a row, with gaps within each and three gaps between them.
        let perRow = 2
        let gaps = (perRow * (count - 1) + 3) * gap
        let side = max(1, min((width - gaps) / (perRow * count * magnification), before.height))
        let shown = side * magnification
        let placeWidth = count * shown + (count - 1) * gap
        let places = busiest(before, after, side: side)
        let rows = (places.count + perRow - 1) / perRow
        let height = before.height + rows * (shown + 3 * gap)
        var canvas = Canvas(width: width, height: height)
        for (index, picture) in pictures.enumerated() {
            canvas.paste(picture, x: index * (before.width + gap), y: 0)
        }
        for (index, place) in places.enumerated() {
            let x = index % perRow * (placeWidth + 3 * gap)
            let y = before.height + 3 * gap + index / perRow * (shown + 3 * gap)
            for (column, picture) in pictures.enumerated() {
                canvas.paste(
                    picture.enlarged(x: place.x, y: place.y, side: side, by: magnification),
                    x: x + column * (shown + gap), y: y)
            }
        }
        return canvas.picture
    }

    /// The corners of the crops that changed most, none overlapping another.
    private func busiest(
        _ before: UprightPicture, _ after: UprightPicture, side: Int
    ) -> [(x: Int, y: Int)] {
        var scored: [(change: Int, x: Int, y: Int)] = []
        for y in stride(from: 0, through: before.height - side, by: max(side / 2, 1)) {
            for x in stride(from: 0, through: before.width - side, by: max(side / 2, 1)) {
                var change = 0
                for row in stride(from: y, to: y + side, by: 2) {
                    let start = 3 * (row * before.width + x)
                    for i in stride(from: start, to: start + 3 * side, by: 3) {
                        change += abs(Int(before.pixels[i + 1]) - Int(after.pixels[i + 1]))
                    }
                }
                scored.append((change, x, y))
            }
        }
        var chosen: [(x: Int, y: Int)] = []
        for candidate in scored.sorted(by: { $0.change > $1.change }) {
            let isFree = chosen.allSatisfy {
                abs($0.x - candidate.x) >= side || abs($0.y - candidate.y) >= side
            }
            if isFree { chosen.append((candidate.x, candidate.y)) }
            if chosen.count == cropCount { break }
        }
        return chosen
    }
}

/// A picture that is being put together.
/// An unfinished picture on a dark ground.
struct Canvas {
    let width: Int, height: Int
    private var pixels: [UInt8]

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        pixels = [UInt8](repeating: 24, count: 3 * width * height)
    }

    var picture: UprightPicture { UprightPicture(width: width, height: height, pixels: pixels) }

    /// Copies a picture to (`x`, `y`); what does not fit is cut.
    mutating func paste(_ other: UprightPicture, x: Int, y: Int) {
        for row in 0..<min(other.height, height - y) {
            let count = 3 * min(other.width, width - x)
            let source = 3 * row * other.width
            let target = 3 * ((y + row) * width + x)
            pixels.replaceSubrange(
                target..<target + count, with: other.pixels[source..<source + count])
        }
    }
}

extension UprightPicture {
    /// A square part with each pixel repeated `factor` times both ways: nothing is invented.
    func enlarged(x: Int, y: Int, side: Int, by factor: Int) -> UprightPicture {
        let size = side * factor
        var result = [UInt8](repeating: 0, count: 3 * size * size)
        for row in 0..<size {
            for column in 0..<size {
                let source = 3 * ((y + row / factor) * width + x + column / factor)
                let target = 3 * (row * size + column)
                for channel in 0..<3 { result[target + channel] = pixels[source + channel] }
            }
        }
        return UprightPicture(width: size, height: size, pixels: result)
    }
}
