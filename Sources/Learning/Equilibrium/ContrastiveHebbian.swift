// Contrastive Hebbian learning: the clamped phase minus the free one.
import Tensors

/// The slope of the internal energy with the output held at the target, minus the slope with the
/// output free.
///
/// It follows no loss in general. In a layered Hopfield network whose feedback is scaled by a gain
/// γ it becomes the gradient of the feed-forward network as γ goes to 0, with an error of order γ:
/// of the loss whose slope by the input of the output's squashing is the output's error (half the
/// squared error of a linear output, the cross-entropy of a logistic one). Feedback that small
/// leaves differences of order γ^depth: that wants Double.
///
/// - SeeAlso: Xie and Seung, "Equivalence of backpropagation and contrastive Hebbian learning in a
///   layered network", Neural Computation 15 (2003), who prove it for linear outputs; Movellan
///   (1991) for the rule.
public struct ContrastiveHebbian: Sendable, Hashable {
    /// The rule.
    public init() {}

    /// Settles a network twice, free and clamped, and compares.
    ///
    /// - Throws: `EquilibriumError.diverged`, and what evaluation throws.
    public func estimate<Model: ClampableEnergyModel, Scalar: TensorScalar>(
        _ network: EquilibriumNetwork<Model, Scalar>, _ example: EnergyExample<Scalar>
    ) throws -> EquilibriumEstimate<Scalar> {
        let free = try network.freeEquilibrium(example)
        let clamped = try network.settle(
            from: free, example, nudging: 0, steps: network.relaxation.nudgedSteps,
            clamping: network.model.clampedActivity)
        let graph = network.prepared("clamped contrast") { network.graphs.clampedContrast }
        return EquilibriumEstimate(
            gradients: try network.gradients(graph, example, clamped, free), free: free,
            isSettled: free.isSettled && clamped.isSettled)
    }
}
