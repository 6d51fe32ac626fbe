// Options that say by which rule networks learn, the same in every program that trains.
import Learning
import Terminal

/// The rules by name.
public enum RuleName: String, CaseIterable, Sendable {
    /// Backpropagation.
    case backprop
    /// Z-IL.
    case zil
    /// Predictive coding.
    case pc
}

/// What moves while predictive coding infers, by name.
public enum InferenceName: String, CaseIterable, Sendable {
    case errors, values, fixed

    var coordinates: PredictiveCoding.Coordinates {
        switch self {
        case .errors: .errors
        case .values: .values
        case .fixed: .valuesWithFixedPredictions
        }
    }
}

/// `--rule` and what belongs to it.
public enum RuleOptions {
    private static let group = "Learning rule"

    /// The rule.
    public static let rule = Option.choice(
        "rule", default: RuleName.backprop,
        help:
            "How errors become changes of weights: backprop; zil, which yields the same by predictive coding that "
            + "learns when errors arrive; pc, which infers activities first, and is slower.",
        group: group)
    /// Steps of inference.
    public static let steps = Option.integer(
        "pc-steps", in: 1...100_000, default: 20, help: "Steps of inference for each batch.",
        group: group)
    /// How far each moves.
    public static let rate = Option.real(
        "pc-rate", in: 1e-9...100, placeholder: "X",
        help:
            "How far activities move in a step; without it, what the curvature of the energy allows.",
        group: group)
    /// How much the loss counts.
    public static let nudge = Option.real(
        "pc-nudge", in: 1e-9...1e9, default: 1, placeholder: "X",
        help: "What the loss counts beside prediction errors: near 0 gradients become backprop's.",
        group: group)
    /// How much of a step is kept.
    public static let momentum = Option.real(
        "pc-momentum", in: 0...0.999, default: 0, placeholder: "X",
        help: "How much of a step of inference is kept in the next.", group: group)
    /// What moves.
    public static let inference = Option.choice(
        "pc-inference", default: InferenceName.errors,
        help:
            "What moves: prediction errors, which is exact for small nudges; values, by local signals alone; or "
            + "values with predictions fixed, which ends at backprop's gradients.",
        group: group)
    /// Whether weights learn at each step.
    public static let incremental = Option.flag(
        "pc-incremental", help: "Learn at every step of inference, each of which counts as a step.",
        group: group)

    /// All of them.
    public static let all: [any OptionDeclaring] = [
        rule, steps, rate, nudge, momentum, inference, incremental,
    ]

    /// The rule that was asked for.
    ///
    /// - Throws: `UsageError` for options of a rule that was not.
    public static func choice(_ arguments: Arguments) throws -> RuleChoice {
        switch arguments[rule] {
        case .backprop, .zil:
            let others: [any OptionDeclaring] = [
                steps, rate, nudge, momentum, inference, incremental,
            ]
            for option in others where arguments.isGiven(option) {
                throw UsageError.nonsense("--\(option.row.name) is for --rule pc")
            }
            return arguments[rule] == .zil ? .zeroDivergence : .backpropagation
        case .pc:
            var choice = PredictiveCoding()
            choice.steps = arguments[steps]
            choice.rate = arguments[rate].map { .fixed($0) } ?? .automatic
            choice.nudge = arguments[nudge]
            choice.momentum = arguments[momentum]
            choice.coordinates = arguments[inference].coordinates
            choice.isIncremental = arguments[incremental]
            return .predictiveCoding(choice)
        }
    }
}
