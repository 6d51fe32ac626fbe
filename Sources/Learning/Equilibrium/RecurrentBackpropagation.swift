// The exact gradient of the loss at the free equilibrium, by the adjoint fixed point.
import Tensors

/// The gradient that every contrast estimates: exact, but not local.
///
/// With the relaxation x <- F(x, W), the adjoint v = dL/dx + (dF/dx)' v is found by iteration, and
/// the gradient is dL/dW + (dF/dW)' v. It needs nothing of a model but its relaxation, and is the
/// truth that estimators are measured against.
///
/// - SeeAlso: Almeida (1987) and Pineda (1987), recurrent backpropagation; arXiv:2206.02629
///   for why contrasts lead here, by the implicit function theorem.
public struct RecurrentBackpropagation: Sendable, Hashable {
    /// The largest number of steps of the adjoint.
    public var steps: Int

    /// The rule.
    public init(steps: Int = 1000) { self.steps = steps }

    /// Settles a network freely and differentiates through its equilibrium.
    ///
    /// - Throws: `EquilibriumError`, and what evaluation throws.
    public func estimate<Model: EnergyModel, Scalar: TensorScalar>(
        _ network: EquilibriumNetwork<Model, Scalar>, _ example: EnergyExample<Scalar>
    ) throws -> EquilibriumEstimate<Scalar> {
        let free = try network.freeEquilibrium(example)
        var inputs = example.values.merging(free.values()) { $1 }
        for (name, value) in free.activities {
            inputs[EnergyName.adjoint(name)] = Tensor(repeating: 0, shape: value.shape)
        }
        let step = network.prepared("adjoint step") { network.graphs.adjoint.step }
        // To the end of the numbers' precision: this is the truth.
        let spacing = Double(Scalar.ulpOfOne)
        var judge = StepJudge(spacing: spacing, tolerance: spacing)
        let activities = network.model.activities
        var isSettled = false
        iteration: for index in 0..<steps {
            let outputs = try step.outputs(inputs)
            for name in activities {
                inputs[EnergyName.adjoint(name)] = outputs[EnergyName.adjoint(name)]!
            }
            switch judge.judge(
                changes: activities.map { Double(outputs[EnergyName.change($0)]!.item) },
                sizes: activities.map { Double(outputs[EnergyName.size($0)]!.item) })
            {
            case .goOn: break
            case .settled:
                isSettled = true
                break iteration
            case .diverged(let activity):
                throw EquilibriumError.adjointDiverged(
                    activity: activities[activity], step: index + 1,
                    rate: network.relaxation.rate)
            }
        }
        let graph = network.prepared("adjoint gradient") { network.graphs.adjoint.gradient }
        return EquilibriumEstimate(
            gradients: EquilibriumNetwork<Model, Scalar>.byPath(try graph.outputs(inputs)),
            free: free, isSettled: isSettled && free.isSettled)
    }
}
