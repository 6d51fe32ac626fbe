// What training of the predicate head is told.
import Learning

/// Which verbs that nobody annotated of a pair count as not happening; the others are unknown.
public enum AbsentVerbs: String, Sendable, CaseIterable {
    /// Those that training shows with the kind of thing.
    case knownWhereSeen
    /// All but those that are kept from training with it.
    case knownUnlessKept
    /// All, as usual detectors have it: what training does not show, does not happen.
    case known
}

/// How long and with what a predicate head is trained.
public struct PredicateSettings: Sendable {
    /// What for.
    public var objective: PredicateObjective
    /// Steps in all.
    public var steps: Int
    /// How the networks learn.
    public var rule = RuleChoice.backpropagation
    /// Pairs a step in which something happens, and others.
    public var positives = 256, negatives = 256
    /// Pairs a step that are aligned.
    public var aligned = 256
    /// What alignment counts beside verbs.
    public var alignment = AlignmentSchedule(lambda: 0.1)
    /// How evenly combinations are drawn for alignment: 1 as frequent as they are, 0 all alike.
    public var balance = 0.5
    /// How evenly they are drawn for the verbs' loss, likewise.
    public var verbBalance = 1.0
    /// Which of the head's hidden layers is aligned, counted from 0; nil for the last, by which verbs are told.
    public var alignedLayer: Int?
    /// What part of a discriminator's targets is spread over all objects.
    ///
    /// - SeeAlso: Zhang et al., "Free lunch for domain adversarial training" (arXiv:2302.00194).
    public var smoothing = 0.1
    /// Whether the spectral norm of a discriminator's layers is held at 1.
    public var isSpectral = false
    /// Focal loss: what positives count (0 to 1), and how much less what is known already does.
    public var focalBalance = 0.5, focus = 0.2
    /// What is known of verbs that nobody annotated of a pair.
    public var absence = AbsentVerbs.knownWhereSeen
    /// What the head is told of the pictures; nil for nothing but boxes.
    public var regions: RegionShape?
    /// What it tells verbs of.
    public var subject = PredicateSubject.pairs
    /// Widths of the head's hidden layers.
    public var widths = [128, 256]
    /// Peak of the learning rate, which rises over the warm-up and falls along a cosine.
    public var peakRate = 1e-3, warmUp = 100
    /// Part of the weights removed per step and unit of learning rate.
    public var decay = 1e-4
    /// Decay of the averaged weights, which are the ones that are kept.
    public var averageDecay = 0.999
    /// Seed of first weights and of all draws.
    public var seed: UInt64 = 1
    /// Threads to compute with.
    public var threads = 1
    /// Where the run can go on from, and the log of every step.
    public var checkpointPath: String?, logPath: String?
    /// Every how many steps progress is reported.
    public var progressInterval = 200

    /// A run of so many steps.
    public init(_ objective: PredicateObjective, steps: Int) {
        (self.objective, self.steps) = (objective, steps)
    }

    /// Pairs of each object that are compared with those of another, for ``PredicateObjective/coral``.
    static let groupSize = 16

    /// All that changes what is computed: a resumed run must have the same.
    var fingerprint: String {
        let parts: [String] = [
            objective.rawValue, "\(steps)", "\(positives)", "\(negatives)", "\(aligned)",
            "\(alignment.lambda)", "\(alignment.steepness)", "\(balance)", "\(smoothing)",
            "\(isSpectral)", "\(verbBalance)", "\(alignedLayer ?? -1)",
            "\(focalBalance)", "\(focus)", absence.rawValue, regions?.description ?? "boxes",
            "\(widths)", "\(peakRate)",
            "\(warmUp)", "\(decay)", "\(averageDecay)", "\(seed)",
        ]
        // As checkpoints had it before there was a choice.
        let rule = rule == .backpropagation ? [] : [rule.description]
        let told = subject == .pairs ? [] : [subject.rawValue]
        return (parts + rule + told).joined(separator: " ")
    }
}
