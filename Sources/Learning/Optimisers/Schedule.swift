// How the learning rate changes over the steps of training.
import Glibc

/// The learning rate as a function of the step; it has no memory, so a resume needs only the step.
public enum Schedule: Sendable, Equatable {
    /// Always the same.
    case constant(Double)
    /// Rises linearly over `warmUp` steps to `peak`, then falls along half a cosine to `final` at
    /// `steps`, and stays there.
    ///
    /// - SeeAlso: Loshchilov and Hutter, SGDR (arXiv:1608.03983), equation 5.
    case cosine(peak: Double, final: Double = 0, warmUp: Int = 0, steps: Int)
    /// `initial`, times `factor` from each of the ascending `milestones` on.
    case step(initial: Double, factor: Double = 0.5, milestones: [Int])

    /// The learning rate of step `step`, counted from 0.
    public func rate(at step: Int) -> Double {
        switch self {
        case .constant(let rate): return rate
        case .cosine(let peak, let final, let warmUp, let steps):
            if step < warmUp { return peak * Double(step + 1) / Double(warmUp + 1) }
            guard step < steps else { return final }
            let progress = Double(step - warmUp) / Double(steps - warmUp)
            return final + (peak - final) * (1 + cos(.pi * progress)) / 2
        case .step(let initial, let factor, let milestones):
            return milestones.reduce(initial) { $1 <= step ? $0 * factor : $0 }
        }
    }
}
