// Which similarity finds damaged pictures, and what knowing the damage is worth.
import Memory
import Tensors

/// Retrieves pictures with parts missing, and with noise, by each similarity.
public struct HopfieldSimilarity: Experiment {
    public let name = "hopfield-similarity"
    public let claim =
        "distances find damaged pictures where dot products do not: Manhattan best, then Euclidean"
    public let source = "Millidge et al. (arXiv:2202.04557), section 4, similarity functions"

    /// The experiment.
    public init() {}

    /// Similarities, and whether the memory is told what is missing.
    static let similarities: [(name: String, measure: Similarity.Measure, knows: Bool)] =
        [
            Similarity.Measure.manhattan, .euclidean, .dotProduct, .cosine, .kullbackLeibler,
            .reverseKullbackLeibler, .jensenShannon,
        ].map { ($0.rawValue, $0, false) } + [
            ("Manhattan, known mask", .manhattan, true),
            ("Euclidean, known mask", .euclidean, true),
        ]

    static let damages: [(count: Int, damage: PictureDamage)] = [
        (50, .lowerPart(0.3)), (50, .lowerPart(0.5)), (50, .lowerPart(0.7)),
        (300, .lowerPartAndNoise(0.9, 0.05)), (300, .pixels(0.7)), (500, .noise(0.5)),
    ]

    public func run(_ setting: ExperimentSetting) throws -> ExperimentResult {
        var result = ExperimentResult()
        var sets = try setting.memoryPictures(1000)
        sets.append(Textures(isVaried: true).pictures(1000, seed: 1))
        for set in sets {
            let damages = Self.damages.filter { $0.count <= set.count }
            var table = ResultTable(
                "part retrieved of N pictures of \(set.origin), max, by what is missing",
                columns: ["similarity"] + damages.map { "\($0.damage.name), N \($0.count)" })
            var scores: [String: [Double]] = [:]
            for (name, measure, knows) in Self.similarities {
                setting.observe("\(set.origin), \(name)")
                let cells = try damages.map { count, damage -> Spread? in
                    if knows, case .noise = damage { return nil }
                    return Spread(
                        try (1...max(setting.seeds, 1)).map { seed in
                            try RetrievalTrial(
                                set, count: count, damage, seed: seed, threads: setting.threads
                            ).score(.published(measure), .maximum, knowing: knows)
                        })
                }
                table.rows.append([.text(name)] + cells.map { $0?.cell ?? .text("-") })
                scores[name] = cells.map { $0?.mean ?? .nan }
            }
            result.tables.append(table)
            result.findings += findings(set, scores)
        }
        result.notes = [
            "missing entries read 0, as in the paper: unless a memory is told, it compares them as black",
            "the upper tenth of a digit is black: nobody can tell digits from it",
            "the last table is the counter-case: what is filled with 0 is nearer to dark pictures than to its own,"
                + " and products of patterns with the sum 1 do not care how bright a picture is",
        ]
        return result
    }

    private func findings(
        _ set: LabelledPictures, _ scores: [String: [Double]]
    ) -> [ResultFinding] {
        func part(_ name: String, _ columns: Range<Int>) -> Double {
            let found = (scores[name] ?? []).prefix(columns.upperBound).suffix(columns.count)
            return found.reduce(0, +) / Double(found.count)
        }
        let known = [0, 1, 2, 4].map { part("Manhattan, known mask", $0..<$0 + 1) }.min() ?? .nan
        let tenth = part("Manhattan, known mask", 3..<4), untold = part("Manhattan", 3..<4)
        let masked = [
            ResultFinding(
                "\(set.origin): told what is missing, Manhattan retrieves all (0.99 at least)",
                found: known.fixed(3), holds: known >= 0.99),
            ResultFinding(
                "\(set.origin): told what is missing, from the upper tenth with noise, too (0.95 at least)",
                found: "\(tenth.fixed(3)), untold \(untold.fixed(3))", holds: tenth >= 0.95),
        ]
        let names = ["Manhattan", "Euclidean", "dot product"]
        let halves = names.map { part($0, 0..<3) }
        let found = zip(names, halves).map { "\($0) \($1.fixed(2))" }.joined(separator: ", ")
        guard !set.origin.contains("varied") else {
            let pixels = (part("cosine", 4..<5), part("Manhattan", 4..<5))
            return masked + [
                ResultFinding(
                    "\(set.origin), 70 % of pixels missing: cosine beats unmasked Manhattan",
                    found: "\(pixels.0.fixed(2)) beside \(pixels.1.fixed(2))",
                    holds: pixels.0 > pixels.1)
            ]
        }
        return [
            ResultFinding(
                "\(set.origin), lower part missing: Manhattan >= Euclidean >= dot product",
                found: found, holds: halves[0] >= halves[1] && halves[1] >= halves[2] - 0.005)
        ] + masked
    }
}
