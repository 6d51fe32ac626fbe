// The one estimator that predictive coding, equilibrium propagation and their kin share.
import Tensors

/// The gradient of the loss at the free equilibrium, estimated from how the slope of the energy by
/// the weights changes when the activities are nudged.
///
/// With x(λ) the equilibrium of E = I + λ L, the limit of (1/λ)(∂E/∂W at x(λ) - ∂E/∂W at x(0)) for
/// λ to 0 is dL(x(0))/dW, for any I. It needs that
/// 1. the free phase reaches its equilibrium, and the nudged phase starts there,
/// 2. the Hessian d²I/dx² is invertible there,
/// 3. λ is small against the distance in which x(λ) bends,
/// 4. the nudged phase reaches its equilibrium, too.
///
/// That is the gradient of *backpropagation* where the free equilibrium is a forward pass, as in
/// predictive coding. In a Hopfield network it is the gradient of the recurrent network.
///
/// - SeeAlso: arXiv:2206.02629; Scellier and Bengio, "Equilibrium Propagation"
///   (arXiv:1602.05179); Laborieux et al. (arXiv:2006.03824) for the symmetric form.
public struct FreePhaseContrast: Sendable, Hashable {
    /// Which equilibria are compared.
    public enum Form: Sendable, Hashable {
        /// λ with 0: one nudged phase, a bias of order λ.
        case oneSided
        /// λ with -λ: two nudged phases, a bias of order λ².
        case symmetric
    }

    /// Which equilibria are compared.
    public var form: Form
    /// The nudging λ; a negative one pushes away from the target.
    public var nudging: Double

    /// An estimator.
    public init(_ form: Form, nudging: Double) {
        precondition(nudging != 0 && nudging.isFinite, "nudging \(nudging)")
        self.form = form
        self.nudging = nudging
    }

    /// Settles a network on an example and estimates the gradient of its loss, summed over the
    /// batch.
    ///
    /// - Throws: `EquilibriumError.diverged`, and what evaluation throws.
    public func estimate<Model: EnergyModel, Scalar: TensorScalar>(
        _ network: EquilibriumNetwork<Model, Scalar>, _ example: EnergyExample<Scalar>
    ) throws -> EquilibriumEstimate<Scalar> {
        let free = try network.freeEquilibrium(example)
        let nudged = try network.equilibrium(example, nudging: nudging, from: free)
        let other =
            switch form {
            case .oneSided: free
            case .symmetric: try network.equilibrium(example, nudging: -nudging, from: free)
            }
        return EquilibriumEstimate(
            gradients: try network.contrast(example, nudged, other), free: free,
            isSettled: [free, nudged, other].allSatisfy(\.isSettled))
    }
}

/// An estimate of a gradient, and the equilibrium it holds for.
public struct EquilibriumEstimate<Scalar: TensorScalar>: Sendable {
    /// The gradient by path, for the parameters that the energy depends on.
    public let gradients: [String: Tensor<Scalar>]
    /// Where the model settled without a target.
    public let free: Equilibrium<Scalar>
    /// Whether the tolerance ended every phase; false where one took all its steps, as phases
    /// without a tolerance do, or those of a network that swings.
    public let isSettled: Bool
}
