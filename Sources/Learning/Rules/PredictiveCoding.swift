// Predictive coding as a learning rule: activities are inferred first, weights learn from what is left of errors.
import Graphs

/// Predictive coding: every value node predicts the next ones; activities move until the energy
/// E = 1/2 Σ Π |ε|² + λ L, of prediction errors ε and the loss, is small; then weights follow its gradient.
///
/// Any loss will do: it pulls at the activities that it reads with -λ ∂L/∂x. The gradient of a weight is (1/λ) ∂E/∂W,
/// which becomes backpropagation's as λ goes to 0, and depends on nothing but the nodes at both ends.
///
/// - SeeAlso: Whittington and Bogacz (2017); Millidge et al. (arXiv:2202.09467) for the family, (arXiv:2206.02629) for
///   the limit of small λ.
public struct PredictiveCoding: LearningRule, Hashable {
    /// What happens at the end of the network.
    public enum OutputNode: Sendable, Hashable {
        /// What the last layer predicts goes into the loss, as if its activities were clamped to what is right.
        case clamped
        /// The last layer has activities too, which the loss pulls at.
        case nudged
    }

    /// What moves during inference.
    public enum Coordinates: Sendable, Hashable {
        /// Activities, by local signals alone.
        case values
        /// Prediction errors, with activities following from them forward: no delay with depth, and nothing is lost in
        /// Float where λ is small. Same minima; each step needs a whole pass.
        ///
        /// - SeeAlso: Goemaere et al., "Error optimization" (2025).
        case errors
        /// Activities, with predictions and derivatives held where the forward pass left them. Ends at backpropagation's
        /// gradient, and is no descent of an energy any more.
        ///
        /// - SeeAlso: Millidge et al. (arXiv:2006.04182), the fixed prediction assumption.
        case valuesWithFixedPredictions
    }

    /// Which nodes have activities.
    public var valueNodes = ValueNodeChoice.layers
    /// How the network ends.
    public var output = OutputNode.clamped
    /// What is moved.
    public var coordinates = Coordinates.values
    /// Steps of inference, T, and how far each moves, γ.
    public var steps = 20, rate = InferenceRate.automatic
    /// How much the loss counts beside prediction errors, λ. A mean over a batch pulls at each sample with a part of
    /// it: 1 is a weak pull.
    public var nudge = 1.0
    /// How much of a step is kept in the next.
    public var momentum = 0.0
    /// Π by the name of value nodes, where it is not 1.
    public var precisions: [String: Double] = [:]
    /// Whether weights learn at each step of inference: see ``TrainingStep/needsBatch``.
    public var isIncremental = false
    /// Inference ends where the squared gradient of activities has fallen to this part of the first; 0 for never.
    public var tolerance = 0.0
    /// Every how many training steps the curvature is measured, for the automatic rate.
    public var curvatureInterval = 50

    /// The rule with its defaults.
    public init() {}

    public func watch() -> (any InferenceWatch)? {
        let first = isIncremental ? 0 : rate == .automatic ? 2 : 1
        return EnergyWatch(
            inference: first, learning: isIncremental ? first : first + 1,
            halves: rate == .automatic && momentum == 0 && !isIncremental
                && coordinates != .valuesWithFixedPredictions,
            tolerance: tolerance)
    }

    public func phases(of graph: Graph, loss: String, learning paths: [String]?) throws -> [Phase] {
        precondition(steps > 0 && nudge != 0, "\(steps) steps, λ \(nudge)")
        let learned = (paths ?? graph.parameters.keys.sorted()).filter {
            graph.parameters[$0] != nil
        }
        try refuse(graph)
        let nodes = ValueNodes(
            graph, loss: loss, learning: Set(learned), valueNodes, keepsLast: output == .nudged)
        let energy = PredictiveEnergy(nodes, rule: self, learned: learned)
        var phases = [energy.forward()]
        if rate == .automatic { phases.append(energy.curvature()) }
        phases.append(energy.inference())
        if !isIncremental { phases.append(energy.learning()) }
        return phases
    }

    /// Refuses what has no energy that activities could lower.
    private func refuse(_ graph: Graph) throws {
        if graph.outputs.contains(where: { $0.name.hasPrefix("statistic.") })
            || graph.nodes.contains(where: { $0.operation is ChannelMoments })
        {
            throw LearningRuleError.unsuited(
                rule: "predictive coding",
                reason:
                    "its norms use statistics of the batch, which join samples that are inferred apart; "
                    + "fold the norms or hold their statistics")
        }
        if graph.nodes.contains(where: { $0.operation is GradientReversal }) {
            throw LearningRuleError.unsuited(
                rule: "predictive coding",
                reason: "a gradient is reversed in it, which is no gradient of an energy")
        }
    }
}
