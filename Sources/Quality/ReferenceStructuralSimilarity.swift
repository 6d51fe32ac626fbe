// SSIM by its definition, window by window in double precision: what the fast kernel must equal.
import Glibc
import Media

/// SSIM and its contrast-structure part by the definition: readable and slow.
public enum ReferenceStructuralSimilarity {
    /// Means of SSIM and of its contrast-structure part over all windows that fit.
    public static func means(
        _ a: [[Double]], _ b: [[Double]], peak: Double
    ) -> (ssim: Double, contrast: Double) {
        let side = StructuralSimilarity.window
        let tap = (0..<side).map {
            exp(-Double(($0 - side / 2) * ($0 - side / 2)) / (2 * 1.5 * 1.5))
        }
        let total = tap.reduce(0, +)
        let (c1, c2) = (pow(0.01 * peak, 2), pow(0.03 * peak, 2))
        var (ssim, contrast, count) = (0.0, 0.0, 0.0)
        for y in 0...(a.count - side) {
            for x in 0...(a[0].count - side) {
                func mean(_ value: (Int, Int) -> Double) -> Double {
                    var sum = 0.0
                    for j in 0..<side {
                        for i in 0..<side { sum += tap[i] * tap[j] * value(y + j, x + i) }
                    }
                    return sum / (total * total)
                }
                let (ma, mb) = (mean { a[$0][$1] }, mean { b[$0][$1] })
                let va = mean { (a[$0][$1] - ma) * (a[$0][$1] - ma) }
                let vb = mean { (b[$0][$1] - mb) * (b[$0][$1] - mb) }
                let covariance = mean { (a[$0][$1] - ma) * (b[$0][$1] - mb) }
                let structure = (2 * covariance + c2) / (va + vb + c2)
                contrast += structure
                ssim += structure * (2 * ma * mb + c1) / (ma * ma + mb * mb + c1)
                count += 1
            }
        }
        return (ssim / count, contrast / count)
    }

    /// MS-SSIM over five scales, halved by means of 2x2.
    public static func multiScale(_ a: [[Double]], _ b: [[Double]], peak: Double) -> Double {
        var (a, b, result) = (a, b, 1.0)
        let weights = StructuralSimilarity.scaleWeights
        for (scale, weight) in weights.enumerated() {
            if scale > 0 { (a, b) = (halved(a), halved(b)) }
            let (ssim, contrast) = means(a, b, peak: peak)
            result *= pow(max(scale == weights.count - 1 ? ssim : contrast, 0), weight)
        }
        return result
    }

    private static func halved(_ x: [[Double]]) -> [[Double]] {
        (0..<x.count / 2).map { j in
            (0..<x[0].count / 2).map { i in
                let upper = x[2 * j][2 * i] + x[2 * j][2 * i + 1]
                let lower = x[2 * j + 1][2 * i] + x[2 * j + 1][2 * i + 1]
                return (upper + lower) / 4
            }
        }
    }
}
