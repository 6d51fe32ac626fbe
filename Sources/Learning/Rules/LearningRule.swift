// How a network's graph and its loss become graphs that yield gradients.
import Graphs

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
    ///   each parameter that the loss depends on, and "energy.LAYER" where there are errors that have one.
    ///   "statistic.PATH" outputs stay.
    /// - Throws: ``LearningRuleError`` where the rule cannot train such a graph.
    func phases(of graph: Graph, loss: String, learning paths: [String]?) throws -> [Phase]

    /// What watches over the inference of one step; nil where nothing is inferred.
    func watch() -> (any InferenceWatch)?

    /// Whether every run of the last phase yields gradients that are to be learned from before the next.
    var isIncremental: Bool { get }
}

extension LearningRule {
    /// Weights learn once a step.
    public var isIncremental: Bool { false }
    /// Nothing to watch.
    public func watch() -> (any InferenceWatch)? { nil }
}

/// A rule that is one graph, run once: several losses of one network can share it.
public protocol DirectRule: LearningRule {
    /// The graph with an output "gradient.PATH" for each parameter that the loss depends on, beside the outputs that
    /// it has.
    ///
    /// - Parameter paths: The parameters to be learned; nil means all in the graph.
    func appendingGradients(to graph: Graph, of loss: String, learning paths: [String]?) -> Graph
}

extension DirectRule {
    /// One phase, which yields nothing but the loss, statistics, gradients and energies.
    public func phases(
        of graph: Graph, loss: String, learning paths: [String]? = nil
    ) -> [Phase] {
        [Phase(gradientGraph(of: graph, loss: loss, learning: paths))]
    }

    /// The graph with outputs `loss`, "gradient.PATH" for each parameter it depends on, statistics, energies, and those
    /// named.
    public func gradientGraph(
        of graph: Graph, loss: String, learning paths: [String]? = nil,
        keeping outputs: Set<String> = []
    ) -> Graph {
        appendingGradients(to: graph, of: loss, learning: paths).keepingOutputs {
            $0 == loss || outputs.contains($0) || $0.hasPrefix("statistic.")
                || $0.hasPrefix("gradient.") || $0.hasPrefix("energy.")
        }
    }
}

/// A network that a rule cannot train, or training that went wrong within a step.
public enum LearningRuleError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What the rule cannot do, and why.
    case unsuited(rule: String, reason: String)
    /// The activities of a value node are no numbers, or grow without end.
    case diverged(node: String, step: Int, energy: Double, remedy: String)

    /// One line.
    public var description: String {
        switch self {
        case .unsuited(let rule, let reason): "\(rule) cannot train this network: \(reason)"
        case .diverged(let node, let step, let energy, let remedy):
            "inference diverged at value node '\(node)', step \(step), energy \(energy); \(remedy)"
        }
    }
}
