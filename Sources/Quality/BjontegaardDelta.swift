// How many bits a codec saves at equal quality, or what it gains at equal bits: one number for a curve.
import Glibc

/// A point of a rate-distortion curve.
public struct RatePoint: Sendable, Hashable {
    /// Bits per pixel or per second, and quality in decibels.
    public let rate: Double, decibels: Double

    /// A point of the given coordinates.
    public init(rate: Double, decibels: Double) {
        self.rate = rate
        self.decibels = decibels
    }
}

/// Bjøntegaard's delta rate: the mean change of rate at equal quality, as a part of 1; -0.1 saves a
/// tenth. Curves are monotone piecewise cubics of the logarithm of rates over decibels.
///
/// - Returns: nil where a curve has fewer than two points or is not rising, or where the two share no
///   qualities.
/// - SeeAlso: Bjøntegaard, VCEG-M33 (2001); ITU-T HSTP-VID-WPOM (2020), section 8, for the cubics.
public func bjontegaardRate(reference: [RatePoint], test: [RatePoint]) -> Double? {
    guard let a = RateCurve(reference), let b = RateCurve(test) else { return nil }
    let low = max(a.low, b.low), high = min(a.high, b.high)
    guard high > low else { return nil }
    return exp((b.integral(from: low, to: high) - a.integral(from: low, to: high)) / (high - low))
        - 1
}

/// The logarithm of the rate as a function of decibels.
private struct RateCurve {
    private let x: [Double], y: [Double], slopes: [Double]

    var low: Double { x.first! }
    var high: Double { x.last! }

    init?(_ points: [RatePoint]) {
        let sorted = points.sorted { $0.decibels < $1.decibels }
        guard sorted.count > 1, sorted.allSatisfy({ $0.rate > 0 && $0.decibels.isFinite }),
            zip(sorted, sorted.dropFirst()).allSatisfy({
                $0.decibels < $1.decibels && $0.rate < $1.rate
            })
        else { return nil }
        x = sorted.map(\.decibels)
        y = sorted.map { log($0.rate) }
        slopes = RateCurve.slopes(x, y)
    }

    /// Fritsch and Carlson's slopes, which let no curve overshoot its points.
    private static func slopes(_ x: [Double], _ y: [Double]) -> [Double] {
        let count = x.count
        let h = (0..<count - 1).map { x[$0 + 1] - x[$0] }
        let d = (0..<count - 1).map { (y[$0 + 1] - y[$0]) / h[$0] }
        guard count > 2 else { return [d[0], d[0]] }
        /// At an end, from the two nearest pieces.
        func end(_ h0: Double, _ h1: Double, _ d0: Double, _ d1: Double) -> Double {
            let slope = ((2 * h0 + h1) * d0 - h0 * d1) / (h0 + h1)
            return slope * d0 <= 0 ? 0 : min(slope, 3 * d0)
        }
        var result = [end(h[0], h[1], d[0], d[1])]
        for i in 1..<count - 1 {
            let (w0, w1) = (2 * h[i] + h[i - 1], h[i] + 2 * h[i - 1])
            result.append((w0 + w1) / (w0 / d[i - 1] + w1 / d[i]))
        }
        return result + [end(h[count - 2], h[count - 3], d[count - 2], d[count - 3])]
    }

    /// The area under the curve between two qualities that it covers.
    func integral(from a: Double, to b: Double) -> Double {
        (0..<x.count - 1).reduce(0) { sum, i in
            let from = max(a, x[i]), to = min(b, x[i + 1])
            return from < to ? sum + piece(i, to) - piece(i, from) : sum
        }
    }

    /// The area under piece `i` from its beginning to `at`.
    private func piece(_ i: Int, _ at: Double) -> Double {
        let h = x[i + 1] - x[i], t = (at - x[i]) / h
        let (m0, m1) = (slopes[i] * h, slopes[i + 1] * h)
        let cubic = 2 * y[i] + m0 - 2 * y[i + 1] + m1
        let square = -3 * y[i] + 3 * y[i + 1] - 2 * m0 - m1
        return h * t * (y[i] + t * (m0 / 2 + t * (square / 3 + t * cubic / 4)))
    }
}
