// How well verbs are told where one verb of each pair is known.
import Tensors

/// Average precision of each combination on pairs whose verb is known.
///
/// Pairs of one combination are found among those with the same kind of thing that show another verb: there it does not
/// help to know the thing. And among all pairs that show another verb, where it does. At eleven recalls, as HICO-DET
/// measures.
public struct PhotographAccuracy: Sendable {
    /// A combination.
    public struct Row: Sendable, Equatable {
        /// Which, and of how many pairs.
        public let triplet: Triplet, count: Int
        /// Whether it was kept from training.
        public let isUnseen: Bool
        /// Among pairs with the same kind of thing, nil where all show the verb; and among all pairs.
        public let amongAlike: Double?, amongAll: Double?
    }

    /// All combinations that the pairs show, by verb and thing.
    public let rows: [Row]

    /// Measures probabilities of verbs, a row a pair.
    public init(_ rows: [[Float]], of pairs: LabelledPairs, unseen: Set<Triplet> = []) {
        self.init(
            Tensor(rows.flatMap { $0 }, shape: [pairs.count, pairs.verbNames.count]), of: pairs,
            unseen: unseen)
    }

    /// Measures probabilities of verbs.
    ///
    /// - Parameter probabilities: `[pairs, verbs]`, as ``PredicateScorer/probabilities(of:)`` gives them.
    public init(
        _ probabilities: Tensor<Float>, of pairs: LabelledPairs, unseen: Set<Triplet> = []
    ) {
        let width = pairs.verbNames.count
        precondition(probabilities.shape == [pairs.count, width], "\(probabilities.shape)")
        let shown = (0..<pairs.count).map { pairs.triplets(of: $0) }
        let numbers = Dictionary(
            uniqueKeysWithValues: pairs.verbNames.enumerated().map { ($1, $0) })
        let scores = probabilities.elements
        let all = shown.reduce(into: Set()) { $0.formUnion($1) }.sorted {
            ($0.verb, $0.object) < ($1.verb, $1.object)
        }
        rows = all.map { triplet in
            let verb = numbers[pairs.name(of: triplet)]!
            func precision(_ isAsked: (Int) -> Bool) -> Double? {
                let asked = (0..<pairs.count).filter {
                    shown[$0].contains(triplet)
                        || !pairs.verbs[$0].contains(verb) && isAsked($0)
                }
                let total = asked.count { shown[$0].contains(triplet) }
                guard total < asked.count else { return nil }
                let order = asked.sorted {
                    let (a, b) = (scores[$0 * width + verb], scores[$1 * width + verb])
                    return a != b ? a > b : $0 < $1
                }
                return elevenPointPrecision(
                    hits: order.map { shown[$0].contains(triplet) }, total: total)
            }
            return Row(
                triplet: triplet, count: shown.count { $0.contains(triplet) },
                isUnseen: unseen.contains(triplet),
                amongAlike: precision { COCO.categories[pairs.objects[$0]] == triplet.object },
                amongAll: precision { _ in true })
        }
    }

    /// Means over combinations that are unseen, or seen: among pairs with the same kind of thing, and among all.
    public func means(unseen: Bool) -> (amongAlike: Double?, amongAll: Double?) {
        func mean(_ values: [Double?]) -> Double? {
            let known = values.compactMap { $0 }
            return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
        }
        let chosen = rows.filter { $0.isUnseen == unseen }
        return (mean(chosen.map(\.amongAlike)), mean(chosen.map(\.amongAll)))
    }
}
