// What the predicate head is trained for, and how strongly.
import Glibc

/// How predicates are made to hold for objects that they were never seen with. Kinds of objects are the domains.
///
/// The paper says no more of its method than "adversarial domain generalization to learn object-invariant features for
/// predicate prediction"; which features, which adversary and which of these it is closest to is our reading.
///
/// - SeeAlso: "Novel human-object interaction detection via adversarial domain generalization" (arXiv:2005.11406).
public enum PredicateObjective: String, Sendable, CaseIterable {
    /// The usual detector: the head is told the object, and verbs are all it learns.
    case prior
    /// The head is not told the object; verbs are all it learns.
    case erm
    /// No network shall tell the object from the head's features.
    ///
    /// - SeeAlso: Ganin et al., "Domain-adversarial training" (arXiv:1505.07818).
    case dann
    /// No network that knows the verb shall tell the object any better for the features.
    ///
    /// - SeeAlso: Li et al., "Deep domain generalization via conditional invariant adversarial networks" (2018).
    case cdann
    /// What a network tells of the object shall be what the verb says of it: p(object | verb).
    ///
    /// - SeeAlso: Akuzawa et al., "Adversarial invariant feature learning with accuracy constraint"
    ///   (arXiv:1904.12543), equation 9.
    case klprior
    /// Features of two objects of one verb shall have the same mean and covariance.
    ///
    /// - SeeAlso: Sun and Saenko, "Deep CORAL" (arXiv:1607.01719), equation 1; that both are of one verb is ours.
    case coral

    /// Whether the head is told the object.
    public var readsObject: Bool { self == .prior }
    /// Whether anything but verbs is learned.
    public var aligns: Bool { self != .prior && self != .erm }
    /// Whether there is a discriminator.
    public var isAdversarial: Bool { self == .dann || self == .cdann || self == .klprior }
    /// Whether that is told the verb.
    public var readsVerb: Bool { self == .cdann }
}

/// How much alignment counts beside verbs: little at first, so that there is something to be aligned.
public struct AlignmentSchedule: Sendable, Equatable {
    /// What it counts in the end.
    public var lambda: Double
    /// How fast it gets there: after a fraction 1 / `steepness` of the run it counts about a half.
    public var steepness = 10.0

    /// A schedule that ends at `lambda`.
    public init(lambda: Double) { self.lambda = lambda }

    /// What it counts at step `step` of `steps`.
    ///
    /// - SeeAlso: Ganin et al. (arXiv:1505.07818), section 5.2.2.
    public func weight(at step: Int, of steps: Int) -> Double {
        let progress = Double(step) / Double(max(steps, 1))
        return lambda * (2 / (1 + exp(-steepness * progress)) - 1)
    }
}
