// How well relations are retrieved from pictures: UnRel's measure.

/// Average precision of each relation as a query, as UnRel's own evaluation defines it.
///
/// All pairs of boxes of the right kinds are ranked by how sure the predicate is. One is right where it overlaps, by
/// 0.3 or what is asked, an annotated pair that no better one took; of several it takes the one that it overlaps
/// most. Pixels at the corners belong to the boxes. The same pair of boxes counts once.
///
/// - SeeAlso: Peyre et al., "Weakly-supervised learning of visual relations" (arXiv:1707.09472), section 4.2, and the
///   authors' program.
public struct RetrievalAccuracy: Sendable {
    /// Which boxes must overlap.
    public enum Extent: String, Sendable, CaseIterable {
        /// The smallest box around both.
        case union
        /// The subject's.
        case subject
        /// Both.
        case both = "subject-object"
    }

    /// A candidate: two things, and how surely they have to do with each other what is said.
    public typealias Candidate = (boxes: RelatedBoxes, score: Double)

    /// What became of a query.
    public struct Query: Sendable, Hashable {
        /// What was looked for.
        public let relation: Relation
        /// For each candidate, best first, whether it is right.
        public let hits: [Bool]
        /// How many pairs there are to be found.
        public let total: Int

        /// Average precision as UnRel's program computes it, without interpolation; nil where nothing is there.
        public var precision: Double? { retrievalPrecision(hits: hits, total: total) }
        /// Average precision as PASCAL VOC has it, over all points; nil where nothing is there.
        public var interpolated: Double? { allPointPrecision(hits: hits, total: total) }
        /// The share that is found at all; nil where nothing is there.
        public var recall: Double? {
            total > 0 ? Double(hits.count { $0 }) / Double(total) : nil
        }
    }

    /// The queries in the order asked.
    public let queries: [Query]

    /// Asks for relations in all pictures together.
    ///
    /// - Parameters:
    ///   - truth: What is known of each picture.
    ///   - candidates: Of the same pictures, in any order; of equal scores the first counts as better.
    ///   - asked: What is looked for; each relation of the truth unless said.
    ///   - overlap: How much the boxes overlap at least: 0.3 for found boxes, 1 for annotated ones.
    public init(
        truth: [[RelatedBoxes]], candidates: [[Candidate]], asking asked: [Relation]? = nil,
        extent: Extent = .union, overlap: Double = 0.3
    ) {
        precondition(truth.count == candidates.count, "other pictures than those with a truth")
        var wanted: [Relation: [Int: [RelatedBoxes]]] = [:]
        for (picture, all) in truth.enumerated() {
            for boxes in all
            where !wanted[boxes.relation, default: [:]][picture, default: []].contains(boxes) {
                wanted[boxes.relation, default: [:]][picture, default: []].append(boxes)
            }
        }
        var found: [Relation: [(picture: Int, candidate: Candidate)]] = [:]
        for (picture, all) in candidates.enumerated() {
            for candidate in Self.distinct(all) {
                found[candidate.boxes.relation, default: []].append((picture, candidate))
            }
        }
        let relations = asked ?? wanted.keys.sorted { $0.description < $1.description }
        queries = relations.map { relation in
            let pairs = wanted[relation, default: [:]]
            return Query(
                relation: relation,
                hits: Self.hits(found[relation, default: []], pairs, extent, overlap),
                total: pairs.values.reduce(0) { $0 + $1.count })
        }
    }

    /// The mean of ``Query/precision`` over the queries that the pictures can answer; nil where there are none.
    public var mean: Double? { queries.compactMap(\.precision).mean }
    /// The mean of ``Query/interpolated``, and of ``Query/recall``.
    public var interpolatedMean: Double? { queries.compactMap(\.interpolated).mean }
    public var recallMean: Double? { queries.compactMap(\.recall).mean }

    /// The same pair of boxes with the same relation once, as surely as it is said anywhere.
    private static func distinct(_ candidates: [Candidate]) -> [Candidate] {
        var order: [Candidate] = [], places: [RelatedBoxes: Int] = [:]
        for candidate in candidates {
            if let place = places[candidate.boxes] {
                order[place].score = max(order[place].score, candidate.score)
            } else {
                places[candidate.boxes] = order.count
                order.append(candidate)
            }
        }
        return order
    }

    private static func hits(
        _ found: [(picture: Int, candidate: Candidate)], _ wanted: [Int: [RelatedBoxes]],
        _ extent: Extent, _ least: Double
    ) -> [Bool] {
        let order = found.indices.sorted {
            let (a, b) = (found[$0].candidate.score, found[$1].candidate.score)
            return a != b ? a > b : $0 < $1
        }
        var left = wanted
        return order.map { index in
            let (picture, candidate) = found[index]
            var best = -1.0
            var match: Int?
            for (pair, truth) in left[picture, default: []].enumerated() {
                let overlap = extent.overlap(candidate.boxes, truth)
                if overlap >= least, overlap > best { (best, match) = (overlap, pair) }
            }
            guard let match else { return false }
            left[picture]!.remove(at: match)
            return true
        }
    }
}

extension RetrievalAccuracy.Extent {
    /// How much two pairs overlap, pixels at the corners included: 0 to 1.
    func overlap(_ a: RelatedBoxes, _ b: RelatedBoxes) -> Double {
        func part(_ a: Box, _ b: Box) -> Double { a.withLastPixels.overlap(b.withLastPixels) }
        switch self {
        case .union: return part(a.subject.union(a.object), b.subject.union(b.object))
        case .subject: return part(a.subject, b.subject)
        case .both: return min(part(a.subject, b.subject), part(a.object, b.object))
        }
    }
}
