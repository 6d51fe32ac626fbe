// The directions in which rows of numbers vary most.
import Glibc
import Tensors

/// Rows of many numbers as few: their coordinates along the directions of largest variance.
struct PrincipalComponents {
    /// The mean row.
    private let mean: [Double]
    /// Directions of length 1, those of most variance first.
    let directions: [[Double]]
    /// Standard deviations along them.
    let deviations: [Double]

    /// The first components of some rows, by orthogonal iteration on their covariance.
    ///
    /// - Parameters:
    ///   - rows: Two or more, of one length.
    ///   - count: How many, at most the length of a row.
    ///   - rounds: Of iteration; directions whose variances differ little need many, and matter little.
    init(of rows: [[Float]], count: Int, rounds: Int = 40, using random: inout RandomSource) {
        let width = rows[0].count
        precondition(rows.count > 1 && count <= width, "\(count) of \(rows.count) x \(width)")
        var mean = [Double](repeating: 0, count: width)
        for row in rows {
            for (index, value) in row.enumerated() {
                mean[index] += Double(value) / Double(rows.count)
            }
        }
        var covariance = [Double](repeating: 0, count: width * width)
        for row in rows {
            let centred = zip(row, mean).map { Double($0) - $1 }
            for (i, left) in centred.enumerated() {
                for j in i..<width { covariance[i * width + j] += left * centred[j] }
            }
        }
        for i in 0..<width {
            for j in 0..<i { covariance[i * width + j] = covariance[j * width + i] }
        }
        var directions = (0..<count).map { _ in
            (0..<width).map { _ in random.uniform(in: -1..<1) }
        }
        Self.orthonormalise(&directions)
        func turned(_ direction: [Double]) -> [Double] {
            (0..<width).map { i in
                var sum = 0.0
                for j in 0..<width { sum += covariance[i * width + j] * direction[j] }
                return sum
            }
        }
        for _ in 0..<rounds {
            directions = directions.map(turned)
            Self.orthonormalise(&directions)
        }
        deviations = directions.map { direction in
            let variance = zip(turned(direction), direction).reduce(0) { $0 + $1.0 * $1.1 }
            return (max(variance, 0) / Double(rows.count - 1)).squareRoot()
        }
        (self.mean, self.directions) = (mean, directions)
    }

    /// A row's coordinates, each in units of its standard deviation.
    func callAsFunction(_ row: [Float]) -> [Double] {
        zip(directions, deviations).map { direction, deviation in
            var sum = 0.0
            for index in row.indices {
                sum += direction[index] * (Double(row[index]) - mean[index])
            }
            return sum / max(deviation, 1e-12)
        }
    }

    /// Gram and Schmidt; directions that are none become unit vectors.
    private static func orthonormalise(_ directions: inout [[Double]]) {
        for index in directions.indices {
            for earlier in 0..<index {
                let share = zip(directions[index], directions[earlier]).reduce(0) {
                    $0 + $1.0 * $1.1
                }
                for k in directions[index].indices {
                    directions[index][k] -= share * directions[earlier][k]
                }
            }
            let length = directions[index].reduce(0) { $0 + $1 * $1 }.squareRoot()
            directions[index] =
                length > 1e-300
                ? directions[index].map { $0 / length }
                : directions[index].indices.map { $0 == index ? 1 : 0 }
        }
    }
}
