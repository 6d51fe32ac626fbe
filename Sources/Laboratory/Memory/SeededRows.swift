// Rows of figures that every seed measures anew.

/// What each memory reaches, row by row, over several seeds.
struct SeededRows {
    /// A row's name, and its figures for each seed.
    private var rows: [(name: String, parts: [[Double]])] = []

    /// Measures once for each seed of a setting, from 1 on; rows come in the same order each time.
    init(
        _ setting: ExperimentSetting,
        _ measure: (_ seed: Int) throws -> [(name: String, parts: [Double])]
    ) rethrows {
        for seed in 1...max(setting.seeds, 1) {
            for (index, row) in try measure(seed).enumerated() {
                if index == rows.count { rows.append((row.name, [])) }
                rows[index].parts.append(row.parts)
            }
        }
    }

    /// Names of the rows.
    var names: [String] { rows.map(\.name) }

    /// Mean and deviation of one figure.
    subscript(row: Int, column: Int) -> Spread { Spread(rows[row].parts.map { $0[column] }) }

    /// A name and its figures, for a table.
    var cells: [[ResultCell]] {
        rows.indices.map { row in
            [.text(rows[row].name)] + rows[row].parts[0].indices.map { self[row, $0].cell }
        }
    }
}
