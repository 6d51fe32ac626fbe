// One run of a study.

/// A run: which variant, with which seed, and on what it is measured.
public struct StudyTrial: Sendable, Hashable {
    /// What is measured for.
    public enum Purpose: String, Sendable {
        /// To choose by: combinations that are kept from training beside those of the test.
        case selection
        /// Combinations of the test.
        case test
    }

    /// What is tried.
    public let variant: PredicateVariant
    /// What for, and on which division of the data.
    public let purpose: Purpose, fold: String
    /// Seed of first weights and of all draws.
    public let seed: UInt64

    /// A run.
    public init(_ variant: PredicateVariant, _ purpose: Purpose, fold: String, seed: UInt64) {
        (self.variant, self.purpose, self.fold, self.seed) = (variant, purpose, fold, seed)
    }
}
