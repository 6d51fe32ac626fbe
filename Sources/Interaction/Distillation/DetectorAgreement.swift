// How far a student sees what its teacher sees, on pictures that it did not practise on.
import Media
import Networks
import Tensors

/// Measures detectors by what another finds surely.
public struct DetectorAgreement {
    /// What a detector found of what the teacher finds.
    public struct Figures: Sendable, Hashable, CustomStringConvertible {
        /// Average precision at an overlap of a half: of persons, and the mean over all kinds that the teacher finds often.
        public let persons: Double?, mean: Double?

        /// `AP50 of persons 61.2, of 14 kinds 40.3`
        public var description: String {
            func percent(_ value: Double?) -> String {
                value.map { "\((1000 * $0).rounded() / 10)" } ?? "n/a"
            }
            return "AP50 of persons \(percent(persons)), of all kinds \(percent(mean))"
        }
    }

    /// What the teacher scores is taken for true from here on.
    static let certainty = 0.3
    /// Kinds of which it finds fewer are left out of the mean.
    static let leastCount = 10

    private let pictures: PictureCollection
    private let truth: [[TrueBox]]
    private let side: Int

    /// Looks at all pictures with the teacher of a weights file.
    ///
    /// - Throws: `SafetensorsError`, `PlanError`, `MediaError`.
    public init(with teacher: String, on pictures: PictureCollection, side: Int) throws {
        let detector = try Detector(contentsOf: teacher, side: side)
        (self.pictures, self.side) = (pictures, side)
        truth = try (0..<pictures.count).map { index in
            try detector(pictures[index], atLeast: Self.certainty).map {
                TrueBox($0.box, category: $0.category)
            }
        }
    }

    /// How much of that a nano detector with these weights finds.
    ///
    /// - Throws: `PlanError`, `MediaError`.
    public func figures(of weights: Parameters) throws -> Figures {
        let detector = try Detector(weights: weights, side: side)
        let found = try (0..<pictures.count).map { try detector(pictures[$0], atLeast: 0.01) }
        let accuracy = DetectionAccuracy(truth: truth, detections: found)
        let counts = Dictionary(grouping: truth.joined(), by: \.category).mapValues(\.count)
        let often = accuracy.byCategory.filter { counts[$0.key, default: 0] >= Self.leastCount }
        let values = often.sorted { $0.key < $1.key }.compactMap(\.value.at50)
        return Figures(
            persons: accuracy.byCategory[0]?.at50,
            mean: values.isEmpty ? nil : values.reduce(0, +) / Double(values.count))
    }
}
