// How good each branch of a head is on photographs, and both together.
import Tensors

/// Means of boxes, of looks, and of both.
///
/// Both are fitted on one half of the photographs and measured on the other, and the other way round; means are over
/// combinations of verbs that both branches know, and over the halves.
public struct BranchComparison: Sendable {
    /// Mean average precision among pairs with the same kind of thing, and among all; see ``PhotographAccuracy``.
    public struct Means: Sendable, Equatable {
        /// nil where a half shows nothing.
        public let amongAlike: Double?, amongAll: Double?
    }

    /// Each branch alone, and both.
    public let boxes: Means, looks: Means, both: Means

    /// Measures two heads on pairs that neither has learned from.
    ///
    /// - Throws: `PlanError`.
    public init(
        _ geometry: PredicateModel, _ appearance: PredicateModel, on pairs: LabelledPairs
    ) throws {
        let shared = appearance.verbNames.filter(geometry.verbNames.contains)
        let halves = [0, 1].map { half in
            pairs.filtered { pairs.places[$0].picture % 2 == half }
        }
        let asked = halves.map { half in
            half.filtered { half.verbs[$0].allSatisfy { shared.contains(half.verbNames[$0]) } }
        }
        func means(
            _ names: [String], _ probabilities: (Int) throws -> Tensor<Float>
        ) throws -> Means {
            let found = try asked.indices.map { half in
                let scores = try probabilities(half).elements
                let columns = asked[half].verbNames.map { names.firstIndex(of: $0) }
                return PhotographAccuracy(
                    (0..<asked[half].count).map { row in
                        columns.map { $0.map { scores[row * names.count + $0] } ?? 0 }
                    }, of: asked[half]
                ).means(unseen: false)
            }
            func mean(_ values: [Double?]) -> Double? {
                let known = values.compactMap { $0 }
                return known.count < values.count
                    ? nil : known.reduce(0, +) / Double(known.count)
            }
            return Means(
                amongAlike: mean(found.map(\.amongAlike)), amongAll: mean(found.map(\.amongAll)))
        }
        let alone = try (PredicateScorer(geometry), PredicateScorer(appearance))
        boxes = try means(geometry.verbNames) { try alone.0.probabilities(of: asked[$0]) }
        looks = try means(appearance.verbNames) { try alone.1.probabilities(of: asked[$0]) }
        let joined = try halves.reversed().map {
            try BranchedScorer(
                BranchedModel(joining: geometry, appearance, fittedTo: $0, detector: ""))
        }
        both = try means(geometry.verbNames) { try joined[$0].probabilities(of: asked[$0]) }
    }
}

extension BranchedModel {
    /// Two heads as one, weighed as pairs say that neither has learned from.
    ///
    /// - Parameter people: A head that tells what people do by their looks, calibrated.
    /// - Parameter detector: The digest of the detector's file whose features all but the first read.
    /// - Throws: `PlanError`.
    public init(
        joining geometry: PredicateModel, _ appearance: PredicateModel,
        fittedTo pairs: LabelledPairs, people: PredicateModel? = nil, detector: String
    ) throws {
        let samples = try BranchedScorer.samples(geometry, appearance, of: pairs)
        self.init(
            geometry,
            appearance: Appearance(
                appearance, fusion: BranchFusion(fitting: samples), detector: detector),
            people: people.flatMap { model in
                model.calibration.map { Appearance(model, fusion: $0, detector: detector) }
            })
    }
}
