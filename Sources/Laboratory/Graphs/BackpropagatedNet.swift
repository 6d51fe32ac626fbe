// A small network of fully connected layers trained by backpropagation: the peer of other rules.
import Compute
import Graphs
import Learning
import Networks
import Tensors

/// Fully connected layers with tanh between them, trained by Adam on squares or cross-entropy.
struct BackpropagatedNet: Sendable {
    /// What is to be made small.
    enum Loss: Sendable {
        /// Squared error.
        case squares
        /// Cross-entropy of the outputs as logits.
        case classes
    }

    private let layers: [LinearLayer]
    private let loss: Loss
    private var parameters: Parameters
    private let threads: Int

    /// A net that has learned nothing, with the given widths from input to output.
    init(_ widths: [Int], _ loss: Loss, threads: Int, using random: inout RandomSource) {
        layers = widths.indices.dropLast().map { index in
            LinearLayer(
                ParameterPath("layer") / index, widths[index], widths[index + 1],
                activation: index == widths.count - 2 ? .identity : .tanh)
        }
        self.loss = loss
        self.threads = threads
        parameters = Parameters(initialising: layers, using: &random)
    }

    /// Number of learned values.
    var parameterCount: Int { parameters.elementCount }

    private func output(_ x: Value) -> Value { layers.reduce(x) { $1($0) } }

    private var trainingGraph: Graph {
        Graph.build { builder in
            let y = output(builder.input("x"))
            let target = builder.input("target")
            let value =
                switch loss {
                case .squares: y.squaredError(to: target)
                case .classes: y.crossEntropy(probabilities: target)
                }
            builder.output(value, "loss")
        }
    }

    /// Learns to turn rows of `x` into rows of `target`.
    ///
    /// - Parameter vary: Given a batch of x, returns what is shown instead, such as a noised one.
    mutating func train(
        _ x: Tensor<Float>, to target: Tensor<Float>, epochs: Int, batch: Int = 50,
        rate: Double = 1e-3, decay: Double = 0, using random: inout RandomSource,
        varying vary: (Tensor<Float>, inout RandomSource) -> Tensor<Float> = { x, _ in x }
    ) throws {
        let count = x.shape[0]
        let rows = min(batch, count)
        var shapes = parameters.values.mapValues(\.shape)
        shapes["x"] = [rows, x.shape[1]]
        shapes["target"] = [rows, target.shape[1]]
        let step = try TrainingStep(
            Backpropagation(), of: trainingGraph, [TrainingObjective("loss")], shapes: shapes,
            options: PlanOptions(threads: threads))
        var adam = Adam(decay: decay)
        for _ in 0..<epochs {
            let order = (0..<count).shuffled(using: &random)
            for start in stride(from: 0, through: count - rows, by: rows) {
                let chosen = order[start..<start + rows]
                let outcome = try step(
                    parameters,
                    [
                        "x": vary(x.gathered(rows: chosen), &random),
                        "target": target.gathered(rows: chosen),
                    ])
                adam.step(&parameters, outcome.gradients, rate: rate)
            }
        }
    }

    /// What comes out for each row.
    func callAsFunction(_ x: Tensor<Float>) throws -> Tensor<Float> {
        let graph = Graph.build { builder in builder.output(output(builder.input("x")), "y") }
        var shapes = parameters.values.mapValues(\.shape)
        shapes["x"] = x.shape
        let plan = try Plan(graph, shapes: shapes, options: PlanOptions(threads: threads))
        plan.setParameters(parameters.values)
        return try plan.run(["x": x])["y"]!
    }
}

extension Tensor where Scalar == Float {
    /// The given columns of a matrix.
    func columns(_ range: Range<Int>) -> Tensor {
        let (rows, width) = (shape[0], shape[1])
        return Tensor(shape: [rows, range.count]) { result in
            withUnsafeBufferPointer { source in
                for row in 0..<rows {
                    for (position, column) in range.enumerated() {
                        result[row * range.count + position] = source[row * width + column]
                    }
                }
            }
        }
    }

    /// The column of the largest element of each row.
    var largestColumns: [Int] {
        let width = shape[1]
        return withUnsafeBufferPointer { x in
            (0..<shape[0]).map { row in
                (0..<width).max { x[row * width + $0] < x[row * width + $1] }!
            }
        }
    }

    /// The mean of squared differences.
    func squaredError(to other: Tensor) -> Double {
        precondition(shape == other.shape)
        var sum = 0.0
        for (a, b) in zip(elements, other.elements) {
            let difference = Double(a) - Double(b)
            sum += difference * difference
        }
        return sum / Double(count)
    }
}

extension Collection<Int> {
    /// The part of numbers that equal those of `other`.
    func accuracy(against other: some Collection<Int>) -> Double {
        Double(zip(self, other).count { $0 == $1 }) / Double(count)
    }
}
