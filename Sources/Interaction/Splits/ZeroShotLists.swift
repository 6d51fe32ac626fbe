// The lists of HICO-DET's interactions that others left out of training.

/// Four published ways to leave interactions out of training.
///
/// - SeeAlso: Hou et al., "Visual compositional learning" (arXiv:2007.12407), and GEN-VLKT (arXiv:2203.13954).
public struct ZeroShotLists: Sendable {
    /// Which interactions are left out.
    public enum Kind: String, Sendable, CaseIterable {
        /// 120 combinations of known verbs and objects, the rarest first.
        case rareFirst = "rare_first"
        /// 120 of the most frequent.
        case nonRareFirst = "non_rare_first"
        /// All 100 with one of 12 objects.
        case unseenObject = "unseen_object"
        /// All 84 with one of 20 verbs.
        case unseenVerb = "unseen_verb"
    }

    private let lists: [Kind: Set<Int>]

    /// Reads a file whose member `unseen` has a list under each kind's name, of places in HICO-DET's list.
    ///
    /// - Throws: ``AnnotationError``.
    public init(contentsOf path: String, count: Int = 600) throws(AnnotationError) {
        let root = try AnnotationNode(contentsOf: path).member("unseen")
        var lists: [Kind: Set<Int>] = [:]
        for kind in Kind.allCases {
            lists[kind] = Set(try root.member(kind.rawValue).integers(in: 0..<count))
        }
        self.lists = lists
    }

    /// Places of the interactions that are left out.
    public subscript(kind: Kind) -> Set<Int> { lists[kind]! }

    /// The split that leaves them out of `triplets`, HICO-DET's list.
    public func split(_ kind: Kind, of triplets: [Triplet]) -> CompositionSplit {
        CompositionSplit(triplets, unseen: Set(self[kind].map { triplets[$0] }))
    }
}
