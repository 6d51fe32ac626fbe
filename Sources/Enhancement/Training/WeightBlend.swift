// Trained weights brought back towards those that a run began with.
import Networks

/// How much of what a run learned is kept; the rest stays as it began.
///
/// Weights that go on from others for a while lie in the same valley: between the two, a network keeps
/// most of what it has learned, and forgets less of what it knew.
///
/// - SeeAlso: Wortsman et al., Robust fine-tuning of zero-shot models (arXiv:2109.01903), section 3.
public enum WeightBlend: Sendable, Hashable {
    /// The share that restores most of held-out tiles.
    case best
    /// The same share of all weights: 0 is the beginning, 1 the end.
    case share(Double)

    /// Shares that are tried for the best.
    public static let trials = [0, 0.25, 0.5, 0.75, 1]

    /// `auto`, or a number from 0 to 1; nil for other texts.
    public init?(_ text: String) {
        if text == "auto" {
            self = .best
        } else if let share = Double(text), (0...1).contains(share) {
            self = .share(share)
        } else {
            return nil
        }
    }

    /// A share that was tried, and the gain on held-out tiles in decibels.
    public typealias Trial = (share: Double, gain: Double)

    /// The blend of two sets of weights of equal paths and shapes.
    ///
    /// - Parameters:
    ///   - start: What the run began with.
    ///   - end: What it ended with.
    ///   - tiles: What the best share is chosen on; a given share wants none.
    /// - Returns: The weights, their share of `end`, and what was tried.
    /// - Throws: `PlanError`.
    public func callAsFunction(
        from start: Parameters, to end: Parameters, measuring tiles: HeldOutTiles?
    ) throws -> (parameters: Parameters, share: Double, trials: [Trial]) {
        var (chosen, trials): (Double, [Trial]) = (1, [])
        switch self {
        case .share(let share): chosen = share
        case .best:
            guard let tiles else { preconditionFailure("the best blend wants held-out tiles") }
            trials = try Self.trials.map { share in
                let weights = start.interpolated(to: end, share: share)
                return (share, try tiles.measure(weights).gain)
            }
            // Of equal gains the one that changes least.
            chosen = trials.reduce(trials[0]) { $1.gain > $0.gain ? $1 : $0 }.share
        }
        return (start.interpolated(to: end, share: chosen), chosen, trials)
    }
}
