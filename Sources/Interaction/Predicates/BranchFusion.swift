// What two branches say of a verb, as one.
import Glibc
import Tensors

/// Logistic regression on the logits of both branches of the predicate head: three numbers, the same for all verbs.
///
/// - SeeAlso: Platt, "Probabilistic outputs for support vector machines" (1999), for one branch.
public struct BranchFusion: Sendable, Hashable, CustomStringConvertible {
    /// What a logit of each branch counts, and what is added.
    public var geometry: Double, appearance: Double, offset: Double

    /// Logits beyond this say no more than that they are.
    static let limit = 8.0

    /// The given numbers.
    public init(geometry: Double, appearance: Double, offset: Double) {
        (self.geometry, self.appearance, self.offset) = (geometry, appearance, offset)
    }

    /// The three numbers.
    public var description: String { "\(geometry) \(appearance) \(offset)" }

    /// The numbers that ``description`` writes; nil for anything else.
    public init?(_ description: String) {
        let numbers = description.split(separator: " ").compactMap { Double($0) }
        guard numbers.count == 3, numbers.allSatisfy(\.isFinite) else { return nil }
        self.init(geometry: numbers[0], appearance: numbers[1], offset: numbers[2])
    }

    /// The logit of both.
    public func logit(geometry: Double, appearance: Double) -> Double {
        self.geometry * Self.bounded(geometry) + self.appearance * Self.bounded(appearance)
            + offset
    }

    private static func bounded(_ logit: Double) -> Double { min(max(logit, -limit), limit) }

    /// A verb that was asked about, and whether it was so.
    public struct Sample: Sendable {
        let geometry: Double, appearance: Double, isSo: Bool

        /// What both branches say, and the truth.
        public init(geometry: Double, appearance: Double, isSo: Bool) {
            (self.geometry, self.appearance, self.isSo) = (geometry, appearance, isSo)
        }
    }

    /// The most likely numbers for samples, by Newton's method.
    ///
    /// A tiny penalty keeps them finite where samples can be told apart entirely.
    public init(fitting samples: [Sample]) {
        var weights = [1.0, 0, 0]
        for _ in 0..<50 {
            var gradient = weights.map { 1e-3 * $0 }
            var curvature = (0..<3).map { row in (0..<3).map { row == $0 ? 1e-3 : 0 } }
            for sample in samples {
                let inputs = [Self.bounded(sample.geometry), Self.bounded(sample.appearance), 1]
                let logit = zip(weights, inputs).reduce(0) { $0 + $1.0 * $1.1 }
                let probability = 1 / (1 + exp(-logit))
                let error = probability - (sample.isSo ? 1 : 0)
                let slope = probability * (1 - probability)
                for row in 0..<3 {
                    gradient[row] += error * inputs[row]
                    for column in 0..<3 {
                        curvature[row][column] += slope * inputs[row] * inputs[column]
                    }
                }
            }
            let step = Self.solution(curvature, gradient)
            for row in 0..<3 { weights[row] -= step[row] }
            if step.allSatisfy({ abs($0) < 1e-9 }) { break }
        }
        self.init(geometry: weights[0], appearance: weights[1], offset: weights[2])
    }

    /// Solves three equations by elimination; the matrix is positive definite.
    private static func solution(_ matrix: [[Double]], _ right: [Double]) -> [Double] {
        var (a, b) = (matrix, right)
        for pivot in 0..<3 {
            for row in pivot + 1..<3 {
                let factor = a[row][pivot] / a[pivot][pivot]
                for column in pivot..<3 { a[row][column] -= factor * a[pivot][column] }
                b[row] -= factor * b[pivot]
            }
        }
        for row in (0..<3).reversed() {
            for column in row + 1..<3 { b[row] -= a[row][column] * b[column] }
            b[row] /= a[row][row]
        }
        return b
    }
}
