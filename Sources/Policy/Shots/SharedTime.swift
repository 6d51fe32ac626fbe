// One stretch of time for the shots of many videos.

/// Parts a stretch of time among videos, so that a second brings as much in each of them.
public enum SharedTime {
    /// Seconds for each of some videos: all together at most as many as there are, where decoding and encoding alone do not
    /// take more.
    ///
    /// - Parameters:
    ///   - seconds: For all of them; nil: what the usual model would take.
    ///   - planners: One for each video, of the same machine.
    public static func parts(of seconds: Double?, among planners: [ShotPlanner]) -> [Double] {
        guard let first = planners.first else { return [] }
        let unit = first.unitSeconds
        var table = ShotTable(worth: [], effort: [], bits: [], weights: [])
        var allowed: [[Int]] = []
        for planner in planners {
            table.worth += planner.table.worth
            table.effort += planner.table.effort
            table.bits += planner.table.bits
            table.weights += planner.table.weights.map { $0 * planner.pixels }
            allowed += planner.table.weights.map { _ in planner.usual }
        }
        let coding = planners.reduce(0) { $0 + $1.codingSeconds }
        let all = seconds ?? planners.reduce(0) { $0 + $1.usualSeconds }
        let whole = max(table.weights.reduce(0, +), 1e-12)
        let budget = ShotBudget(effort: max(0, all - coding) / (whole * unit))
        let chosen = table.allocation(budget, perShot: allowed)
        var row = 0
        return planners.map { planner in
            let rows = row..<row + planner.table.count
            row = rows.upperBound
            return planner.codingSeconds
                + rows.reduce(0) {
                    $0 + table.weights[$1] * table.effort[$1][chosen[$1]] * unit
                }
        }
    }
}
