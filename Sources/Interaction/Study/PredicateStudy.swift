// Which objective helps with combinations that were never seen, and how sure that is.

/// A comparison of ways to train a predicate head.
///
/// Each variant is tried once on every division for selection; each objective's best goes on. Of those that align
/// features the best is the one that is tested, with several seeds, beside the best `prior` and the best `erm`. The test is
/// not looked at before.
public struct PredicateStudy: Sendable {
    /// What is tried.
    public let variants: [PredicateVariant]
    /// What is also tested, whatever is chosen.
    public let companions: [PredicateVariant]
    /// What all runs have in common.
    public let settings: PredicateSettings
    /// Seeds of the test: 1 and so on.
    public let seedCount: Int

    /// A study.
    public init(
        _ variants: [PredicateVariant], companions: [PredicateVariant] = [],
        settings: PredicateSettings, seedCount: Int
    ) {
        (self.variants, self.companions) = (variants, companions)
        (self.settings, self.seedCount) = (settings, seedCount)
    }

    /// How many runs there are to do.
    public func runCount(on ground: some StudyGround) -> Int {
        let objectives = Set(variants.map(\.objective))
        let tested =
            objectives.count { !$0.aligns } + (objectives.contains { $0.aligns } ? 1 : 0)
            + companions.count
        return (needsSelection ? variants.count * ground.selectionFolds.count : 0)
            + tested * ground.testFolds.count * seedCount
    }

    /// With one variant of each kind there is nothing to choose.
    private var needsSelection: Bool {
        let kinds = variants.map { $0.objective.aligns ? nil : Optional($0.objective) }
        return Set(kinds).count < kinds.count
    }

    /// Does what is not done yet.
    ///
    /// - Parameters:
    ///   - record: what is done; `isDone` is told after each run.
    /// - Returns: Whether all is done.
    /// - Throws: What the ground throws, and `isDone`.
    public func run(
        on ground: some StudyGround, record: inout StudyRecord,
        isDone: (StudyRecord, StudyTrial, StudyOutcome) throws -> Void,
        shouldStop: @escaping () -> Bool = { false }
    ) throws -> Bool {
        // A fold's pairs are made once: all runs on it follow each other.
        for fold in needsSelection ? ground.selectionFolds : [] {
            for variant in variants {
                let trial = StudyTrial(variant, .selection, fold: fold, seed: settings.seed)
                guard try run(trial, on: ground, &record, isDone, shouldStop) else { return false }
            }
        }
        for fold in ground.testFolds {
            for variant in tested(fold: fold, on: ground, record) {
                for seed in 1...UInt64(seedCount) {
                    let trial = StudyTrial(variant, .test, fold: fold, seed: seed)
                    guard try run(trial, on: ground, &record, isDone, shouldStop) else {
                        return false
                    }
                }
            }
        }
        return true
    }

    private func run(
        _ trial: StudyTrial, on ground: some StudyGround, _ record: inout StudyRecord,
        _ isDone: (StudyRecord, StudyTrial, StudyOutcome) throws -> Void,
        _ shouldStop: @escaping () -> Bool
    ) throws -> Bool {
        if record.outcomes[trial] != nil { return true }
        guard !shouldStop() else { return false }
        var settings = trial.variant.settings(settings)
        settings.seed = trial.seed
        guard
            let outcome = try ground.outcome(
                settings, trial.purpose, fold: trial.fold, shouldStop: shouldStop)
        else { return false }
        record.append(trial, outcome)
        try isDone(record, trial, outcome)
        return true
    }

    // MARK: - Choice

    /// What a variant reached where variants are chosen, the division of the test left out; nil where it was not tried.
    public func score(
        _ variant: PredicateVariant, for fold: String, on ground: some StudyGround,
        _ record: StudyRecord
    ) -> Double? {
        let values = ground.selectionFolds.filter { $0 != fold }.map {
            record.outcomes[StudyTrial(variant, .selection, fold: $0, seed: settings.seed)]?
                .harmonic
        }
        let known = values.compactMap { $0 }
        guard !known.isEmpty, known.count == values.count else { return nil }
        return known.reduce(0, +) / Double(known.count)
    }

    /// The best variants: `prior`, `erm` and whatever aligns, each where it was tried; then the companions.
    public func tested(
        fold: String, on ground: some StudyGround, _ record: StudyRecord
    ) -> [PredicateVariant] {
        func best(_ isOne: (PredicateVariant) -> Bool) -> PredicateVariant? {
            let some = variants.filter(isOne)
            let scores = some.map { score($0, for: fold, on: ground, record) ?? -1 }
            guard let highest = scores.max() else { return nil }
            return some[scores.firstIndex(of: highest)!]
        }
        let chosen = [
            best { $0.objective == .prior }, best { $0.objective == .erm },
            best { $0.objective.aligns },
        ].compactMap { $0 }
        return chosen + companions.filter { !chosen.contains($0) }
    }

    // MARK: - Figures

    /// What a kind of variant reached in the test, a row a seed: means over the divisions.
    public struct Tested: Sendable, Equatable {
        /// `prior`, `erm`, `chosen`, or the companion.
        public let name: String
        /// The variants, by division; of the same kind, but not always the same.
        public let variants: [PredicateVariant]
        /// Of each seed.
        public let outcomes: [StudyOutcome]

        /// A figure of each seed; nil where one has it not.
        public func values(_ figure: (StudyOutcome) -> Double?) -> [Double]? {
            let values = outcomes.compactMap(figure)
            return values.count == outcomes.count && !values.isEmpty ? values : nil
        }
    }

    /// The test, as far as it is done on all divisions.
    public func results(on ground: some StudyGround, _ record: StudyRecord) -> [Tested] {
        let byFold = ground.testFolds.map { tested(fold: $0, on: ground, record) }
        func kind(_ variant: PredicateVariant) -> String {
            if companions.contains(variant) { return "\(variant)" }
            return variant.objective.aligns ? "chosen" : variant.objective.rawValue
        }
        return (byFold.first ?? []).indices.compactMap { index in
            let variants = byFold.map { $0[index] }
            let outcomes = (1...UInt64(seedCount)).compactMap { seed -> StudyOutcome? in
                let parts = zip(ground.testFolds, variants).compactMap {
                    record.outcomes[StudyTrial($1, .test, fold: $0, seed: seed)]
                }
                return parts.count == variants.count ? StudyOutcome(meanOf: parts) : nil
            }
            guard outcomes.count == seedCount else { return nil }
            return Tested(name: kind(variants[0]), variants: variants, outcomes: outcomes)
        }
    }
}
