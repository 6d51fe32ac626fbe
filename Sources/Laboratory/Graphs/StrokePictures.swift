// Strokes for the experiment on predictive-coding graphs: harder than the others, and with more to complete.
import Glibc
import Tensors

/// Pictures to learn from, and others to measure on.
struct PCPictureSplit: Sendable {
    var train: LabelledPictures
    var test: LabelledPictures
}

/// Draws 8x8 pictures of ten classes: each class is four strokes, moved, dimmed and noised.
struct StrokePictures: Sendable {
    /// Pixels along an edge, and kinds.
    static let side = 8, classCount = 10
    /// Farthest that a picture is moved either way, in pixels.
    var shift = 1.1
    /// Standard deviation of the noise in every pixel.
    var noise = 0.08
    /// Strokes from point to point, for each class.
    private let strokes: [[(from: SIMD2<Double>, to: SIMD2<Double>)]]

    /// The ten classes; they are the same in every program.
    init() {
        var random = RandomSource(seed: 2022)
        func point() -> SIMD2<Double> {
            SIMD2(random.uniform(in: 0.5..<6.5), random.uniform(in: 0.5..<6.5))
        }
        strokes = (0..<Self.classCount).map { _ in
            (0..<4).map { _ in
                var (from, to) = (point(), point())
                // Dots say little.
                while simdLength(to - from) < 3 { (from, to) = (point(), point()) }
                return (from, to)
            }
        }
    }

    /// Draws `count` pictures, all classes equally often, in random order.
    func draw(_ count: Int, using random: inout RandomSource) -> LabelledPictures {
        let labels = (0..<count).map { $0 % Self.classCount }.shuffled(using: &random)
        var pixels: [Float] = []
        pixels.reserveCapacity(count * Self.side * Self.side)
        for label in labels {
            let offset = SIMD2(
                random.uniform(in: -shift..<shift), random.uniform(in: -shift..<shift))
            let brightness = random.uniform(in: 0.85..<1.1)
            for y in 0..<Self.side {
                for x in 0..<Self.side {
                    let place = SIMD2(Double(x), Double(y)) - offset
                    let value =
                        brightness * ink(label, at: place) + noise * random.normal()
                    pixels.append(Float(min(max(value, 0), 1)))
                }
            }
        }
        return LabelledPictures(
            Tensor(pixels, shape: [count, Self.side * Self.side]), labels: labels,
            width: Self.side, height: Self.side, origin: "strokes")
    }

    /// How dark a class is at a place: 1 on a stroke, 0 a pixel and a half away from all.
    private func ink(_ label: Int, at place: SIMD2<Double>) -> Double {
        strokes[label].reduce(0) { darkest, stroke in
            let along = stroke.to - stroke.from
            let part = (along * (place - stroke.from)).sum() / (along * along).sum()
            let nearest = stroke.from + min(max(part, 0), 1) * along
            let distance = simdLength(place - nearest)
            return max(darkest, exp(-distance * distance / (2 * 0.4)))
        }
    }
}

private func simdLength(_ x: SIMD2<Double>) -> Double { (x * x).sum().squareRoot() }
