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
