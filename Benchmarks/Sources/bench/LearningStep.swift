// A training step by predictive coding as others write it too: same networks, same schedule.
import Compute
import Glibc
import Graphs
import Learning
import Networks
import Tensors

/// A network that learns by predictive coding: 20 steps of inference at a fixed rate, then Adam's step.
final class LearningStep {
    /// What each case is called, in order; the peers' runner refers to positions in this list.
    static let names = ["MLP 784-512-512-10", "CNN of 4 layers", "wide CNN of 4 layers"]
    private static let batch = 128, learningRate = 1e-4

    private let parameters: [(path: String, shape: Shape)]
    private let step: TrainingStep
    private var values = Parameters([])
    private var optimiser = Adam()
    private var pictures: [String: Tensor<Float>] = [:]

    init(_ index: Int) throws {
        var weights = ParameterShapes()
        let graph = Graph.build { builder in
            let x = builder.input("x")
            let y =
                switch index {
                case 0: Self.layers(x, &weights)
                case 1: Self.convolutions(x, [8, 16, 64], side: 5, &weights)
                default: Self.convolutions(x, [32, 64, 128], side: 3, &weights)
                }
            let error = y - builder.input("target")
            builder.output(0.5 * (error * error).sum(), "loss")
        }
        let shapes: [String: Shape] = ["x": [Self.batch, 784], "target": [Self.batch, 10]]
        var rule = PredictiveCoding()
        (rule.steps, rule.rate) = (20, .fixed(0.1))
        step = try TrainingStep(
            rule, of: graph, [TrainingObjective("loss")],
            shapes: weights.shapes.merging(shapes) { $1 },
            options: PlanOptions(threads: benchmarkThreads))
        parameters = weights.shapes.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        var random = RandomSource(seed: 1)
        pictures = shapes.mapValues { .uniform($0, in: 0..<1, using: &random) }
        values = Parameters(
            parameters.map { path, shape in
                let bound = 1 / Double(shape.dimensions.dropFirst().reduce(1, *)).squareRoot()
                return (path, .uniform(shape, in: -bound..<bound, using: &random))
            })
    }

    private static func layers(_ x: Value, _ weights: inout ParameterShapes) -> Value {
        let widths = [784, 512, 512, 10]
        return (0..<3).reduce(x) { value, layer in
            weights.linear(
                layer == 0 ? value : value.relu, "layers.\(layer)", widths[layer],
                widths[layer + 1])
        }
    }

    /// Two convolutions that halve the sides and two layers; the laboratory's digits have [8, 16, 64] and 5.
    private static func convolutions(
        _ x: Value, _ widths: [Int], side: Int, _ weights: inout ParameterShapes
    ) -> Value {
        let first = weights.strided(x.reshaped([-1, 1, 28, 28]), "layers.0", 1, widths[0], side)
        let second = weights.strided(first.relu, "layers.1", widths[0], widths[1], side)
        let flat = widths[1] * 49
        let third = weights.linear(second.relu.reshaped([-1, flat]), "layers.2", flat, widths[2])
        return weights.linear(third.relu, "layers.3", widths[2], 10)
    }

    /// Reads a batch, its targets and all parameters in order of their names, one after the other.
    func set(_ x: String, _ target: String, _ weights: String) -> Bool {
        let shapes: [Shape] = [[Self.batch, 784], [Self.batch, 10]]
        guard let x = tensors(in: x, [shapes[0]])?[0],
            let target = tensors(in: target, [shapes[1]])?[0],
            let found = tensors(in: weights, parameters.map(\.shape))
        else { return false }
        pictures = ["x": x, "target": target]
        values = Parameters(zip(parameters, found).map { ($0.path, $1) })
        optimiser = Adam()
        return true
    }

    private func tensors(in path: String, _ shapes: [Shape]) -> [Tensor<Float>]? {
        guard let file = fopen(path, "rb") else { return nil }
        defer { fclose(file) }
        var isComplete = true
        let tensors = shapes.map { shape in
            Tensor<Float>(shape: shape) {
                isComplete = fread($0.baseAddress, 4, $0.count, file) == $0.count && isComplete
            }
        }
        return isComplete ? tensors : nil
    }

    /// Gradients in order of names, one after the other.
    func gradients() throws -> [Float] {
        let found = try step(values, pictures).gradients
        return parameters.flatMap { found[$0.path]?.elements ?? [] }
    }

    /// Infers once and learns from it.
    func learn() throws {
        let outcome = try step(values, pictures)
        optimiser.step(&values, outcome.gradients, rate: Self.learningRate)
    }

    /// What the plans do and how long each step takes.
    func report() throws {
        for plan in step.plans {
            print("plan")
            for (step, time) in try plan.profile(runs: 20) {
                print("    \(Int(time * 1e6)) us  \(step)")
            }
            plan.parameterListing.forEach { print("    once  \($0)") }
        }
    }
}

extension ParameterShapes {
    /// A fully connected layer.
    fileprivate mutating func linear(
        _ x: Value, _ path: String, _ inputs: Int, _ outputs: Int
    ) -> Value {
        shapes[path + ".weight"] = [outputs, inputs]
        shapes[path + ".bias"] = [outputs]
        return x.linear(
            weights: x.builder.parameter(path + ".weight"),
            bias: x.builder.parameter(path + ".bias"))
    }

    /// A convolution that halves the sides.
    fileprivate mutating func strided(
        _ x: Value, _ path: String, _ inputs: Int, _ outputs: Int, _ side: Int
    ) -> Value {
        shapes[path + ".weight"] = [outputs, inputs, side, side]
        shapes[path + ".bias"] = [outputs]
        return x.convolved(
            with: x.builder.parameter(path + ".weight"), bias: x.builder.parameter(path + ".bias"),
            ConvolutionGeometry(stride: 2, padding: side / 2))
    }
}
