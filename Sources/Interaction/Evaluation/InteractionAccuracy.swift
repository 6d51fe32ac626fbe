// How good interactions are found: HICO-DET's official measure.

/// A human and a thing of a picture, and what the one does to the other.
public struct InteractionBoxes: Sendable, Hashable {
    /// Where the human and the thing are.
    public var human: Box, object: Box
    /// What happens, as an index into a list of verb-object pairs.
    public var interaction: Int

    /// A pair of boxes.
    public init(human: Box, object: Box, interaction: Int) {
        (self.human, self.object, self.interaction) = (human, object, interaction)
    }
}

/// An interaction that was found.
public struct InteractionDetection: Sendable, Hashable {
    /// Where, and what.
    public var boxes: InteractionBoxes
    /// How surely.
    public var score: Double

    /// A finding.
    public init(human: Box, object: Box, interaction: Int, score: Double) {
        boxes = InteractionBoxes(human: human, object: object, interaction: interaction)
        self.score = score
    }
}

/// Average precision of each interaction, as HICO-DET's own evaluation defines it.
///
/// A finding stands for the annotated pair of its interaction that it overlaps most; its overlap is the smaller
/// of the two boxes'. It is right where that is at least 0.5 and no better finding took the pair: a second one is
/// wrong. The official program reads a finding's corners as pixels that belong to the box, so that each box is a
/// pixel wider and higher than its corners say.
///
/// - SeeAlso: Chao et al., "Learning to detect human-object interactions" (arXiv:1702.05448), section 5;
///   ho-rcnn's `VOCevaldet_bboxpair`.
public struct InteractionAccuracy: Sendable {
    /// Which pictures count for an interaction.
    public enum Setting: Sendable, CaseIterable {
        /// All.
        case `default`
        /// Those with an annotated interaction with the same kind of object.
        case knownObject
    }

    /// Average precision of each interaction, 0 to 1; nil where the pictures show none.
    public let precisions: [Double?]

    /// Compares findings with the truth, picture by picture in the same order.
    ///
    /// - Parameters:
    ///   - truth: Boxes in pixels, as the readers of annotations give them.
    ///   - objects: The kind of object of each interaction.
    public init(
        truth: [[InteractionBoxes]], detections: [[InteractionDetection]], objects: [Int],
        setting: Setting = .default
    ) {
        precondition(truth.count == detections.count, "other pictures than those with a truth")
        var found = [[(picture: Int, detection: InteractionDetection)]](
            repeating: [], count: objects.count)
        for (picture, all) in detections.enumerated() {
            let known = Set(truth[picture].map { objects[$0.interaction] })
            for detection in all {
                let interaction = detection.boxes.interaction
                if setting == .knownObject, !known.contains(objects[interaction]) { continue }
                found[interaction].append((picture, detection))
            }
        }
        var wanted = [[Int: [InteractionBoxes]]](repeating: [:], count: objects.count)
        for (picture, pairs) in truth.enumerated() {
            for pair in pairs { wanted[pair.interaction][picture, default: []].append(pair) }
        }
        precisions = objects.indices.map { interaction in
            let total = wanted[interaction].values.reduce(0) { $0 + $1.count }
            let hits = Self.hits(found[interaction], wanted[interaction])
            return elevenPointPrecision(hits: hits, total: total)
        }
    }

    /// The mean over the interactions that the pictures show, or over those of them that `chosen` holds; nil
    /// where there are none.
    public func mean(of chosen: Set<Int>? = nil) -> Double? {
        let values = precisions.enumerated().compactMap { index, value in
            chosen?.contains(index) ?? true ? value : nil
        }
        return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }

    /// Whether each finding is right, best first; equal scores in the order given.
    private static func hits(
        _ found: [(picture: Int, detection: InteractionDetection)],
        _ wanted: [Int: [InteractionBoxes]]
    ) -> [Bool] {
        let order = found.indices.sorted {
            let (a, b) = (found[$0].detection.score, found[$1].detection.score)
            return a != b ? a > b : $0 < $1
        }
        var taken: [Int: Set<Int>] = [:]
        return order.map { index in
            let (picture, detection) = found[index]
            let human = detection.boxes.human.withLastPixels
            let object = detection.boxes.object.withLastPixels
            var best = -1.0
            var match: Int?
            for (pair, truth) in wanted[picture, default: []].enumerated() {
                let overlap = min(human.overlap(truth.human), object.overlap(truth.object))
                if overlap > best { (best, match) = (overlap, pair) }
            }
            guard best >= 0.5, let match else { return false }
            return taken[picture, default: []].insert(match).inserted
        }
    }
}

extension AnnotatedPicture {
    /// The annotated pairs of boxes whose interaction has a number.
    public func boxes(numbered numbers: [Triplet: Int]) -> [InteractionBoxes] {
        interactions.compactMap { interaction in
            guard let object = interaction.object, let triplet = interaction.triplet,
                let number = numbers[triplet]
            else { return nil }
            return InteractionBoxes(
                human: things[interaction.human].box, object: things[object].box,
                interaction: number)
        }
    }
}
