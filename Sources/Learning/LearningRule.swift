// How a network's graph and its loss become graphs that yield gradients.
import Compute
import Graphs
import Networks
import Tensors

/// Turns the graph of a loss into the graphs of one training step.
///
/// Every rule needs no more of an operation than its vector-Jacobian product. Backpropagation is
/// one graph, run once; rules that infer before they learn repeat one graph and carry its state.
public protocol LearningRule: Sendable {
    /// The phases of one step, in order.
    ///
    /// - Parameter loss: The name of the output to be made small, a single number.
    /// - Parameter paths: The parameters to be learned; nil means all in the graph.
    /// - Returns: Phases that together yield the output `loss` and an output "gradient.PATH" for
    ///   each parameter that the loss depends on. "statistic.PATH" outputs stay.
    func phases(of graph: Graph, loss: String, learning paths: [String]?) -> [Phase]
}

/// A graph that is run one or more times within a training step.
public struct Phase: Sendable {
    /// What is computed in each run.
    public let graph: Graph
    /// How often it is run.
    public let repetitions: Int
    /// Outputs that become inputs of all later runs, of this phase and the next ones: the input's
    /// name by the output's.
    public let carried: [String: String]

    /// A phase of one run or more.
    public init(_ graph: Graph, repetitions: Int = 1, carried: [String: String] = [:]) {
        precondition(repetitions > 0, "\(repetitions) repetitions")
        self.graph = graph
        self.repetitions = repetitions
        self.carried = carried
    }
}

/// What one training step yields.
public struct StepOutcome: Sendable {
    /// The loss before the step.
    public var loss: Double
    /// Gradients by path.
    public var gradients: [String: Tensor<Float>]
    /// Statistics of the batch by path, for running averages such as batch norm's.
    public var statistics: [String: Tensor<Float>]

    /// An outcome.
    public init(
        loss: Double, gradients: [String: Tensor<Float>],
        statistics: [String: Tensor<Float>] = [:]
    ) {
        self.loss = loss
        self.gradients = gradients
        self.statistics = statistics
    }

    /// The mean of outcomes on parts of a batch, all of one size.
    public init(averaging parts: [StepOutcome]) {
        precondition(!parts.isEmpty, "no parts")
        func mean(_ values: KeyPath<StepOutcome, [String: Tensor<Float>]>) -> [String: Tensor<
            Float
        >] {
            parts[0][keyPath: values].keys.reduce(into: [:]) { means, name in
                let all = parts.map { $0[keyPath: values][name]!.elements }
                means[name] = Tensor(shape: parts[0][keyPath: values][name]!.shape) { mean in
                    for index in mean.indices {
                        mean[index] = all.reduce(0) { $0 + $1[index] } / Float(all.count)
                    }
                }
            }
        }
        self.init(
            loss: parts.reduce(0) { $0 + $1.loss } / Double(parts.count),
            gradients: mean(\.gradients), statistics: mean(\.statistics))
    }

    /// The outcome that a graph's outputs name.
    public init(outputs: [String: Tensor<Float>], loss: String) {
        func under(_ prefix: String) -> [String: Tensor<Float>] {
            Dictionary(
                uniqueKeysWithValues: outputs.lazy.filter { $0.key.hasPrefix(prefix) }.map {
                    (String($0.key.dropFirst(prefix.count)), $0.value)
                })
        }
        guard let value = outputs[loss] else { preconditionFailure("no output '\(loss)'") }
        self.init(
            loss: Double(value.item), gradients: under("gradient."), statistics: under("statistic.")
        )
    }
}

/// Something that computes a graph's outputs: the reference or a compiled plan.
public protocol GraphEvaluator {
    /// The outputs for the given parameters and inputs, by name.
    func outputs(
        parameters: Parameters, inputs: [String: Tensor<Float>]
    ) throws -> [String: Tensor<Float>]
}

extension Graph: GraphEvaluator {
    public func outputs(
        parameters: Parameters, inputs: [String: Tensor<Float>]
    ) throws -> [String: Tensor<Float>] {
        try evaluate(parameters.values.merging(inputs) { $1 })
    }
}

extension Plan: GraphEvaluator {
    public func outputs(
        parameters: Parameters, inputs: [String: Tensor<Float>]
    ) throws -> [String: Tensor<Float>] {
        setParameters(parameters.values)
        return try run(inputs)
    }
}

/// The phases of a training step, each with what computes it.
public struct TrainingStep {
    private let phases: [(phase: Phase, evaluator: any GraphEvaluator)]
    private let loss: String

    /// A step whose graphs `evaluator` prepares: `{ try Plan($0, shapes: shapes) }`, or `{ $0 }`
    /// for the reference.
    public init(
        _ phases: [Phase], loss: String, evaluator: (Graph) throws -> any GraphEvaluator
    ) rethrows {
        self.phases = try phases.map { ($0, try evaluator($0.graph)) }
        self.loss = loss
    }

    /// Runs all phases on a batch, given as inputs by name.
    public func callAsFunction(
        _ parameters: Parameters, _ batch: [String: Tensor<Float>]
    ) throws -> StepOutcome {
        var inputs = batch
        var outputs: [String: Tensor<Float>] = [:]
        for (phase, evaluator) in phases {
            for _ in 0..<phase.repetitions {
                let known = inputs.filter { phase.graph.inputs[$0.key] != nil }
                let results = try evaluator.outputs(parameters: parameters, inputs: known)
                outputs.merge(results) { $1 }
                for (output, input) in phase.carried { inputs[input] = results[output] }
            }
        }
        return StepOutcome(outputs: outputs, loss: loss)
    }
}
