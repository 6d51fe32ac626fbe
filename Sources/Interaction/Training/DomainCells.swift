// Pairs sorted by what happens and to what: where alignment draws from.
import Glibc
import Tensors

/// The annotated pairs of each combination of verb and object, as far as alignment can use them.
///
/// A verb that is seen with one kind of object only is left out: there is nothing to be aligned. Combinations are drawn
/// in proportion to a power of their number of pairs, so that the few frequent objects are not all that is seen.
struct DomainCells: Sendable {
    /// The pairs of a combination.
    struct Cell: Sendable {
        let verb: Int, object: Int
        /// Indices into the pairs.
        let pairs: [Int]
    }

    /// A pair that was drawn, for what happens in it.
    struct Draw: Sendable, Equatable {
        let pair: Int, verb: Int, object: Int
    }

    /// The combinations, those of a verb side by side.
    let cells: [Cell]
    /// For each verb the places of its combinations.
    let verbs: [Range<Int>]
    /// How likely each combination is drawn, given its verb.
    private let shares: [Double]
    /// How likely each verb is drawn, added up.
    private let cumulated: [Double]

    /// Sorts pairs.
    ///
    /// - Parameters:
    ///   - balance: the power: 1 draws pairs evenly, 0 combinations.
    ///   - least: combinations with fewer pairs are left out.
    ///   - leastObjects: verbs with fewer kinds of objects are left out.
    init(_ pairs: LabelledPairs, balance: Double, least: Int = 4, leastObjects: Int = 2) {
        var members: [Int: [Int]] = [:]
        let width = COCO.categories.count
        for index in 0..<pairs.count {
            for verb in pairs.verbs[index] {
                members[verb * width + pairs.objects[index], default: []].append(index)
            }
        }
        var cells: [Cell] = [], verbs: [Range<Int>] = []
        var shares: [Double] = [], sums: [Double] = []
        for verb in pairs.verbNames.indices {
            let own = (0..<width).compactMap { object -> Cell? in
                guard let found = members[verb * width + object], found.count >= least else {
                    return nil
                }
                return Cell(verb: verb, object: object, pairs: found)
            }
            guard own.count >= leastObjects else { continue }
            let weights = own.map { pow(Double($0.pairs.count), balance) }
            let sum = weights.reduce(0, +)
            verbs.append(cells.count..<cells.count + own.count)
            cells += own
            shares += weights.map { $0 / sum }
            sums.append((sums.last ?? 0) + sum)
        }
        (self.cells, self.verbs, self.shares) = (cells, verbs, shares)
        cumulated = sums
    }

    /// Whether there is nothing to be aligned.
    var isEmpty: Bool { cells.isEmpty }

    /// p(object | verb) of what is drawn, one number for each of ``COCO/categories``; nil for a verb left out.
    func prior(ofVerb verb: Int) -> [Double]? {
        guard let range = verbs.first(where: { cells[$0.lowerBound].verb == verb }) else {
            return nil
        }
        var prior = [Double](repeating: 0, count: COCO.categories.count)
        for index in range { prior[cells[index].object] = shares[index] }
        return prior
    }

    /// A pair.
    func draw(using random: inout RandomSource) -> Draw {
        member(of: cell(in: drawVerb(using: &random), using: &random), using: &random)
    }

    /// Pairs of two objects of one verb, `count` of each.
    func drawTwo(
        _ count: Int, using random: inout RandomSource
    ) -> (first: [Draw], second: [Draw]) {
        let range = drawVerb(using: &random)
        let first = cell(in: range, using: &random)
        var second = first
        while second == first { second = cell(in: range, using: &random) }
        return (
            (0..<count).map { _ in member(of: first, using: &random) },
            (0..<count).map { _ in member(of: second, using: &random) }
        )
    }

    private func drawVerb(using random: inout RandomSource) -> Range<Int> {
        let point = random.uniform() * cumulated.last!
        return verbs[min(cumulated.firstIndex { point < $0 } ?? 0, verbs.count - 1)]
    }

    private func cell(in range: Range<Int>, using random: inout RandomSource) -> Int {
        var point = random.uniform()
        for index in range {
            point -= shares[index]
            if point < 0 { return index }
        }
        return range.upperBound - 1
    }

    private func member(of cell: Int, using random: inout RandomSource) -> Draw {
        let cell = cells[cell]
        let pair = cell.pairs[random.index(below: cell.pairs.count)]
        return Draw(pair: pair, verb: cell.verb, object: cell.object)
    }
}
