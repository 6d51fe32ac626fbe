// A mean of few values, and how sure it is.
import Glibc

/// A mean and the interval in which 95 of 100 such means lie.
public struct MeanInterval: Sendable, Equatable {
    /// The mean.
    public let mean: Double
    /// How far the interval reaches to each side; nil for a single value.
    public let halfWidth: Double?

    /// Of values drawn from a normal distribution (Student's t).
    public init(_ values: [Double]) {
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        self.mean = mean
        guard values.count > 1 else {
            halfWidth = nil
            return
        }
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        halfWidth = Self.quantile(freedom: values.count - 1) * (variance / count).squareRoot()
    }

    /// The 97.5 % quantile of Student's distribution.
    ///
    /// - SeeAlso: Abramowitz and Stegun, 26.7.5 (Cornish-Fisher), exact below five.
    static func quantile(freedom: Int) -> Double {
        let exact = [12.706, 4.303, 3.182, 2.776]
        if freedom <= exact.count { return exact[freedom - 1] }
        let (z, n) = (1.959964, Double(freedom))
        let terms = [
            (pow(z, 3) + z) / 4, (5 * pow(z, 5) + 16 * pow(z, 3) + 3 * z) / 96,
            (3 * pow(z, 7) + 19 * pow(z, 5) + 17 * pow(z, 3) - 15 * z) / 384,
        ]
        return z + terms[0] / n + terms[1] / (n * n) + terms[2] / (n * n * n)
    }
}
