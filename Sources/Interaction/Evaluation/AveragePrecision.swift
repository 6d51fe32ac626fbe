// Average precision over all recalls, with and without interpolation.

/// The area under the curve of precision over recall, where precision is the best that any recall as high reaches.
///
/// - Parameters:
///   - hits: For each finding, best first, whether it is right.
///   - total: Number of things to be found.
/// - Returns: 0 to 1; nil where nothing is to be found.
/// - SeeAlso: Everingham et al., "The PASCAL Visual Object Classes Challenge: A Retrospective" (2015), section 2.2.
public func allPointPrecision(hits: [Bool], total: Int) -> Double? {
    guard total > 0 else { return nil }
    var precisions = precisions(of: hits)
    for index in precisions.indices.dropLast().reversed() {
        precisions[index] = max(precisions[index], precisions[index + 1])
    }
    return sum(precisions, at: hits) / Double(total)
}

/// The mean of the precisions at the things that are found, those that are never found counting 0.
///
/// - Parameters:
///   - hits: For each finding, best first, whether it is right.
///   - total: Number of things to be found.
/// - Returns: 0 to 1; nil where nothing is to be found.
/// - SeeAlso: Manning et al., "Introduction to Information Retrieval" (2008), section 8.4; what VLFeat's `vl_pr` calls
///   `ap`.
public func retrievalPrecision(hits: [Bool], total: Int) -> Double? {
    guard total > 0 else { return nil }
    return sum(precisions(of: hits), at: hits) / Double(total)
}

/// The share of right ones among the first one, the first two, and so on.
private func precisions(of hits: [Bool]) -> [Double] {
    var right = 0
    return hits.enumerated().map { index, isHit in
        if isHit { right += 1 }
        return Double(right) / Double(index + 1)
    }
}

private func sum(_ precisions: [Double], at hits: [Bool]) -> Double {
    zip(precisions, hits).reduce(0) { $1.1 ? $0 + $1.0 : $0 }
}
