// How well combinations are told: by a predicate head where the boxes are known, or by any findings.
import Tensors

/// HICO-DET's measure of findings, or of verbs that are told on annotated boxes, whatever a detector finds.
///
/// In the latter case each pair of a human and a thing is found, with each verb that the list has for the thing, as
/// surely as the head says; verbs that it has not are impossible (the closed world).
public struct PredicateAccuracy: Sendable {
    /// The combinations, in the data set's order.
    public let triplets: [Triplet]
    /// Those that training shows fewer than ten times, and those that it was not shown.
    public let rare: Set<Int>, unseen: Set<Int>
    /// Accuracy on all pictures, and on those with an annotated interaction with the same kind of object.
    public let byDefault: InteractionAccuracy, withKnownObject: InteractionAccuracy

    /// Means over combinations, 0 to 1; nil where the pictures show none.
    public struct Means: Sendable, Equatable {
        /// All; those that are rare and those that are not; those that training was shown and those that it was not.
        public let full: Double?, rare: Double?, nonRare: Double?, seen: Double?, unseen: Double?

        /// 2 seen unseen / (seen + unseen); nil where either is.
        public var harmonic: Double? {
            guard let seen, let unseen else { return nil }
            return seen + unseen > 0 ? 2 * seen * unseen / (seen + unseen) : 0
        }
    }

    /// Measures probabilities of verbs.
    ///
    /// - Parameters:
    ///   - probabilities: `[pairs, verbs]`, as ``PredicateScorer/probabilities(of:)`` gives them.
    ///   - pairs: those of `pictures`.
    public init(
        _ probabilities: Tensor<Float>, of pairs: LabelledPairs, in pictures: [AnnotatedPicture],
        triplets: [Triplet], rare: Set<Int> = [], unseen: Set<Int> = []
    ) {
        let verbCount = pairs.verbNames.count
        precondition(
            probabilities.shape == [pairs.count, verbCount],
            "\(probabilities.shape) for \(pairs.count) pairs and \(verbCount) verbs")
        let verbs = Dictionary(
            uniqueKeysWithValues: pairs.verbNames.enumerated().map { ($1, $0) })
        // What may happen to each kind of thing.
        var possible = [[(interaction: Int, verb: Int)]](
            repeating: [], count: COCO.categories.count)
        for (interaction, triplet) in triplets.enumerated() {
            guard let object = COCO.index(of: triplet.object), let verb = verbs[triplet.verb]
            else { continue }
            possible[object].append((interaction, verb))
        }
        var found = [[InteractionDetection]](repeating: [], count: pictures.count)
        probabilities.withUnsafeBufferPointer { probabilities in
            for (index, place) in pairs.places.enumerated() {
                let things = pictures[place.picture].things
                let human = Self.inclusive(things[place.pair.human].box)
                let object = Self.inclusive(things[place.pair.object].box)
                for (interaction, verb) in possible[pairs.objects[index]] {
                    found[place.picture].append(
                        InteractionDetection(
                            human: human, object: object, interaction: interaction,
                            score: Double(probabilities[index * verbCount + verb])))
                }
            }
        }
        self.init(found, in: pictures, triplets: triplets, rare: rare, unseen: unseen)
    }

    /// Measures findings, picture by picture in the same order.
    ///
    /// - Parameter found: their interactions are places in `triplets`, their corners as ``InteractionAccuracy`` has them.
    public init(
        _ found: [[InteractionDetection]], in pictures: [AnnotatedPicture], triplets: [Triplet],
        rare: Set<Int> = [], unseen: Set<Int> = []
    ) {
        let numbers = Dictionary(uniqueKeysWithValues: triplets.enumerated().map { ($1, $0) })
        let truth = pictures.map { $0.boxes(numbered: numbers) }
        let objects = triplets.map { COCO.index(of: $0.object) ?? -1 }
        byDefault = InteractionAccuracy(truth: truth, detections: found, objects: objects)
        withKnownObject = InteractionAccuracy(
            truth: truth, detections: found, objects: objects, setting: .knownObject)
        (self.triplets, self.rare, self.unseen) = (triplets, rare, unseen)
    }

    /// A box as the measure reads those that were found: its corners are pixels that belong to it.
    private static func inclusive(_ box: Box) -> Box {
        Box(box.x1, box.y1, box.x2 - 1, box.y2 - 1)
    }

    /// The accuracy of a setting.
    public func accuracy(_ setting: InteractionAccuracy.Setting) -> InteractionAccuracy {
        setting == .default ? byDefault : withKnownObject
    }

    /// The means of a setting; seen and unseen only where something is unseen.
    public func means(_ setting: InteractionAccuracy.Setting = .default) -> Means {
        let accuracy = accuracy(setting), all = Set(triplets.indices)
        return Means(
            full: accuracy.mean(), rare: accuracy.mean(of: rare),
            nonRare: accuracy.mean(of: all.subtracting(rare)),
            seen: unseen.isEmpty ? nil : accuracy.mean(of: all.subtracting(unseen)),
            unseen: accuracy.mean(of: unseen))
    }

    /// What a verb's combinations reach.
    public struct VerbAccuracy: Sendable, Equatable {
        /// Its name.
        public let verb: String
        /// Kinds of objects that the pictures show it with.
        public let objects: Int
        /// Mean and best precision over them.
        public let mean: Double, best: Double

        /// How much of the best precision is missing on average: 0 where the verb is told as well with all objects.
        public var degradation: Double { best > 0 ? (best - mean) / best : 1 }
    }

    /// Each verb that the pictures show, in the order of the list.
    public func byVerb(
        _ setting: InteractionAccuracy.Setting = .default
    ) -> [VerbAccuracy] {
        var order: [String] = [], values: [String: [Double]] = [:]
        for (triplet, precision) in zip(triplets, accuracy(setting).precisions) {
            guard let precision else { continue }
            if values[triplet.verb] == nil { order.append(triplet.verb) }
            values[triplet.verb, default: []].append(precision)
        }
        return order.map { verb in
            let all = values[verb]!
            return VerbAccuracy(
                verb: verb, objects: all.count, mean: all.reduce(0, +) / Double(all.count),
                best: all.max()!)
        }
    }

    /// The mean degradation of verbs that are shown with several kinds of objects (mPD): 0 is best; nil where there
    /// are none.
    ///
    /// - SeeAlso: Liu et al., "Highlighting object category immunity" (arXiv:2202.09492).
    public func degradation(_ setting: InteractionAccuracy.Setting = .default) -> Double? {
        let several = byVerb(setting).filter { $0.objects > 1 }
        guard !several.isEmpty else { return nil }
        return several.reduce(0) { $0 + $1.degradation } / Double(several.count)
    }
}
