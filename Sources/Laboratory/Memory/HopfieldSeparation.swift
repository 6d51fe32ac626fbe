// What a memory loses by a separation that does not tell its best key from the others.
import Memory
import Tensors

/// Retrieves pictures without their lower half by each separation.
public struct HopfieldSeparation: Experiment {
    public let name = "hopfield-separation"
    public let claim =
        "the separation function decides: max >= softmax with large β >= x^10 >= all others"
    public let source = "Millidge et al. (arXiv:2202.04557), section 4, separation functions"

    /// The experiment.
    public init() {}

    /// Separations, the best first as the paper has them.
    static let separations: [(name: String, separation: Separation)] = [
        ("max", .maximum), ("softmax 10000", .softmax(10_000)), ("softmax 1000", .softmax(1000)),
        ("x^10", .polynomial(10)), ("quartic", .polynomial(4)), ("cube", .polynomial(3)),
        ("square", .polynomial(2)), ("identity", .identity), ("square root", .squareRoot),
        ("log", .logarithm),
    ]
    static let counts = [10, 20, 50, 100, 200, 500]
    /// Where findings are taken.
    static let judged = 100

    public func run(_ setting: ExperimentSetting) throws -> ExperimentResult {
        var result = ExperimentResult()
        for set in try setting.memoryPictures(1000) {
            setting.observe("\(set.origin)")
            let counts = Self.counts.filter { $0 <= set.count }
            var table = ResultTable(
                "part retrieved of \(set.origin) without their lower half, Manhattan",
                columns: ["separation"] + counts.map { "N = \($0)" })
            var chart = Chart(
                table.title, x: .init("patterns stored", isLogarithmic: true),
                y: .init("part retrieved"))
            var means: [String: Double] = [:]
            for (name, separation) in Self.separations {
                let cells = try counts.map { count in
                    Spread(
                        try (1...max(setting.seeds, 1)).map { seed in
                            try RetrievalTrial(
                                set, count: count, .lowerPart(0.5), seed: seed,
                                threads: setting.threads
                            ).score(.published(.manhattan), separation)
                        })
                }
                table.rows.append([.text(name)] + cells.map(\.cell))
                chart.series.append(
                    .init(
                        name,
                        zip(counts, cells).map { .init(Double($0), $1.mean, error: $1.deviation) }))
                if let index = counts.firstIndex(of: Self.judged) {
                    means[name] = cells[index].mean
                }
            }
            result.tables.append(table)
            result.charts.append(chart)
            result.findings.append(finding(set, means))
        }
        result.notes = [
            "similarities are reciprocals of distances divided by their sum over the keys, as in the published code",
            "β is to be seen beside N: divided by their sum, similarities fall as 1/N, and with them what softmax 1000 tells apart",
        ]
        return result
    }

    private func finding(_ set: LabelledPictures, _ means: [String: Double]) -> ResultFinding {
        let ranked = ["max", "softmax 1000", "x^10"].map { means[$0] ?? .nan }
        let rest = Self.separations.dropFirst(4).map { means[$0.name] ?? .nan }.max() ?? .nan
        let all = ranked + [rest]
        return ResultFinding(
            "\(set.origin), N = \(Self.judged): max >= softmax 1000 >= x^10 >= the best of the rest",
            found: all.map { $0.fixed(2) }.joined(separator: ", "),
            holds: zip(all, all.dropFirst()).allSatisfy { $0 >= $1 })
    }
}
