// What can go wrong while activities settle, with the vertices concerned and a remedy.

/// Activities that cannot settle.
public enum PCError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was given for a vertex group is not finite.
    case valuesNotFinite(group: String)
    /// The energy is not finite although the activities are: the weights are at fault.
    case weightsNotFinite
    /// The energy grew to a multiple of what it was; the activities of `group` are the largest.
    /// A rate of less than `limit` is stable at the start.
    case diverged(group: String, step: Int, rate: Double, limit: Double)

    /// One line.
    public var description: String {
        switch self {
        case .valuesNotFinite(let group):
            return "values given for vertex group '\(group)' are not finite: look for NaN there"
        case .weightsNotFinite:
            return "weights of the predictive-coding graph are not finite:"
                + " train again with a lower learning rate"
        case .diverged(let group, let step, let rate, let limit):
            return
                "inference diverges in vertex group '\(group)' at step \(step) with rate \(rate):"
                + " take the automatic rate, or one below \(rounded(limit))"
        }
    }

    /// Two significant digits, rounded down, so that the advice holds.
    private func rounded(_ value: Double) -> Double {
        guard value.isFinite, value > 0 else { return value }
        var unit = 1.0
        while value / unit < 10 { unit /= 10 }
        while value / unit >= 100 { unit *= 10 }
        return (value / unit).rounded(.down) * unit
    }
}
