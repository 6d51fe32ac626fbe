// Both branches of the predicate head at work.
import Glibc
import Tensors

/// Tells verbs of pairs by both branches, or by boxes alone. Belongs to one thread.
public final class BranchedScorer {
    /// The model.
    public let model: BranchedModel
    private let geometry: PredicateScorer
    private let appearance: PredicateScorer?, people: PredicateScorer?
    /// For each verb of the appearance branch its place among those of geometry; nil where that has it not.
    private let places: [Int?]

    /// A scorer.
    ///
    /// - Throws: `PlanError`.
    public init(_ model: BranchedModel, threads: Int = 1, batch: Int = 128) throws {
        self.model = model
        geometry = try PredicateScorer(model.geometry, threads: threads, batch: batch)
        appearance = try model.appearance.map {
            try PredicateScorer($0.model, threads: threads, batch: batch)
        }
        // Pictures have few people.
        people = try model.people.map {
            try PredicateScorer($0.model, threads: threads, batch: min(batch, 16))
        }
        let verbs = model.geometry.verbNames
        places = model.appearance?.model.verbNames.map { verbs.firstIndex(of: $0) } ?? []
    }

    /// What has to be told of pairs for both branches; nil where there is but one.
    public var regions: RegionShape? { appearance?.head.regions }

    /// The probability of each of geometry's verbs for each pair, `[pairs, verbs]`.
    ///
    /// - Parameter pairs: Where they have no regions boxes alone decide.
    /// - Throws: `PlanError`.
    public func probabilities(of pairs: LabelledPairs) throws -> Tensor<Float> {
        guard let appearance, let fusion = model.appearance?.fusion, pairs.regions != nil else {
            return try geometry.probabilities(of: pairs)
        }
        let logits = try geometry.logits(of: pairs), looks = try appearance.logits(of: pairs)
        let (width, others) = (model.geometry.verbNames.count, places.count)
        return Tensor(shape: logits.shape) { target in
            for index in target.indices { target[index] = 1 / (1 + exp(-logits.elements[index])) }
            for pair in 0..<pairs.count {
                for (verb, place) in places.enumerated() {
                    guard let place else { continue }
                    let logit = fusion.logit(
                        geometry: Double(logits.elements[pair * width + place]),
                        appearance: Double(looks.elements[pair * others + verb]))
                    target[pair * width + place] = Float(1 / (1 + exp(-logit)))
                }
            }
        }
    }

    /// The probability of each of the verbs that people are told by, `[people, verbs]`; nil where there is no such branch.
    ///
    /// - Throws: `PlanError`.
    public func probabilities(ofPeople pairs: LabelledPairs) throws -> Tensor<Float>? {
        guard let people, let fusion = model.people?.fusion else { return nil }
        return try people.logits(of: pairs).map { logit in
            Float(1 / (1 + exp(-fusion.logit(geometry: 0, appearance: Double(logit)))))
        }
    }

    /// What both branches say of the verbs of pairs that one verb of is known, and what is so: what a fusion is fitted
    /// to.
    ///
    /// - Throws: `PlanError`.
    public static func samples(
        _ geometry: PredicateModel, _ appearance: PredicateModel, of pairs: LabelledPairs
    ) throws -> [BranchFusion.Sample] {
        let logits = try PredicateScorer(geometry).logits(of: pairs).elements
        let looks = try PredicateScorer(appearance).logits(of: pairs).elements
        let (width, others) = (geometry.verbNames.count, appearance.verbNames.count)
        let known = appearance.verbNames.map { geometry.verbNames.firstIndex(of: $0) }
        let own = appearance.verbNames.map { pairs.verbNames.firstIndex(of: $0) }
        return (0..<pairs.count).flatMap { pair in
            (0..<others).compactMap { verb in
                guard let place = known[verb], let label = own[verb] else { return nil }
                return BranchFusion.Sample(
                    geometry: Double(logits[pair * width + place]),
                    appearance: Double(looks[pair * others + verb]),
                    isSo: pairs.verbs[pair].contains(label))
            }
        }
    }
}
