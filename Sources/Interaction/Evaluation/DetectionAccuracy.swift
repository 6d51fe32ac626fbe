// How good a detector is: COCO's average precision.

/// Average precision as COCO defines it; pycocotools gives the same numbers.
///
/// A number is nil where no thing is there to be found.
///
/// - SeeAlso: Lin et al., "Microsoft COCO" (arXiv:1405.0312); `COCOeval` of pycocotools 2.0.
public struct DetectionAccuracy: Sendable {
    /// Average precisions, 0 to 1.
    public struct Scores: Sendable, Hashable {
        /// Mean over overlaps of 0.5, 0.55 ... 0.95.
        public let average: Double?
        /// At an overlap of 0.5 and of 0.75.
        public let at50: Double?, at75: Double?
        /// Mean over overlaps, for things of under 32 x 32, up to 96 x 96, and more pixels.
        public let small: Double?, medium: Double?, large: Double?
    }

    /// Means over the categories that occur.
    public let scores: Scores
    /// Scores of each category that occurs.
    public let byCategory: [Int: Scores]

    /// Overlaps that a detection needs, as NumPy's `linspace` makes them.
    static let overlaps: [Double] = {
        let step: Double = (0.95 - 0.5) / 9
        return (0..<9).map { index -> Double in Double(index) * step + 0.5 } + [0.95]
    }()
    /// Of a picture's detections of a category so many count, the best ones.
    static let detectionLimit = 100

    /// Areas that things have, both ends included: all, small, medium, large.
    static let areas: [ClosedRange<Double>] = [
        0...1e10, 0...1024, 1024...9216, 9216...1e10,
    ]

    /// Compares detections with the truth, picture by picture in the same order.
    ///
    /// Equal scores count in the order of the pictures and, within one, as given.
    public init(truth: [[TrueBox]], detections: [[Detection]]) {
        precondition(truth.count == detections.count, "other pictures than those with a truth")
        let categories = Set(truth.joined().map(\.category))
        var tables: [Int: [[Double?]]] = [:]
        for category in categories {
            let pictures = zip(truth, detections).map { truth, found in
                PictureMatching(
                    truth: truth.filter { $0.category == category },
                    detections: found.filter { $0.category == category })
            }
            tables[category] = Self.areas.map { area in
                let matched = pictures.map { $0.matched(area: area) }
                return Self.overlaps.indices.map { CategoryPrecision(matched, overlap: $0).average }
            }
        }
        byCategory = tables.mapValues { Self.scores([$0]) }.filter { $0.value.average != nil }
        // Sums in a fixed order, so that they do not depend on hashing.
        scores = Self.scores(tables.sorted { $0.key < $1.key }.map(\.value))
    }

    /// Means over categories of tables of areas by overlaps.
    private static func scores(_ tables: [[[Double?]]]) -> Scores {
        func mean(_ area: Int, _ overlaps: Range<Int>) -> Double? {
            let values = tables.flatMap { $0[area][overlaps].compactMap { $0 } }
            return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
        }
        return Scores(
            average: mean(0, 0..<10), at50: mean(0, 0..<1), at75: mean(0, 5..<6),
            small: mean(1, 0..<10), medium: mean(2, 0..<10), large: mean(3, 0..<10))
    }
}
