// How much of a picture a generative memory needs to bring back the rest.
import Memory
import Tensors

/// Completes stored pictures from a half to a sixteenth of them, beside autoencoders and retrieval.
public struct MemoryCompletion: Experiment {
    public let name = "memory-completion"
    public let claim =
        "a generative network trained by predictive coding completes what it stored from an eighth of it,"
        + " where autoencoders and Hopfield networks fail"
    public let source = "Salvatori et al. (arXiv:2109.08063), section 4, image completion"

    /// The experiment.
    public init() {}

    /// What is known, as columns.
    static let damages: [(name: String, damage: PictureDamage)] =
        [2, 4, 8, 16].map { ("1/\($0)", .pixels(1 - 1 / Double($0))) }
        + [2, 4].map { ("upper 1/\($0)", .lowerPart(1 - 1 / Double($0))) }
    /// A picture is completed where its mean squared error is below that, as in the paper.
    static let bound = 0.001

    public func run(_ setting: ExperimentSetting) throws -> ExperimentResult {
        var result = ExperimentResult()
        for setup in try MemorySetup.all(setting) {
            var table = ResultTable(
                "part of \(setup.title) completed (error < \(Self.bound)), by what is known",
                columns: ["memory"] + Self.damages.map(\.name))
            let rows = try SeededRows(setting) { try answers(setup, seed: $0, setting) }
            table.rows += rows.cells
            if setup.set.origin == "Tiny ImageNet", setup.count == 50 {
                table.rows += Self.published
            }
            result.tables.append(table)
            let own = (0..<4).map { rows[0, $0].mean }
            let others = (0..<4).map { column in
                rows.names.indices.filter {
                    !rows.names[$0].hasPrefix("predictive") && !rows.names[$0].hasPrefix("masked")
                }
                .map { rows[$0, column].mean }.max() ?? .nan
            }
            result.findings += [
                ResultFinding(
                    "\(setup.title): all completed from 1/2, 1/4 and 1/8 (0.98 at least)",
                    found: own[..<3].map { $0.fixed(2) }.joined(separator: ", "),
                    holds: own[..<3].allSatisfy { $0 >= 0.98 }),
                ResultFinding(
                    "\(setup.title): from 1/8 more than by any autoencoder or modern Hopfield network",
                    found: "\(own[2].fixed(2)) beside \(others[2].fixed(2))",
                    holds: own[2] > others[2]),
            ]
        }
        result.notes = [
            "masked retrieval, which keeps every picture as it is, completes all at no training:"
                + " the generative memory's merit is that its size does not grow with what it stores",
            "known pixels lie anywhere, in all channels alike; the paper does not say where its were",
            "the paper's figures are read off its curves; its text and its figure disagree on 1/8",
        ]
        return result
    }

    /// What the paper reports for 50 pictures of Tiny ImageNet.
    private static let published: [[ResultCell]] = [
        ["paper, 1024 units", 1.0, 1.0, "about 1 (text: 0.5)", "about 0.5", "-", "-"],
        ["paper, 2048 units", 1.0, 1.0, 1.0, "about 0.7", "-", "-"],
    ]

    /// A row for each memory: the part completed for each damage.
    private func answers(
        _ setup: MemorySetup, seed: Int, _ setting: ExperimentSetting
    ) throws -> [(name: String, parts: [Double])] {
        let pictures = setup.pictures(seed: seed)
        let memory = try setup.stored(seed: seed, setting)
        let hidden = setup.hidden
        let encoders = try [
            [hidden], [hidden / 2, hidden / 4, hidden / 2], [hidden, hidden, hidden],
        ]
        .map { widths in
            setting.observe("\(setup.title), seed \(seed): autoencoder \(widths)")
            return try TrainedAutoencoder(
                widths, pictures, epochs: setup.epochs, seed: seed, threads: setting.threads)
        }
        var rows: [(name: String, parts: [Double])] = [
            (
                "predictive coding \(memory.network.widths.map(String.init).joined(separator: "-"))",
                []
            )
        ]
        rows += encoders.map { ($0.name, []) }
        rows += [(BestModernHopfield.name, []), ("masked retrieval", [])]
        let retrieval = try AssociativeMemory(pictures, threads: setting.threads)
        for (name, damage) in Self.damages {
            setting.observe("\(setup.title), seed \(seed): from \(name)")
            let (damaged, known) = setup.damaged(pictures, by: damage, seed: seed)
            func part(_ answer: Tensor<Float>) -> Double {
                answer.meanSquaredErrors(to: pictures).part(below: Self.bound)
            }
            rows[0].parts.append(part(try memory.complete(damaged, knowing: known)))
            for (index, encoder) in encoders.enumerated() {
                rows[1 + index].parts.append(
                    part(try encoder.applied(to: damaged, knowing: known, times: 100)))
            }
            rows[1 + encoders.count].parts.append(
                try BestModernHopfield.errors(
                    of: damaged, storing: pictures, below: Self.bound,
                    threads: setting.threads
                ).part(below: Self.bound))
            rows[2 + encoders.count].parts.append(
                part(try retrieval.retrieve(damaged, knowing: known)))
        }
        return rows
    }
}
