// Digits drawn by a random hand: enough like handwriting to learn from where no MNIST lies.
import Glibc
import Tensors

/// Renders digits 0 to 9 as 28x28 grey pictures, light on black, from strokes of our own.
///
/// A picture depends on its seed and number alone, on no library and no file.
public struct Digits: Sendable {
    /// Pixels of a side.
    public static let side = 28

    /// How much hands differ: 1 is like handwriting, 0 always writes each form alike.
    public var variety: Double

    /// A source of digits.
    public init(variety: Double = 1) { self.variety = variety }

    /// `count` pictures of digits in random order, each digit about equally often.
    public func pictures(_ count: Int, seed: UInt64) -> LabelledPictures {
        var random = RandomSource(seed: seed)
        var labels: [Int] = []
        let side = Self.side
        let pictures = Tensor<Float>(shape: [count, side * side]) { to in
            var sheet = PenSheet(side: side)
            for index in 0..<count {
                let digit = random.index(below: 10)
                labels.append(digit)
                draw(digit, on: &sheet, using: &random)
                for pixel in 0..<side * side { to[index * side * side + pixel] = sheet.ink[pixel] }
            }
        }
        return LabelledPictures(
            pictures, labels: labels, width: side, height: side, origin: "rendered digits")
    }

    /// Draws one digit.
    private func draw(_ digit: Int, on sheet: inout PenSheet, using random: inout RandomSource) {
        let forms = DigitShapes.forms[digit]
        let form = forms[random.index(below: forms.count)]
        let hand = Hand(variety: variety, using: &random)
        sheet.clear()
        for stroke in form {
            var points = stroke.points
            for index in points.indices {
                points[index].x += 0.03 * variety * random.normal()
                points[index].y += 0.03 * variety * random.normal()
            }
            // A loop still closes.
            if stroke.isClosed { points[points.count - 1] = points[0] }
            sheet.draw(stroke.path(through: points).map(hand.place), radius: hand.radius)
        }
        for index in sheet.ink.indices where sheet.ink[index] > 0 {
            sheet.ink[index] *= Float(hand.pressure)
        }
        let noise = 0.02 * variety
        for index in sheet.ink.indices {
            let grain = Float(noise * random.normal())
            sheet.ink[index] = min(max(sheet.ink[index] + max(grain, 0), 0), 1)
        }
    }
}

/// How one writer holds pen and paper for one digit.
private struct Hand {
    let radius: Double, pressure: Double
    private let width: Double, height: Double, slant: Double, turn: Double
    private let right: Double, down: Double

    init(variety: Double, using random: inout RandomSource) {
        func vary(_ mean: Double, _ deviation: Double, _ range: ClosedRange<Double>) -> Double {
            min(
                max(mean + variety * deviation * random.normal(), range.lowerBound),
                range.upperBound)
        }
        height = vary(18.5, 1.6, 14...22)
        width = vary(13.5, 2, 8...19)
        slant = vary(0.1, 0.2, -0.4...0.6)
        turn = vary(0, 0.1, -0.3...0.3)
        right = vary(0, 1, -2.5...2.5)
        down = vary(0, 1, -2.5...2.5)
        radius = vary(1.25, 0.35, 0.6...2.3)
        pressure = vary(0.95, 0.08, 0.6...1)
    }

    /// A place on the paper, in pixels.
    func place(_ point: PenPoint) -> PenPoint {
        let y = (point.y - 0.5) * height
        let x = (point.x - 0.5) * width - slant * y
        return PenPoint(
            14 + right + x * cos(turn) - y * sin(turn), 14 + down + x * sin(turn) + y * cos(turn))
    }
}
