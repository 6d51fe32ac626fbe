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

/// One category of one picture: which detections meet which things.
private struct PictureMatching {
    private let truth: [TrueBox], detections: [Detection]
    /// For each detection, its overlaps with the things in order.
    private let overlaps: [[Double]]

    init(truth: [TrueBox], detections: [Detection]) {
        self.truth = truth
        let order = detections.indices.sorted {
            detections[$0].score != detections[$1].score
                ? detections[$0].score > detections[$1].score : $0 < $1
        }
        let best = order.prefix(DetectionAccuracy.detectionLimit).map { detections[$0] }
        self.detections = best
        overlaps = best.map { found in
            truth.map { thing in
                // How much of the detection lies in a crowd: of that one may find any part.
                guard thing.isCrowd else { return found.box.overlap(thing.box) }
                let common = found.box.intersection(thing.box)
                return common > 0 ? common / found.box.area : 0
            }
        }
    }

    /// What becomes of the detections where only things with an area in `area` count.
    func matched(area: ClosedRange<Double>) -> MatchedPicture {
        let isIgnored = truth.map { $0.isCrowd || !area.contains($0.area) }
        // Those that count are tried first.
        let order =
            truth.indices.filter { !isIgnored[$0] } + truth.indices.filter { isIgnored[$0] }
        let outcomes = DetectionAccuracy.overlaps.map { least -> [Outcome] in
            var isTaken = [Bool](repeating: false, count: truth.count)
            return detections.indices.map { index in
                var best = min(least, 1 - 1e-10)
                var match: Int?
                for thing in order {
                    // A crowd may be found again and again.
                    if isTaken[thing], !truth[thing].isCrowd { continue }
                    if let match, !isIgnored[match], isIgnored[thing] { break }
                    if overlaps[index][thing] < best { continue }
                    best = overlaps[index][thing]
                    match = thing
                }
                guard let match else {
                    return area.contains(detections[index].box.area) ? .wrong : .ignored
                }
                isTaken[match] = true
                return isIgnored[match] ? .ignored : .right
            }
        }
        return MatchedPicture(
            scores: detections.map(\.score), outcomes: outcomes,
            count: isIgnored.count { !$0 })
    }
}

/// Whether a detection found something new, something wrong, or something that does not count.
private enum Outcome { case right, wrong, ignored }

private struct MatchedPicture {
    let scores: [Double]
    /// By overlap, then by detection.
    let outcomes: [[Outcome]]
    /// Number of things to be found.
    let count: Int
}

/// Precision of a category at 101 recalls.
private struct CategoryPrecision {
    /// Their mean; nil where nothing was to be found.
    let average: Double?

    init(_ pictures: [MatchedPicture], overlap: Int) {
        let total = pictures.reduce(0) { $0 + $1.count }
        guard total > 0 else {
            average = nil
            return
        }
        let scores = pictures.flatMap(\.scores)
        let outcomes = pictures.flatMap { $0.outcomes[overlap] }
        let order = scores.indices.sorted {
            scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1
        }
        var right = 0.0, wrong = 0.0
        var recalls: [Double] = [], precisions: [Double] = []
        for index in order {
            switch outcomes[index] {
            case .right: right += 1
            case .wrong: wrong += 1
            // It leaves the curve where it was.
            case .ignored: break
            }
            recalls.append(right / Double(total))
            precisions.append(right / (right + wrong + Double.ulpOfOne))
        }
        for index in precisions.indices.dropLast().reversed() {
            precisions[index] = max(precisions[index], precisions[index + 1])
        }
        var sum = 0.0
        var place = 0
        for step in 0...100 {
            // 1 comes last and is exact: 100 * 0.01 is.
            let recall = Double(step) * 0.01
            while place < recalls.count, recalls[place] < recall { place += 1 }
            if place < recalls.count { sum += precisions[place] }
        }
        average = sum / 101
    }
}
