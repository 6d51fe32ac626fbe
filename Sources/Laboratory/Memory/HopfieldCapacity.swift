// How many pictures a memory holds before noise makes it take one for another.
import Memory
import Tensors

/// Retrieves noisy pictures from ever more stored ones, by each similarity.
public struct HopfieldCapacity: Experiment {
    public let name = "hopfield-capacity"
    public let claim =
        "capacity falls off slowly with the number of stored patterns, and distances hold most"
    public let source = "Millidge et al. (arXiv:2202.04557), section 4, capacity"

    /// The experiment.
    public init() {}

    static let measures: [Similarity.Measure] = [
        .manhattan, .euclidean, .dotProduct, .cosine, .kullbackLeibler, .reverseKullbackLeibler,
        .jensenShannon,
    ]
    static let counts = [10, 50, 100, 200, 500, 1000]
    static let noises = [0.5, 0.8]

    public func run(_ setting: ExperimentSetting) throws -> ExperimentResult {
        var result = ExperimentResult()
        for set in try setting.memoryPictures(1000) {
            let counts = Self.counts.filter { $0 <= set.count }
            for noise in Self.noises {
                var table = ResultTable(
                    "part retrieved of \(set.origin) with noise \(noise), max",
                    columns: ["similarity"] + counts.map { "N = \($0)" })
                var chart = Chart(
                    table.title, x: .init("patterns stored", isLogarithmic: true),
                    y: .init("part retrieved"))
                var largest: [String: Double] = [:]
                for measure in Self.measures {
                    setting.observe("\(set.origin), noise \(noise), \(measure.rawValue)")
                    let cells = try counts.map { count in
                        Spread(
                            try (1...max(setting.seeds, 1)).map { seed in
                                try RetrievalTrial(
                                    set, count: count, .noise(noise), seed: seed,
                                    threads: setting.threads
                                ).score(.published(measure), .maximum)
                            })
                    }
                    table.rows.append([.text(measure.rawValue)] + cells.map(\.cell))
                    chart.series.append(
                        .init(
                            measure.rawValue,
                            zip(counts, cells).map {
                                .init(Double($0), $1.mean, error: $1.deviation)
                            }))
                    largest[measure.rawValue] = cells.last?.mean
                }
                result.tables.append(table)
                result.charts.append(chart)
                guard noise == Self.noises[0] else { continue }
                let (distance, product) = (
                    max(largest["Manhattan"] ?? .nan, largest["Euclidean"] ?? .nan),
                    largest["dot product"] ?? .nan
                )
                result.findings.append(
                    ResultFinding(
                        "\(set.origin), noise \(noise), N = \(counts[counts.count - 1]): the better distance"
                            + " retrieves as many as the dot product, or more",
                        found: "\(distance.fixed(3)) beside \(product.fixed(3))",
                        holds: distance >= product))
            }
        }
        return result
    }
}
