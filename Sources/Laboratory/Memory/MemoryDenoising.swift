// What a generative memory makes of noisy pictures, once and again and again.
import Memory
import Tensors

/// Cleans stored pictures of noise, beside an autoencoder and retrieval.
public struct MemoryDenoising: Experiment {
    public let name = "memory-denoising"
    public let claim =
        "replacing a noisy picture by what the memory predicts of it, again and again, restores it"
    public let source = "Salvatori et al. (arXiv:2109.08063), section 4, image denoising"

    /// The experiment.
    public init() {}

    /// A picture is restored where its mean squared error is below that, as in the paper.
    static let bound = 0.005
    /// Standard deviations: 0.2, and the one whose square is 0.2, as sources do not say which is meant.
    static let noises = [0.2, 0.447]
    static let rounds = [1, 5, 30]

    public func run(_ setting: ExperimentSetting) throws -> ExperimentResult {
        var result = ExperimentResult()
        for setup in try MemorySetup.all(setting) {
            var table = ResultTable(
                "part of \(setup.title) restored (error < \(Self.bound)), by the noise",
                columns: ["memory"] + Self.noises.map { "deviation \($0)" })
            let rows = try SeededRows(setting) { try answers(setup, seed: $0, setting) }
            table.rows += rows.cells
            if setup.set.origin == "CIFAR-10" {
                table.rows += Self.published(setup.count).map { name, part in
                    [.text("paper, \(name), noise 0.2"), .text(part), .text("-")]
                }
            }
            result.tables.append(table)
            let (once, often) = (rows[0, 0].mean, rows[Self.rounds.count - 1, 0].mean)
            result.findings += [
                ResultFinding(
                    "\(setup.title), deviation 0.2: all restored after 30 rounds (0.98 at least)",
                    found: often.fixed(2), holds: often >= 0.98),
                ResultFinding(
                    "\(setup.title), deviation 0.2: 30 rounds restore no fewer than one",
                    found: "\(often.fixed(2)) beside \(once.fixed(2))", holds: often >= once),
            ]
        }
        result.notes = [
            "sources write noise 0.2 and do not say whether that is its deviation or its variance"
        ]
        return result
    }

    /// What the paper's curves read on CIFAR-10, by the number of pictures.
    private static func published(_ count: Int) -> [(String, String)] {
        switch count {
        case ...100: [("256 units, N = 100", "1.00"), ("autoencoder 2048, N = 100", "about 0.40")]
        case ...250: [("512 units", "1.00"), ("autoencoder 2048", "about 0.20")]
        default: [("1024 units", "1.00"), ("autoencoder 2048", "about 0.05")]
        }
    }

    private func answers(
        _ setup: MemorySetup, seed: Int, _ setting: ExperimentSetting
    ) throws -> [(name: String, parts: [Double])] {
        let pictures = setup.pictures(seed: seed)
        let memory = try setup.stored(seed: seed, setting)
        setting.observe("\(setup.title), seed \(seed): autoencoder")
        let encoder = try TrainedAutoencoder(
            [setup.hidden], pictures, epochs: setup.epochs, seed: seed, threads: setting.threads)
        let retrieval = try AssociativeMemory(
            pictures, similarity: .euclidean, threads: setting.threads)
        var rows: [(name: String, parts: [Double])] =
            Self.rounds.map { ("predictive coding, \($0) rounds", []) } + [
                (encoder.name + ", once", []), (encoder.name + ", 30 times", []),
                (BestModernHopfield.name, []), ("nearest picture", []),
            ]
        for noise in Self.noises {
            var random = RandomSource(seed: UInt64(seed) ^ 0x6e6f_6973_6500)
            // Without clamping: noise has no sign.
            let noisy = Tensor<Float>(shape: pictures.shape) { to in
                pictures.withUnsafeBufferPointer { x in
                    for index in to.indices {
                        to[index] = x[index] + Float(noise * random.normal())
                    }
                }
            }
            func part(_ answer: Tensor<Float>) -> Double {
                answer.meanSquaredErrors(to: pictures).part(below: Self.bound)
            }
            var position = 0
            func append(_ part: Double) {
                rows[position].parts.append(part)
                position += 1
            }
            for rounds in Self.rounds {
                setting.observe("\(setup.title), seed \(seed), noise \(noise): \(rounds) rounds")
                append(part(try memory.denoise(noisy, rounds: rounds)))
            }
            append(part(try encoder.applied(to: noisy, times: 1)))
            append(part(try encoder.applied(to: noisy, times: 30)))
            append(
                try BestModernHopfield.errors(
                    of: noisy, storing: pictures, below: Self.bound, threads: setting.threads
                ).part(below: Self.bound))
            append(part(try retrieval.retrieve(noisy)))
        }
        return rows
    }
}
