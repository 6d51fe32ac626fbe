// Which objective helps with combinations that were never seen, and how sure that is.
import Glibc
import Tensors

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

    /// Whether an objective makes features alike for all objects.
    private static func aligns(_ variant: PredicateVariant) -> Bool { variant.objective.aligns }

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
            best { $0.objective == .prior }, best { $0.objective == .erm }, best(Self.aligns),
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

extension StudyOutcome {
    /// Means of what all have; combinations side by side.
    init(meanOf parts: [StudyOutcome]) {
        func mean(_ figure: (StudyOutcome) -> Double) -> Double {
            parts.map(figure).reduce(0, +) / Double(parts.count)
        }
        self.init(unseen: mean(\.unseen), seen: mean(\.seen))
        for part in parts { combinations.merge(part.combinations) { $1 } }
        let names = parts.reduce(into: Set<String>()) { $0.formUnion($1.others.keys) }
        for name in names {
            // Where a division has nothing to say, as of one kind of thing with one verb, the others say it.
            let known = parts.compactMap { $0.others[name] }
            others[name] = known.reduce(0, +) / Double(known.count)
        }
    }
}

/// A mean and the interval in which 95 of 100 such means lie.
public struct MeanInterval: Sendable, Equatable {
    /// The mean.
    public let mean: Double
    /// How far the interval reaches to each side; nil for a single value.
    public let halfWidth: Double?

    /// Of values drawn from a normal distribution (Student's t).
    public init(_ values: [Double]) {
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        self.mean = mean
        guard values.count > 1 else {
            halfWidth = nil
            return
        }
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        halfWidth = Self.quantile(freedom: values.count - 1) * (variance / count).squareRoot()
    }

    /// The 97.5 % quantile of Student's distribution.
    ///
    /// - SeeAlso: Abramowitz and Stegun, 26.7.5 (Cornish-Fisher), exact below five.
    static func quantile(freedom: Int) -> Double {
        let exact = [12.706, 4.303, 3.182, 2.776]
        if freedom <= exact.count { return exact[freedom - 1] }
        let (z, n) = (1.959964, Double(freedom))
        let terms = [
            (pow(z, 3) + z) / 4, (5 * pow(z, 5) + 16 * pow(z, 3) + 3 * z) / 96,
            (3 * pow(z, 7) + 19 * pow(z, 5) + 17 * pow(z, 3) - 15 * z) / 384,
        ]
        return z + terms[0] / n + terms[1] / (n * n) + terms[2] / (n * n * n)
    }
}

/// How much better one kind of variant is than another on unseen combinations, and how sure that is.
public struct StudyDifference: Sendable, Equatable {
    /// Over seeds, each with itself.
    public let seeds: MeanInterval
    /// From the 2.5th to the 97.5th of a hundred means over combinations drawn anew from those that were asked for,
    /// averaged over seeds; nil where there are fewer than two.
    public let combinations: ClosedRange<Double>?

    /// The first less the second.
    public init(_ a: PredicateStudy.Tested, _ b: PredicateStudy.Tested, draws: Int = 2000) {
        seeds = MeanInterval(zip(a.outcomes, b.outcomes).map { $0.unseen - $1.unseen })
        func means(_ tested: PredicateStudy.Tested) -> [String: Double] {
            var sums: [String: Double] = [:]
            for outcome in tested.outcomes { sums.merge(outcome.combinations, uniquingKeysWith: +) }
            return sums.mapValues { $0 / Double(tested.outcomes.count) }
        }
        let (first, second) = (means(a), means(b))
        let differences = first.keys.sorted().compactMap { name in
            second[name].map { first[name]! - $0 }
        }
        guard differences.count > 1 else {
            combinations = nil
            return
        }
        var random = RandomSource(seed: 1)
        let drawn = (0..<draws).map { _ in
            differences.indices.reduce(0) { sum, _ in
                sum + differences[random.index(below: differences.count)]
            } / Double(differences.count)
        }.sorted()
        func quantile(_ share: Double) -> Double {
            drawn[Int((share * Double(draws - 1)).rounded())]
        }
        combinations = quantile(0.025)...quantile(0.975)
    }
}
