// What the variants of a study are trained and measured on.

/// Data that variants are tried on, divided in several ways.
public protocol StudyGround {
    /// Divisions by which variants are chosen, and those of the test.
    ///
    /// Where a name stands in both lists, what is measured there is the test of that division, and a choice for it goes by
    /// the others.
    var selectionFolds: [String] { get }
    var testFolds: [String] { get }
    /// Trains and measures; nil where a stop was asked for.
    ///
    /// - Throws: `PlanError` and what `PredicateTraining` throws.
    func outcome(
        _ settings: PredicateSettings, _ purpose: StudyTrial.Purpose, fold: String,
        shouldStop: @escaping () -> Bool
    ) throws -> StudyOutcome?
}

extension ObjectProbe {
    /// As further figures of an outcome.
    var figures: [String: Double] {
        [
            "probe": features, "probe chance": chance, "probe given verb": featuresGivenVerb,
            "probe chance given verb": chanceGivenVerb,
        ]
    }
}
