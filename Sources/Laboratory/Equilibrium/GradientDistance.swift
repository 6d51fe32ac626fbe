// How far two gradients are apart, and how such distances shrink.
import Glibc
import Tensors

/// Two gradients by path, compared over all parameters at once.
struct GradientDistance {
    /// |a - b| / |b|.
    let relative: Double
    /// 1 - cos of the angle between them, from the difference of their directions: so it keeps its
    /// digits where the cosine is 1 but for 10⁻¹⁶.
    let angular: Double

    /// The distance of `gradient` from `truth`; a path it lacks counts as zeros.
    init<Scalar: TensorScalar>(
        of gradient: [String: Tensor<Scalar>], from truth: [String: Tensor<Double>]
    ) {
        var pairs: [(Double, Double)] = []
        for (path, value) in truth {
            let other = gradient[path]?.converted(to: Double.self).elements
            for (index, element) in value.elements.enumerated() {
                pairs.append((other?[index] ?? 0, element))
            }
        }
        let lengthA = pairs.reduce(0) { $0 + $1.0 * $1.0 }.squareRoot()
        let lengthB = pairs.reduce(0) { $0 + $1.1 * $1.1 }.squareRoot()
        let distance = pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
        relative = distance / lengthB
        // |a/|a| - b/|b||² = 2 (1 - cos).
        angular = pairs.reduce(0) { sum, pair in
            let difference = pair.0 / lengthA - pair.1 / lengthB
            return sum + difference * difference / 2
        }
    }
}

/// Numbers over starts; those that are not finite, of starts that did not settle, are left out.
struct Spread {
    let mean: Double
    /// The standard deviation; 0 of a single number.
    let deviation: Double

    init(_ values: [Double]) {
        let values = values.filter(\.isFinite)
        let mean = values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count)
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        self.mean = mean
        deviation = values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : 0
    }

    /// As a cell of a table; a dash where there is nothing to show.
    var cell: ResultCell {
        mean.isFinite ? .spread(mean: mean, deviation: deviation) : .text("-")
    }
}

/// The slope of the straight line through points of log y over log x, by least squares; nil of
/// fewer than two points.
func fittedOrder(_ points: [(x: Double, y: Double)]) -> Double? {
    guard points.count >= 2 else { return nil }
    let logs = points.map { (x: Glibc.log($0.x), y: Glibc.log($0.y)) }
    let count = Double(logs.count)
    let x = logs.reduce(0) { $0 + $1.x } / count
    let y = logs.reduce(0) { $0 + $1.y } / count
    let product = logs.reduce(0) { $0 + ($1.x - x) * ($1.y - y) }
    let square = logs.reduce(0) { $0 + ($1.x - x) * ($1.x - x) }
    return product / square
}

/// A number with few digits for a sentence, as "0.0042" or "3.1e-8".
func brief(_ value: Double) -> String {
    guard value.isFinite, value != 0 else { return "\(value)" }
    let exponent = Int(Glibc.floor(Glibc.log10(abs(value))))
    let scale = Glibc.pow(10, Double(exponent))
    let mantissa = (value / scale * 100).rounded() / 100
    return (-3...3).contains(exponent)
        ? "\((value * 1e6).rounded() / 1e6)" : "\(mantissa)e\(exponent)"
}
