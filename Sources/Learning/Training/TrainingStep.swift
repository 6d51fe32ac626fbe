// One training step by any rule, and what it yields.
import Compute
import Graphs
import Networks
import Tensors

/// What one training step yields.
public struct StepOutcome: Sendable {
    /// The loss before the step.
    public var loss: Double
    /// Gradients by path.
    public var gradients: [String: Tensor<Float>]
    /// Statistics of the batch by path, for running averages such as batch norm's.
    public var statistics: [String: Tensor<Float>]
    /// The energy of each value node by its name, where a rule has errors: what inference leaves of it.
    public var energies: [String: Double]

    /// An outcome.
    public init(
        loss: Double, gradients: [String: Tensor<Float>],
        statistics: [String: Tensor<Float>] = [:], energies: [String: Double] = [:]
    ) {
        self.loss = loss
        self.gradients = gradients
        self.statistics = statistics
        self.energies = energies
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
            gradients: mean(\.gradients), statistics: mean(\.statistics),
            energies: Dictionary(means: parts.map(\.energies)))
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
            loss: Double(value.item), gradients: under("gradient."),
            statistics: under("statistic."),
            energies: under("energy.").mapValues { Double($0.item) })
    }
}

extension Dictionary where Value == Double {
    /// The mean of each entry; one that is missing somewhere is the mean of the others.
    init(means parts: [Self]) {
        var sums: [Key: (sum: Double, count: Double)] = [:]
        for (key, value) in parts.joined() {
            let (sum, count) = sums[key] ?? (0, 0)
            sums[key] = (sum + value, count + 1)
        }
        self = sums.mapValues { $0.sum / $0.count }
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

/// What a training step makes small, and what learns from it.
public struct TrainingObjective: Sendable {
    /// The name of the output that is the loss, a single number.
    public var loss: String
    /// The parameters that learn; nil for all in the graph.
    public var paths: [String]?

    /// An objective.
    public init(_ loss: String, learning paths: [String]? = nil) {
        (self.loss, self.paths) = (loss, paths)
    }
}

/// A training step by any rule: its phases, each with what computes it.
///
/// Where networks learn against each other there are several objectives: each is one network's, with the others as they
/// are.
public final class TrainingStep {
    private let rule: any LearningRule
    private let loss: String
    /// The phases of each objective; those of direct rules are one graph.
    private var openings: [PhaseSequence<Float>] = []
    /// The phase that is run once in each call, where weights learn during inference.
    private var repeated: PhaseSequence<Float>?
    private var repetitions = 1
    private let current: Current
    /// What is carried from call to call on one batch, how often it was, and the outputs of the first.
    private var state: [String: Tensor<Float>] = [:]
    private var done = 0
    private var first: [String: Tensor<Float>] = [:]

    /// The parameters of the run in progress: phases share them, so they are no inputs.
    private final class Current {
        var parameters = Parameters([])
    }

    /// A step whose graphs `evaluator` prepares; `{ $0 }` for the reference.
    ///
    /// - Parameters:
    ///   - graph: Yields the outputs that objectives name; all outputs are yielded.
    ///   - objectives: The loss of the first is the step's.
    /// - Throws: ``LearningRuleError`` where the rule cannot train the graph.
    public convenience init(
        _ rule: any LearningRule, of graph: Graph, _ objectives: [TrainingObjective],
        evaluator: (Graph, [Phase]) throws -> any GraphEvaluator
    ) throws {
        let current = Current()
        try self.init(rule, of: graph, objectives, current) { phases, earlier in
            try PhaseSequence(phases) {
                let evaluator = try evaluator($0, earlier + phases)
                return { try evaluator.outputs(parameters: current.parameters, inputs: $0) }
            }
        }
    }

    /// A step that is compiled for inputs and parameters of the given shapes.
    ///
    /// - Throws: ``LearningRuleError`` where the rule cannot train the graph, `ShapeError`, `PlanError`.
    public convenience init(
        _ rule: any LearningRule, of graph: Graph, _ objectives: [TrainingObjective],
        shapes: [String: Shape], options: PlanOptions = PlanOptions()
    ) throws {
        let current = Current()
        var plans: [Plan] = []
        try self.init(rule, of: graph, objectives, current) { phases, earlier in
            let known = try (earlier + phases).reduce(shapes) { try $1.shapes(knowing: $0) }
            var formats: [String: BorderFormat] = [:]
            return PhaseSequence(
                machines: try phases.map { phase in
                    let planned = try PlannedPhase(
                        phase, shapes: known, options: options, formats: &formats
                    ) { current.parameters }
                    plans += [planned.opening, planned.plan].compactMap { $0 }
                    return (phase, planned)
                })
        }
        self.plans = plans
    }

    /// A step whose phases, and those that ran before them, `prepared` makes a sequence of.
    private init(
        _ rule: any LearningRule, of graph: Graph, _ objectives: [TrainingObjective],
        _ current: Current,
        _ prepared: (_ phases: [Phase], _ earlier: [Phase]) throws -> PhaseSequence<Float>
    ) throws {
        precondition(!objectives.isEmpty, "nothing to make small")
        self.rule = rule
        loss = objectives[0].loss
        self.current = current
        if let direct = rule as? any DirectRule {
            let all = objectives.reduce(graph) {
                direct.appendingGradients(to: $0, of: $1.loss, learning: $1.paths)
            }
            openings = [try prepared([Phase(all)], [])]
            return
        }
        for objective in objectives {
            var phases = try rule.phases(
                of: graph, loss: objective.loss, learning: objective.paths)
            if rule.isIncremental {
                guard objectives.count == 1 else {
                    throw LearningRuleError.unsuited(
                        rule: "a rule that learns during inference",
                        reason: "networks learn against each other in it")
                }
                let last = phases.removeLast()
                repetitions = last.repetitions
                repeated = try prepared(
                    [Phase(last.graph, carried: last.carried, beginnings: last.beginnings)], phases)
            }
            openings.append(try prepared(phases, []))
        }
    }

    /// The plans of all graphs, where they are compiled.
    public private(set) var plans: [Plan] = []

    /// Whether the next call begins with a batch of its own; else it goes on with the one before, which it must be
    /// given again: a rule that learns during inference yields gradients for each of its steps.
    public var needsBatch: Bool { done == 0 }

    /// All outputs of the last call.
    public private(set) var lastOutputs: [String: Tensor<Float>] = [:]

    /// Runs all phases on a batch, given as inputs by name.
    ///
    /// - Throws: ``LearningRuleError`` where inference diverged.
    public func callAsFunction(
        _ parameters: Parameters, _ batch: [String: Tensor<Float>]
    ) throws -> StepOutcome {
        current.parameters = parameters
        var outputs: [String: Tensor<Float>] = [:]
        if repeated != nil {
            if needsBatch {
                first = try openings[0](batch)
                state = openings[0].carried
            }
            outputs = first
            outputs.merge(try repeated!(batch.merging(state) { $1 }, watch: rule.watch())) { $1 }
            // What only the opening carries, such as a measured rate, stays.
            state.merge(repeated!.carried) { $1 }
            done = (done + 1) % repetitions
        } else {
            for index in openings.indices {
                outputs.merge(try openings[index](batch, watch: rule.watch())) { $1 }
            }
        }
        lastOutputs = outputs
        return StepOutcome(outputs: outputs, loss: loss)
    }
}
