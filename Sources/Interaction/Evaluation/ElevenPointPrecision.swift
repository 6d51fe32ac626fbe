// Average precision as PASCAL VOC measured it first: at eleven recalls.

/// The mean of the best precisions at recalls of at least 0, 0.1 ... 1.
///
/// A recall of exactly 0.3 does not reach the fourth point: the official programs compute that as 3 times 0.1, which
/// is a little more in binary numbers, and published figures have it so.
///
/// - Parameters:
///   - hits: For each finding, best first, whether it is right.
///   - total: Number of things to be found.
/// - Returns: 0 to 1; nil where nothing is to be found.
/// - SeeAlso: Everingham et al., "The PASCAL Visual Object Classes Challenge" (2010), section 4.2.
public func elevenPointPrecision(hits: [Bool], total: Int) -> Double? {
    guard total > 0 else { return nil }
    var right = 0
    var points: [(right: Int, precision: Double)] = []
    for (index, isHit) in hits.enumerated() {
        if isHit { right += 1 }
        points.append((right, Double(right) / Double(index + 1)))
    }
    let best = (0...10).map { tenth -> Double in
        let reached = points.filter {
            10 * $0.right >= tenth * total + (tenth == 3 ? 1 : 0)
        }
        return reached.map(\.precision).max() ?? 0
    }
    return best.reduce(0, +) / 11
}
