// Which entries of queries are known: queries that know the same are compared together, over those columns alone.
import Tensors

/// Queries grouped by what is known of them.
struct KnownEntries {
    /// Some queries and the columns that are known of them.
    struct Group: Equatable {
        let rows: [Int], columns: [Int]
    }
    let groups: [Group]

    /// - Parameter known: `[1, d]` for all queries or `[rows, d]`: not 0 where an entry is known; nil for all.
    init(_ known: Tensor<Float>?, rows: Int, width: Int) {
        guard let known else {
            groups = [Group(rows: Array(0..<rows), columns: Array(0..<width))]
            return
        }
        precondition(
            known.shape == [1, width] || known.shape == [rows, width],
            "known entries \(known.shape) for \(rows) queries of \(width)")
        let masks = known.withUnsafeBufferPointer { known in
            (0..<known.count / max(width, 1)).map { row in
                (0..<width).filter { known[row * width + $0] != 0 }
            }
        }
        guard known.shape[0] == rows, rows != 1 else {
            groups = [Group(rows: Array(0..<rows), columns: masks[0])]
            return
        }
        var members: [[Int]: [Int]] = [:]
        for (row, columns) in masks.enumerated() { members[columns, default: []].append(row) }
        groups = members.map { Group(rows: $1, columns: $0) }.sorted { $0.rows[0] < $1.rows[0] }
    }
}
