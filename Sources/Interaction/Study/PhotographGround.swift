// A study's ground of photographs.

/// Photographs: each fold keeps combinations from training; variants are chosen for one by the others.
public final class PhotographGround: StudyGround {
    private let pairs: PhotographPairs
    private let folds: [(name: String, unseen: Set<Triplet>)]
    private var kept: (name: String, learned: LabelledPairs, asked: LabelledPairs)?

    public let selectionFolds: [String]
    public let testFolds: [String]
    /// Whether the test also tells how much of the object is left; see ``ObjectProbe``.
    public var probes = false

    /// A ground of photographs that were looked at.
    ///
    /// - Parameter folds: what each keeps from training, of what the photographs show.
    public init(_ pairs: PhotographPairs, folds: [Set<Triplet>]) {
        self.pairs = pairs
        self.folds = folds.map { unseen in
            (unseen.map(\.description).sorted().joined(separator: ", "), unseen)
        }
        selectionFolds = self.folds.map(\.name)
        testFolds = selectionFolds
    }

    public func outcome(
        _ settings: PredicateSettings, _ purpose: StudyTrial.Purpose, fold: String,
        shouldStop: @escaping () -> Bool
    ) throws -> StudyOutcome? {
        let unseen = folds.first { $0.name == fold }!.unseen
        if kept?.name != fold {
            kept = (fold, pairs.training(without: unseen), pairs.measuring(unseen))
        }
        let (learned, asked) = (kept!.learned, kept!.asked)
        let trained = try PredicateTraining(settings).run(
            on: learned, triplets: Array(pairs.plain.triplets), unseen: unseen,
            shouldStop: shouldStop)
        guard trained.isComplete else { return nil }
        let scorer = try PredicateScorer(trained.model, threads: settings.threads)
        let accuracy = PhotographAccuracy(
            try scorer.probabilities(of: asked), of: asked, unseen: unseen)
        let means = (new: accuracy.means(unseen: true), known: accuracy.means(unseen: false))
        var outcome = StudyOutcome(
            unseen: means.new.amongAll ?? 0, seen: means.known.amongAll ?? 0)
        for row in accuracy.rows where row.isUnseen {
            outcome.combinations["\(row.triplet)"] = row.amongAll
        }
        outcome.others["unseen, same thing"] = means.new.amongAlike
        outcome.others["seen, same thing"] = means.known.amongAlike
        if purpose == .test, probes {
            let probe = try ObjectProbe(scorer.encodings(of: asked), of: asked)
            outcome.others.merge(probe.figures) { $1 }
        }
        return outcome
    }
}
