// Combinations of the training data that are kept back, so that objectives can be chosen without the test.
import Tensors

/// Training photographs divided anew: some to train on, without combinations that the others ask for.
///
/// What is chosen by it is chosen for what was never seen, and the test is not looked at.
public struct HeldOutCombinations: Sendable {
    /// Combinations that are kept back, beside those that were unseen before.
    public let combinations: Set<Triplet>
    /// Photographs to train on, and to measure on.
    public let training: [AnnotatedPicture], selection: [AnnotatedPicture]

    /// What part of the photographs is measured on.
    static let share = 0.2
    /// How often the photographs show a combination that may be kept back.
    static let least = 10

    /// Divides photographs; nil where so many combinations cannot be kept back.
    ///
    /// - Parameters:
    ///   - pictures: photographs for training.
    ///   - split: what they may show; all else is withheld from both parts.
    ///   - count: combinations to keep back, each of a verb and an object that others have.
    public init?(
        _ pictures: [AnnotatedPicture], _ split: CompositionSplit, count: Int, seed: UInt64
    ) {
        var random = RandomSource(seed: seed)
        let allowed = split.withholding(from: pictures)
        var frequencies: [Triplet: Int] = [:]
        for picture in allowed {
            for interaction in picture.interactions {
                if let triplet = interaction.triplet { frequencies[triplet, default: 0] += 1 }
            }
        }
        let frequent = split.seen.filter { frequencies[$0, default: 0] >= Self.least }
        guard let drawn = CompositionSplit(frequent, drawing: count, using: &random) else {
            return nil
        }
        let order = allowed.indices.shuffled(using: &random)
        let border = Int(Double(allowed.count) * Self.share)
        // In the order of the file, whatever was drawn first.
        selection = order.prefix(border).sorted().map { allowed[$0] }
        training = drawn.withholding(from: order.dropFirst(border).sorted().map { allowed[$0] })
        combinations = drawn.unseen
    }
}
