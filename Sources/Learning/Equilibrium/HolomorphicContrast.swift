// The estimate from N nudgings on a circle in the complex plane: a bias of order N.
import Graphs
import Tensors

/// The gradient of the loss at the free equilibrium, from equilibria at N complex nudgings.
///
/// (1/N) Σ_k ∂E/∂W at x(λ_k) / λ_k with λ_k = λ e^(2πik/N). The mean over the circle keeps of the
/// power series in λ the terms 1, N + 1, 2N + 1, ...: the bias is of order λ^N as long as the
/// circle lies where the equilibrium is analytic; beyond, no N helps. Two points are the symmetric
/// form. Parameters are real, so points below the real axis mirror those above and are not
/// computed.
///
/// - SeeAlso: Laborieux and Zenke, "Holomorphic Equilibrium Propagation" (arXiv:2209.00530).
public struct HolomorphicContrast: Sendable, Hashable {
    /// N, 2 or more.
    public var points: Int
    /// The radius λ of the circle.
    public var nudging: Double

    /// An estimator.
    public init(points: Int, nudging: Double) {
        precondition(points >= 2, "\(points) points do not cancel the free slope")
        precondition(nudging > 0 && nudging.isFinite, "a radius of \(nudging)")
        self.points = points
        self.nudging = nudging
    }

    /// Settles a network on an example, freely and at every point, and estimates the gradient.
    ///
    /// - Throws: `EquilibriumError`, and what evaluation throws.
    public func estimate<Model: HolomorphicEnergyModel>(
        _ network: EquilibriumNetwork<Model, Double>, _ example: EnergyExample<Double>
    ) throws -> EquilibriumEstimate<Double> {
        let free = try network.freeEquilibrium(example)
        let step = network.graphs.step(), slope = network.graphs.slope
        let constants = network.parameters.merging(example.values) { $1 }
            .mapValues { ComplexTensor($0) }
        var sums: [String: Tensor<Double>] = [:]
        var isSettled = free.isSettled
        for index in 0...points / 2 {
            let isReal = index == 0 || 2 * index == points
            // Exactly real where it is, whatever the sine says.
            let point =
                isReal
                ? Complex(index == 0 ? nudging : -nudging)
                : Complex(radius: nudging, angle: 2 * .pi * Double(index) / Double(points))
            let state = try settle(network, step, constants, from: free, at: point)
            isSettled = isSettled && state.isSettled
            let slopes = try slope.evaluate(complex: state.values)
            for (name, value) in slopes {
                // A point and its mirror image together give twice the real part.
                let share = (isReal ? 1 : 2) / Double(points)
                let part = value.map { $0 / point }.real.map { share * $0 }
                sums[name] =
                    sums[name].map { sum in
                        Tensor(zip(sum.elements, part.elements).map(+), shape: sum.shape)
                    } ?? part
            }
        }
        return EquilibriumEstimate(
            gradients: EquilibriumNetwork<Model, Double>.byPath(sums), free: free,
            isSettled: isSettled)
    }

    /// The values of a graph at the equilibrium under a complex nudging, and whether it came to
    /// rest there.
    private func settle<Model: HolomorphicEnergyModel>(
        _ network: EquilibriumNetwork<Model, Double>, _ step: Graph,
        _ constants: [String: ComplexTensor], from free: Equilibrium<Double>, at point: Complex
    ) throws -> (values: [String: ComplexTensor], isSettled: Bool) {
        let names = network.model.activities.map { EnergyName.activity($0) }
        var values = constants.merging(free.values().mapValues { ComplexTensor($0) }) { $1 }
        values[EnergyName.nudging] = ComplexTensor(point)
        var judge = StepJudge(
            spacing: .ulpOfOne, tolerance: network.relaxation.tolerance)
        for index in 0..<network.relaxation.nudgedSteps {
            let next = try step.evaluate(complex: values)
            let verdict = judge.judge(
                changes: names.map { next[$0]!.squaredLength(from: values[$0]!) },
                sizes: names.map { next[$0]!.squaredLength() })
            for name in names { values[name] = next[name]! }
            switch verdict {
            case .goOn: break
            case .settled: return (values, true)
            case .diverged(let activity):
                throw EquilibriumError.diverged(
                    activity: network.model.activities[activity], step: index + 1,
                    rate: network.relaxation.rate, nudging: point.description)
            }
        }
        return (values, false)
    }
}
