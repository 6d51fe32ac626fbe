// Whether deep generative memories complete pictures as well as shallow ones.
import Memory
import Tensors

/// Completes stored pictures by networks of more and more layers, beside autoencoders as deep.
public struct MemoryDepth: Experiment {
    public let name = "memory-depth"
    public let claim =
        "deep networks store, too: ten layers complete pictures from a half and a quarter, better than deep"
        + " autoencoders"
    public let source = "Salvatori et al. (arXiv:2109.08063), section 4, deep networks"

    /// The experiment.
    public init() {}

    static let damages: [(name: String, damage: PictureDamage)] = [
        ("1/2", .pixels(0.5)), ("1/4", .pixels(0.75)), ("1/8", .pixels(0.875)),
    ]

    public func run(_ setting: ExperimentSetting) throws -> ExperimentResult {
        var result = ExperimentResult()
        let depths = setting.isFull ? [1, 3, 5, 9] : [1, 3]
        for setup in try MemorySetup.all(setting) {
            var table = ResultTable(
                "part of \(setup.title) completed (error < \(MemoryCompletion.bound)), by what is known",
                columns: ["memory"] + Self.damages.map(\.name))
            var halves: [(own: Double, other: Double)] = []
            for depth in depths {
                var own: [[Double]] = [], other: [[Double]] = []
                for seed in 1...max(setting.seeds, 1) {
                    let found = try answers(setup, depth: depth, seed: seed, setting)
                    own.append(found.own)
                    other.append(found.other)
                }
                func cells(_ parts: [[Double]]) -> [Spread] {
                    Self.damages.indices.map { column in Spread(parts.map { $0[column] }) }
                }
                table.rows.append(
                    [.text("predictive coding, \(depth + 1) layers")] + cells(own).map(\.cell))
                table.rows.append(
                    [.text("autoencoder, \(depth + 1) layers")] + cells(other).map(\.cell))
                halves.append((cells(own)[0].mean, cells(other)[0].mean))
            }
            if setup.set.origin == "Tiny ImageNet" {
                table.append("paper, N = 500, 10 layers", "above 0.98", "0.74", "-")
                table.append("paper, N = 500, deep autoencoder", "0.72", "0.48", "-")
            }
            result.tables.append(table)
            let (own, other) = halves[halves.count - 1]
            result.findings += [
                ResultFinding(
                    "\(setup.title): the deepest completes from a half (0.98 at least)",
                    found: own.fixed(2), holds: own >= 0.98),
                ResultFinding(
                    "\(setup.title): and no fewer than the autoencoder as deep",
                    found: "\(own.fixed(2)) beside \(other.fixed(2))", holds: own >= other),
            ]
        }
        return result
    }

    private func answers(
        _ setup: MemorySetup, depth: Int, seed: Int, _ setting: ExperimentSetting
    ) throws -> (own: [Double], other: [Double]) {
        let pictures = setup.pictures(seed: seed)
        let memory = try setup.stored(seed: seed, layers: depth, setting)
        let encoder = try TrainedAutoencoder(
            [Int](repeating: setup.hidden, count: depth), pictures, epochs: setup.epochs,
            seed: seed, threads: setting.threads)
        var found: (own: [Double], other: [Double]) = ([], [])
        for (_, damage) in Self.damages {
            let (damaged, known) = setup.damaged(pictures, by: damage, seed: seed)
            func part(_ answer: Tensor<Float>) -> Double {
                answer.meanSquaredErrors(to: pictures).part(below: MemoryCompletion.bound)
            }
            found.own.append(
                part(
                    try memory.complete(
                        damaged, knowing: known, .init(steps: 300 * depth))))
            found.other.append(
                part(try encoder.applied(to: damaged, knowing: known, times: 100)))
        }
        return found
    }
}
