// Which detections of a picture are right, and how precise a category is.

/// One category of one picture: which detections meet which things.
struct PictureMatching {
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
enum Outcome { case right, wrong, ignored }

/// What became of the detections of a category in a picture.
struct MatchedPicture {
    let scores: [Double]
    /// By overlap, then by detection.
    let outcomes: [[Outcome]]
    /// Number of things to be found.
    let count: Int
}

/// Precision of a category at 101 recalls.
struct CategoryPrecision {
    /// Their mean; nil where nothing was to be found.
    let average: Double?

    /// - Parameter times: How often each picture counts; once unless said.
    init(_ pictures: [MatchedPicture], overlap: Int, times: [Int]? = nil) {
        let list = RankedOutcomes(pictures, overlap: overlap)
        average = list.averagePrecision(times: times ?? pictures.map { _ in 1 })
    }
}

/// All detections of a category, best first, with what became of them.
struct RankedOutcomes {
    private let ranked: [(picture: Int, outcome: Outcome)]
    /// Number of things in each picture.
    private let counts: [Int]

    init(_ pictures: [MatchedPicture], overlap: Int) {
        counts = pictures.map(\.count)
        let scores = pictures.flatMap(\.scores)
        let all = pictures.enumerated().flatMap { index, picture in
            picture.outcomes[overlap].map { (picture: index, outcome: $0) }
        }
        let order = scores.indices.sorted {
            scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1
        }
        ranked = order.map { all[$0] }
    }

    /// The mean precision at 101 recalls; nil where nothing was to be found.
    ///
    /// - Parameter times: How often each picture counts.
    func averagePrecision(times: [Int]) -> Double? {
        let total = zip(counts, times).reduce(0) { $0 + $1.0 * $1.1 }
        guard total > 0 else { return nil }
        var right = 0.0, wrong = 0.0
        var recalls: [Double] = [], precisions: [Double] = []
        for (picture, outcome) in ranked where times[picture] > 0 {
            switch outcome {
            case .right: right += Double(times[picture])
            case .wrong: wrong += Double(times[picture])
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
        return sum / 101
    }
}
