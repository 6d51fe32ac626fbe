// A study's ground of boxes alone.

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
