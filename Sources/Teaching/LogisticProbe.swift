// A linear classifier on codes: what one would train instead of remembering.
import Compute
import Graphs
import Tensors

/// Logistic regression of each taught interaction against the other examples and people whose doing is known.
struct LogisticProbe {
    private let weights: Tensor<Float>, offsets: [Float]

    /// Examples of an interaction count together as much as a tenth of all others.
    private static let share: Float = 0.1
    /// Steps of accelerated descent.
    private static let steps = 200

    /// Learns from the examples of a trial.
    ///
    /// - Parameter penalty: Of the squared weights; offsets are free.
    /// - Throws: `PlanError`.
    /// - SeeAlso: Nesterov, "Introductory Lectures on Convex Optimization" (2004), section 2.2.
    init(_ trial: TeachingGround.Trial, penalty: Double, threads: Int) throws {
        let (width, codes) = (trial.triplets.count, trial.space.codeCount)
        let rows = trial.shown.count + trial.knownCodes.shape[0]
        // A column of ones is the offset's.
        let all = trial.examples.elements + trial.knownCodes.elements
        let x = Tensor<Float>(shape: [rows, codes + 1]) { x in
            for row in 0..<rows {
                for column in 0..<codes {
                    x[row * (codes + 1) + column] = all[row * codes + column]
                }
                x[row * (codes + 1) + codes] = 1
            }
        }
        var truth = [Float](repeating: 0, count: rows * width), importance = truth
        for column in 0..<width {
            let examples = Float(trial.shown.count { $0 == column })
            for row in 0..<rows {
                let isSo = row < trial.shown.count && trial.shown[row] == column
                truth[row * width + column] = isSo ? 1 : 0
                importance[row * width + column] = isSo ? Self.share * Float(rows) / examples : 1
            }
        }
        let graph = Graph.build { builder in
            let x = builder.parameter("x")
            let error =
                (x.times(builder.input("weights")).sigmoid - builder.parameter("truth"))
                * builder.parameter("importance")
            builder.output(x.times(error, transposed: true, false), "gradient")
        }
        let shape: Shape = [codes + 1, width]
        let plan = try Plan(
            graph,
            shapes: [
                "x": x.shape, "truth": [rows, width], "importance": [rows, width],
                "weights": shape,
            ], options: PlanOptions(threads: threads))
        plan.setParameters([
            "x": x, "truth": Tensor(truth, shape: [rows, width]),
            "importance": Tensor(importance, shape: [rows, width]),
        ])
        // Rows have the length √2, so that the curvature is at most a half of what all count.
        let curvature = Float(rows) * (1 + Self.share) / 2 + Float(penalty)
        // The penalty is the least curvature of all but the offset.
        let ratio = (Float(penalty) / curvature).squareRoot()
        let momentum = (1 - ratio) / (1 + ratio)
        var current = [Float](repeating: 0, count: shape.count), ahead = current
        for _ in 0..<Self.steps {
            guard
                let gradient = try plan.run(["weights": Tensor(ahead, shape: shape)])["gradient"]
            else { preconditionFailure("a step without a gradient") }
            let slopes = gradient.elements
            for index in current.indices {
                let pull = index < codes * width ? Float(penalty) * ahead[index] : 0
                let next = ahead[index] - (slopes[index] + pull) / curvature
                ahead[index] = next + momentum * (next - current[index])
                current[index] = next
            }
        }
        weights = Tensor(Array(current[..<(codes * width)]), shape: [codes, width])
        offsets = Array(current[(codes * width)...])
    }

    /// The logit of each interaction, row by row.
    ///
    /// - Throws: `PlanError`.
    func scores(of codes: Tensor<Float>, threads: Int) throws -> [Double] {
        try MatrixAlgebra.product(codes, weights, threads: threads).elements.enumerated().map {
            Double($1 + offsets[$0 % offsets.count])
        }
    }
}
