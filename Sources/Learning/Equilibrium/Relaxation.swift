// How long a model settles, how the end is recognised, and how divergence is.

/// How a model settles.
public struct Relaxation: Sendable, Hashable {
    /// How far a step goes.
    public var rate: Double
    /// The largest number of steps of the free phase, and of each nudged phase.
    public var freeSteps: Int, nudgedSteps: Int
    /// A phase ends once a step is shorter than this share of the phase's longest; 0 takes all
    /// steps.
    ///
    /// It is relative to the phase, not to the activities: a nudging of 10⁻⁶ moves them by no more
    /// than that, and must still be followed to its end.
    public var tolerance: Double

    /// A schedule.
    public init(
        rate: Double = 0.1, freeSteps: Int = 50, nudgedSteps: Int = 50, tolerance: Double = 0
    ) {
        precondition(rate > 0 && freeSteps >= 0 && nudgedSteps > 0 && tolerance >= 0)
        self.rate = rate
        self.freeSteps = freeSteps
        self.nudgedSteps = nudgedSteps
        self.tolerance = tolerance
    }
}

/// Judges the steps of one phase by their squared lengths.
struct StepJudge {
    /// The relative spacing of the numbers that are computed with.
    let spacing: Double
    let tolerance: Double
    private var longest = 0.0
    private var first: Double?

    init(spacing: Double, tolerance: Double) {
        self.spacing = spacing
        self.tolerance = tolerance
    }

    enum Verdict: Equatable {
        case goOn, settled
        /// The position of the activity that is to blame.
        case diverged(Int)
    }

    /// What to make of a step.
    ///
    /// - Parameter changes: The squared length of the step, for each activity.
    /// - Parameter sizes: The squared length of where it led.
    mutating func judge(changes: [Double], sizes: [Double]) -> Verdict {
        for (index, (change, size)) in zip(changes, sizes).enumerated()
        where !change.isFinite || !size.isFinite {
            return .diverged(index)
        }
        let change = changes.reduce(0, +).squareRoot()
        let size = sizes.reduce(0, +).squareRoot()
        let first = first ?? change
        self.first = first
        // Down the slope of an energy each step is shorter than the last, if the rate is small
        // enough; rounding alone must not count as a first step.
        if change > 100 * max(first, 1000 * spacing * size) {
            return .diverged(changes.indices.max { changes[$0] < changes[$1] }!)
        }
        longest = max(longest, change)
        guard tolerance > 0 else { return .goOn }
        // Once at rest, rounding still tosses the last digit to and fro.
        return change <= max(tolerance * longest, 2 * spacing * size) ? .settled : .goOn
    }
}
