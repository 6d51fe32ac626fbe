// What can go wrong while a model settles.

/// A model that does not settle, or an estimate that its graph does not allow.
public enum EquilibriumError: Error, Sendable, Hashable, CustomStringConvertible {
    /// An activity became infinite or not a number, or its steps grew instead of shrinking.
    case diverged(activity: String, step: Int, rate: Double, nudging: String)
    /// The iteration of recurrent backpropagation grew: the fixed point does not attract.
    case adjointDiverged(activity: String, step: Int, rate: Double)
    /// The graph holds an operation that is not known to be analytic.
    case notAnalytic(operation: String)

    /// What went wrong, where, and what to do.
    public var description: String {
        switch self {
        case .diverged(let activity, let step, let rate, let nudging):
            "activity '\(activity)' diverged at step \(step) (rate \(rate), nudging \(nudging)): "
                + "lower the rate, then the nudging, then the weights"
        case .adjointDiverged(let activity, let step, let rate):
            "the adjoint of activity '\(activity)' diverged at step \(step) (rate \(rate)): the "
                + "equilibrium does not attract; lower the rate, then the weights"
        case .notAnalytic(let operation):
            "\(operation) has no extension to complex numbers: use the symmetric estimate"
        }
    }
}
