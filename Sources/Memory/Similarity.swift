// How alike a query and a stored key are: eight measures, and how a distance becomes a similarity.

/// How alike a query and each stored key are: the first of the three operations of a retrieval.
///
/// - SeeAlso: Millidge et al., "Universal Hopfield Networks" (arXiv:2202.04557), section 3.
public struct Similarity: Sendable, Hashable {
    /// What is measured between a query q and a key k.
    public enum Measure: String, Sendable, Hashable, CaseIterable {
        /// Σ q k.
        case dotProduct = "dot product"
        /// Σ q k / (|q| |k|), for each key by its own length; 0 where a length is 0.
        case cosine = "cosine"
        /// Σ (q - k)², a distance.
        case euclidean = "Euclidean"
        /// Σ |q - k|, a distance.
        case manhattan = "Manhattan"
        /// KL(k ‖ q) of both as distributions, a distance.
        case kullbackLeibler = "KL"
        /// KL(q ‖ k) of both as distributions, a distance.
        case reverseKullbackLeibler = "reverse KL"
        /// ½ KL(k ‖ m) + ½ KL(q ‖ m), where m is half the sum of both as distributions, a distance.
        case jensenShannon = "Jensen-Shannon"
        /// The number of entries that differ, a distance.
        case hamming = "Hamming"

        /// Whether small values mean alike.
        public var isDistance: Bool { self != .dotProduct && self != .cosine }

        /// Whether patterns enter as distributions over their entries, which must not be negative.
        public var comparesDistributions: Bool {
            switch self {
            case .kullbackLeibler, .reverseKullbackLeibler, .jensenShannon: true
            default: false
            }
        }
    }

    /// How a distance D becomes a similarity.
    public enum Form: String, Sendable, Hashable, CaseIterable {
        /// -D.
        case negated
        /// 1 / D, of which polynomials can be taken: as the paper's code has it.
        case reciprocal
    }

    /// What is measured.
    public var measure: Measure
    /// How a distance becomes a similarity; products are taken as they are.
    public var form: Form
    /// Whether products are taken of patterns that are divided by their sums.
    public var scalesPatterns: Bool
    /// Whether similarities of a query are divided by their sum over all keys.
    public var scalesScores: Bool

    /// A similarity.
    public init(
        _ measure: Measure, _ form: Form = .negated, scalesPatterns: Bool = false,
        scalesScores: Bool = false
    ) {
        (self.measure, self.form) = (measure, form)
        (self.scalesPatterns, self.scalesScores) = (scalesPatterns, scalesScores)
    }

    /// Σ q k.
    public static let dotProduct = Similarity(.dotProduct)
    /// The cosine of the angle between q and k.
    public static let cosine = Similarity(.cosine)
    /// -Σ (q - k)².
    public static let euclidean = Similarity(.euclidean)
    /// -Σ |q - k|.
    public static let manhattan = Similarity(.manhattan)
    /// The number of entries that differ, negated.
    public static let hamming = Similarity(.hamming)

    /// A measure as the paper's experiments use it: reciprocals of distances, products of patterns with the sum 1, all
    /// divided by their sum over the keys.
    ///
    /// Cosines are taken for each key by its own length, and the Jensen-Shannon divergence is one: the published code
    /// divides all by the length of the whole matrix, and takes reciprocals of reciprocals.
    public static func published(_ measure: Measure) -> Similarity {
        Similarity(
            measure, .reciprocal, scalesPatterns: measure == .dotProduct, scalesScores: true)
    }

    /// What is added to each entry of a distribution, so that logarithms are finite.
    static let smoothing: Double = 1e-4
    /// The least distance of which a reciprocal is taken.
    static let leastDistance: Double = 1e-12

    /// What a measure is as similarity, before scores are scaled.
    func score(_ value: Double) -> Double {
        guard measure.isDistance else { return value }
        switch form {
        case .negated: return -value
        case .reciprocal: return 1 / max(value, Self.leastDistance)
        }
    }
}
