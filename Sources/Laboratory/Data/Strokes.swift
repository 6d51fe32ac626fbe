// Ten kinds of small pictures of a stroke or two: what small networks learn within seconds.
import Tensors

/// 8x8 grey pictures of ten fixed patterns, jittered in place and strength, with noise.
public struct Strokes: Sendable {
    /// Pixels of a side.
    public static let side = 8

    /// Standard deviation of the noise on each pixel.
    public var noise: Double
    /// Standard deviation of where a stroke's ends lie, in pixels.
    public var jitter: Double

    /// A source of strokes.
    public init(noise: Double = 0.1, jitter: Double = 0.45) {
        (self.noise, self.jitter) = (noise, jitter)
    }

    /// For each kind its strokes, from and to, in pixels.
    private static let patterns: [[(PenPoint, PenPoint)]] = {
        func stroke(_ x0: Double, _ y0: Double, _ x1: Double, _ y1: Double) -> (PenPoint, PenPoint)
        { (PenPoint(x0, y0), PenPoint(x1, y1)) }
        let down = stroke(4, 1, 4, 7), across = stroke(1, 4, 7, 4)
        let falling = stroke(1.2, 1.2, 6.8, 6.8), rising = stroke(1.2, 6.8, 6.8, 1.2)
        return [
            [down], [across], [falling], [rising],
            // A cross upright and one on its side; a corner; two bars either way; a roof.
            [down, across], [falling, rising],
            [stroke(1.6, 1, 1.6, 6.4), stroke(1.6, 6.4, 7, 6.4)],
            [stroke(2, 1, 2, 7), stroke(6, 1, 6, 7)], [stroke(1, 2, 7, 2), stroke(1, 6, 7, 6)],
            [stroke(1.2, 6.4, 4, 1.6), stroke(4, 1.6, 6.8, 6.4)],
        ]
    }()

    /// `count` pictures in random order, each kind about equally often.
    public func pictures(_ count: Int, seed: UInt64) -> LabelledPictures {
        var random = RandomSource(seed: seed)
        var labels: [Int] = []
        let side = Self.side
        let pictures = Tensor<Float>(shape: [count, side * side]) { to in
            var sheet = PenSheet(side: side)
            for index in 0..<count {
                let kind = random.index(below: 10)
                labels.append(kind)
                sheet.clear()
                let (right, down) = (0.4 * random.normal(), 0.4 * random.normal())
                for (from, end) in Self.patterns[kind] {
                    let ends = [from, end].map { point in
                        PenPoint(
                            point.x + right + jitter * random.normal(),
                            point.y + down + jitter * random.normal())
                    }
                    let strength = Float(random.uniform(in: 0.6..<1))
                    sheet.draw(ends, radius: 0.55, strength: strength)
                }
                for pixel in 0..<side * side {
                    let value = sheet.ink[pixel] + Float(noise * random.normal())
                    to[index * side * side + pixel] = min(max(value, 0), 1)
                }
            }
        }
        return LabelledPictures(
            pictures, labels: labels, width: side, height: side, origin: "strokes")
    }
}
