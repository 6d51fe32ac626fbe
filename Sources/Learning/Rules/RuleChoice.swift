// The rules by name, for settings of training.

/// A rule that training can follow.
public enum RuleChoice: Sendable, Hashable, CustomStringConvertible {
    /// Reverse differentiation.
    case backpropagation
    /// Z-IL.
    case zeroDivergence
    /// Predictive coding.
    case predictiveCoding(PredictiveCoding)

    /// The rule.
    public var rule: any LearningRule {
        switch self {
        case .backpropagation: Backpropagation()
        case .zeroDivergence: ZeroDivergence()
        case .predictiveCoding(let rule): rule
        }
    }

    /// All that changes what is computed, in a line.
    public var description: String {
        switch self {
        case .backpropagation: "backprop"
        case .zeroDivergence: "zil"
        case .predictiveCoding(let rule):
            "pc \(rule.coordinates) \(rule.output) \(rule.steps) \(rule.rate) \(rule.nudge) "
                + "\(rule.momentum) \(rule.isIncremental) \(rule.tolerance) \(rule.valueNodes) "
                + "\(rule.precisions.sorted { $0.key < $1.key })"
        }
    }
}
