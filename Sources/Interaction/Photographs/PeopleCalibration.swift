// How sure one may be of what people do by their looks.

extension PredicateModel {
    /// The entry of a file that says how logits of a head that is told of people become probabilities.
    private static let calibrationKey = "percept.calibration"

    /// The same model, whose file says how its logits become probabilities.
    public func calibrated(by fusion: BranchFusion) -> PredicateModel {
        saying([Self.calibrationKey: fusion.description])
    }

    /// How logits become probabilities; nil where the file does not say.
    public var calibration: BranchFusion? {
        metadata[Self.calibrationKey].flatMap { BranchFusion($0) }
    }
}

extension BranchFusion {
    /// The fusion that makes probabilities of a head's logits on people whose doing is known and whom it has not learned
    /// from.
    ///
    /// Whose verb is known does none of the others.
    ///
    /// - Throws: `PlanError`.
    public init(calibrating model: PredicateModel, on people: LabelledPairs) throws {
        precondition(people.subject == .people && people.verbNames == model.verbNames)
        let logits = try PredicateScorer(model).logits(of: people).elements
        let width = model.verbNames.count
        let samples = (0..<people.count).flatMap { person in
            (0..<width).map { verb in
                Sample(
                    geometry: 0, appearance: Double(logits[person * width + verb]),
                    isSo: people.verbs[person].contains(verb))
            }
        }
        self.init(fitting: samples)
        geometry = 0
    }
}
