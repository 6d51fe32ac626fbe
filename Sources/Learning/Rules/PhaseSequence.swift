// Runs the graphs of one training step one after the other, whatever computes them.
import Graphs
import Tensors

/// A graph that is run one or more times within a training step.
public struct Phase: Sendable {
    /// What is computed in each run.
    public let graph: Graph
    /// How often it is run.
    public let repetitions: Int
    /// Outputs that become inputs of all later runs, of this phase and the next ones: the input's
    /// name by the output's.
    public let carried: [String: String]
    /// In which steps it is run: the first, and every so many; what it carried stays in between.
    public let interval: Int
    /// Inputs that nobody supplies when it is run first: how each begins, by the input whose shape it has.
    public let beginnings: [String: Beginning]

    /// How a value begins that phases carry.
    public enum Beginning: Sendable, Hashable {
        /// Zeros, of the shape of the input called so.
        case zeros(like: String)
        /// Numbers drawn from a normal distribution, always the same ones.
        case noise(like: String)
        /// A single number.
        case number(Double)
    }

    /// A phase of one run or more.
    public init(
        _ graph: Graph, repetitions: Int = 1, carried: [String: String] = [:], interval: Int = 1,
        beginnings: [String: Beginning] = [:]
    ) {
        precondition(repetitions > 0 && interval > 0, "\(repetitions) runs, every \(interval)")
        self.graph = graph
        self.repetitions = repetitions
        self.carried = carried
        self.interval = interval
        self.beginnings = beginnings
    }
}

/// Watches over the runs of a step that carry state.
public protocol InferenceWatch {
    /// Says how it goes on after a run.
    ///
    /// - Parameters:
    ///   - phase: The number of the phase that was run.
    ///   - figures: The outputs that are single numbers.
    /// - Throws: ``LearningRuleError``.
    mutating func judge(phase: Int, _ figures: [String: Double]) throws -> InferenceVerdict
}

/// How a step goes on after a run.
public enum InferenceVerdict: Sendable, Hashable {
    /// With what the run carried.
    case goOn
    /// Back to what was carried before the last run that went on, a single number scaled.
    case undo(scaling: String, by: Double)
    /// With the next phase; the last run changes nothing.
    case stop
}

/// The phases of a step, each with what computes its graph.
public struct PhaseSequence<Scalar: TensorScalar> {
    /// Computes the outputs of a graph from its inputs and parameters by name.
    public typealias Evaluator = ([String: Tensor<Scalar>]) throws -> [String: Tensor<Scalar>]

    private let phases: [(phase: Phase, machine: any PhaseMachine<Scalar>)]
    /// Single numbers and directions that stay from one step to the next.
    private var kept: [String: HeldValue<Scalar>] = [:]
    private var steps = 0
    /// What phases carried, as the last step left it.
    private var left: [String: HeldValue<Scalar>] = [:]

    /// A sequence of phases with what computes each.
    init(machines: [(phase: Phase, machine: any PhaseMachine<Scalar>)]) { phases = machines }

    /// A sequence of phases whose graphs `evaluator` prepares.
    public init(_ phases: [Phase], evaluator: (Graph) throws -> Evaluator) rethrows {
        self.init(
            machines: try phases.map { ($0, EvaluatedPhase($0, try evaluator($0.graph))) })
    }

    /// A sequence that the reference computes.
    public init(_ phases: [Phase]) {
        self.init(phases) { graph in { try graph.evaluate($0) } }
    }

    /// What phases carried, as the last step left it.
    public var carried: [String: Tensor<Scalar>] { left.mapValues(\.tensor) }
    /// How often the graph of each phase was run in the last step.
    public private(set) var runs: [Int] = []

    /// Runs all phases.
    ///
    /// - Parameters:
    ///   - known: Inputs and parameters by name.
    ///   - watch: What watches over the runs.
    /// - Returns: All outputs but those that are carried, of equal names the last ones.
    public mutating func callAsFunction(
        _ known: [String: Tensor<Scalar>], watch: (any InferenceWatch)? = nil
    ) throws -> [String: Tensor<Scalar>] {
        var watch = watch
        var known = known.mapValues { HeldValue.tensor($0) }.merging(kept) { $1 }
        var outputs: [String: Tensor<Scalar>] = [:]
        var earlier: [String: HeldValue<Scalar>] = [:]
        runs = []
        for (number, (phase, machine)) in phases.enumerated() {
            runs.append(0)
            guard steps % phase.interval == 0 else { continue }
            for (name, beginning) in phase.beginnings where known[name] == nil {
                known[name] = .tensor(beginning.value(known))
            }
            machine.begin()
            for (name, value) in known where phase.graph.takes(name) { machine.take(name, value) }
            var left = phase.repetitions
            while left > 0 {
                left -= 1
                runs[number] += 1
                try machine.run()
                let verdict = try watch?.judge(phase: number, machine.figures) ?? .goOn
                if case .undo(let name, let factor) = verdict, !earlier.isEmpty {
                    earlier[name] = known[name].map { value in
                        .tensor(value.tensor.map { Scalar(factor) * $0 })
                    }
                    for (name, value) in earlier {
                        known[name] = value
                        if phase.graph.takes(name) { machine.take(name, value) }
                    }
                    // The last phase must be run on what counts.
                    if phase.carried.isEmpty { left = 1 }
                    continue
                }
                for name in machine.results { outputs[name] = machine.tensor(.output(name)) }
                if verdict == .stop { break }
                guard !phase.carried.isEmpty else { continue }
                try machine.carry()
                earlier = [:]
                for (output, input) in phase.carried {
                    let isTaken = phase.graph.takes(input)
                    if isTaken { earlier[input] = .held(machine, .earlier(input)) }
                    known[input] = .held(machine, isTaken ? .input(input) : .output(output))
                }
            }
            if phase.interval > 1 {
                for name in phase.carried.values { kept[name] = known[name] }
            }
        }
        steps += 1
        let names = phases.flatMap {
            Array($0.phase.carried.values) + Array($0.phase.beginnings.keys)
        }
        left = known.filter { names.contains($0.key) }
        return outputs
    }
}

extension Phase.Beginning {
    fileprivate func value<Scalar: TensorScalar>(
        _ known: [String: HeldValue<Scalar>]
    ) -> Tensor<Scalar> {
        func shape(_ name: String) -> Shape {
            guard let other = known[name] else { preconditionFailure("no input '\(name)'") }
            return other.shape
        }
        switch self {
        case .zeros(let name): return Tensor(repeating: 0, shape: shape(name))
        case .noise(let name):
            var random = RandomSource(seed: 1)
            return .normal(shape(name), using: &random)
        case .number(let value): return Tensor(Scalar(value))
        }
    }
}

extension Phase {
    /// Shapes of all that may be an input of this phase and of those behind it.
    ///
    /// - Parameter known: Shapes of inputs, parameters, and what earlier phases carry.
    /// - Throws: `ShapeError`.
    public func shapes(knowing known: [String: Shape]) throws -> [String: Shape] {
        var known = known
        for (name, beginning) in beginnings {
            switch beginning {
            case .zeros(let other), .noise(let other): known[name] = known[other]
            case .number: known[name] = []
            }
        }
        let found = try graph.shapes { known[$0] }
        for (output, input) in carried { known[input] = found[graph.output(output)!] }
        return known
    }
}

extension Graph {
    /// Whether an input or a parameter is called so.
    func takes(_ name: String) -> Bool { inputs[name] != nil || parameters[name] != nil }
}
