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

/// Boxes of HICO-DET: chosen by combinations of its training set, tested on those of its test set.
public final class AnnotationGround: StudyGround {
    private let set: HICODET, test: [AnnotatedPicture], split: CompositionSplit
    private let held: [(name: String, held: HeldOutCombinations)]
    private let training: [AnnotatedPicture]
    private var kept: (name: String, learned: LabelledPairs, asked: LabelledPairs)?

    public let selectionFolds: [String]
    public let testFolds = ["test"]
    /// Whether the test also tells how much of the object is left; see ``ObjectProbe``.
    public var probes = false

    /// A ground.
    ///
    /// - Parameters:
    ///   - training: the photographs to learn from.
    ///   - test: those to measure on.
    ///   - split: what training must not show.
    ///   - count: how many combinations each selection keeps back, and how many selections there are.
    /// - Returns: nil where so many combinations cannot be kept back.
    public init?(
        _ set: HICODET, training: [AnnotatedPicture], test: [AnnotatedPicture],
        split: CompositionSplit, keepingBack count: Int, selections: Int
    ) {
        (self.set, self.test, self.split, self.training) = (set, test, split, training)
        var held: [(String, HeldOutCombinations)] = []
        for seed in 1...selections {
            guard
                let one = HeldOutCombinations(training, split, count: count, seed: UInt64(seed))
            else { return nil }
            held.append(("held out \(seed)", one))
        }
        self.held = held
        selectionFolds = held.map(\.0)
    }

    public func outcome(
        _ settings: PredicateSettings, _ purpose: StudyTrial.Purpose, fold: String,
        shouldStop: @escaping () -> Bool
    ) throws -> StudyOutcome? {
        let one = purpose == .selection ? held.first { $0.name == fold }!.held : nil
        let unseen = one?.combinations ?? split.unseen
        let pictures = one?.selection ?? test
        if kept?.name != fold {
            kept = (
                fold,
                LabelledPairs(
                    one?.training ?? split.withholding(from: training), verbNames: set.verbs),
                LabelledPairs(pictures, verbNames: set.verbs)
            )
        }
        let (learned, asked) = (kept!.learned, kept!.asked)
        let trained = try PredicateTraining(settings).run(
            on: learned, triplets: set.triplets, unseen: split.unseen.union(unseen),
            shouldStop: shouldStop)
        guard trained.isComplete else { return nil }
        let scorer = try PredicateScorer(trained.model, threads: settings.threads)
        let numbers = CompositionSplit(set.triplets, unseen: unseen).unseenNumbers(in: set.triplets)
        let accuracy = PredicateAccuracy(
            try scorer.probabilities(of: asked), of: asked, in: pictures, triplets: set.triplets,
            rare: set.rare, unseen: numbers)
        let means = accuracy.means()
        var outcome = StudyOutcome(unseen: means.unseen ?? 0, seen: means.seen ?? 0)
        for number in numbers {
            outcome.combinations["\(set.triplets[number])"] =
                accuracy.byDefault.precisions[number]
        }
        outcome.others["full"] = means.full
        outcome.others["mPD"] = accuracy.degradation()
        if purpose == .test, probes {
            let probe = try ObjectProbe(scorer.encodings(of: asked), of: asked)
            outcome.others.merge(probe.figures) { $1 }
        }
        return outcome
    }
}

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
