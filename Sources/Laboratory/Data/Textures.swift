// Pictures like surfaces: clouds of all sizes with as much of each as photographs have.
import Glibc
import Tensors

/// Colour pictures whose spectrum falls as one over the frequency, each as bright and as varied as the others.
///
/// - SeeAlso: Field (1987) on the spectra of natural images.
public struct Textures: Sendable {
    /// Pixels of a side.
    public static let side = 16

    /// Whether pictures differ in brightness and contrast too, as photographs do.
    public var isVaried: Bool

    /// A source of textures.
    public init(isVaried: Bool = false) { self.isVaried = isVaried }

    /// `count` pictures, `[count, 3 * 16 * 16]`, without labels: all are 0.
    public func pictures(_ count: Int, seed: UInt64) -> LabelledPictures {
        var random = RandomSource(seed: seed)
        let side = Self.side, plane = side * side
        let tables = (
            cosine: (0..<side).map { cos(2 * .pi * Double($0) / Double(side)) },
            sine: (0..<side).map { sin(2 * .pi * Double($0) / Double(side)) }
        )
        let pictures = Tensor<Float>(shape: [count, 3 * plane]) { to in
            for index in 0..<count {
                let brightness = isVaried ? random.uniform(in: 0.15..<0.85) : 0.5
                let contrast = isVaried ? random.uniform(in: 0.05..<0.25) : 0.18
                let shared = Self.cloud(tables.cosine, tables.sine, using: &random)
                for channel in 0..<3 {
                    let own = Self.cloud(tables.cosine, tables.sine, using: &random)
                    // Colours go together, mostly.
                    let values = Self.normalised(zip(shared, own).map { 0.8 * $0 + 0.6 * $1 })
                    let start = (index * 3 + channel) * plane
                    for pixel in 0..<plane {
                        to[start + pixel] = Float(
                            min(max(brightness + contrast * values[pixel], 0), 1))
                    }
                }
            }
        }
        return LabelledPictures(
            pictures, labels: [Int](repeating: 0, count: count), width: side, height: side,
            channels: 3, origin: isVaried ? "textures of varied brightness" : "textures")
    }

    /// Waves of all frequencies that a picture can show, one over the frequency strong.
    private static func cloud(
        _ cosine: [Double], _ sine: [Double], using random: inout RandomSource
    ) -> [Double] {
        var cloud = [Double](repeating: 0, count: side * side)
        for v in 0...side / 2 {
            for u in (1 - side / 2)...side / 2 where v > 0 || u > 0 {
                let strength = 1 / Double(u * u + v * v).squareRoot()
                let (a, b) = (strength * random.normal(), strength * random.normal())
                for y in 0..<side {
                    for x in 0..<side {
                        let phase = ((u * x + v * y) % side + side) % side
                        cloud[y * side + x] += a * cosine[phase] + b * sine[phase]
                    }
                }
            }
        }
        return normalised(cloud)
    }

    /// Numbers with the mean 0 and the variance 1.
    private static func normalised(_ x: [Double]) -> [Double] {
        let mean = x.reduce(0, +) / Double(x.count)
        let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)
        return x.map { ($0 - mean) / variance.squareRoot() }
    }
}
