// Steps at block edges: how strong, and on which grid.
import CKernels
import Media

/// Steps along a regular grid of block edges, without a reference.
public struct Blockiness: Sendable, Hashable {
    /// A grid along one axis.
    public struct Grid: Sendable, Hashable {
        /// Distance between block edges in samples: 8 as coded, more where a picture was enlarged.
        public var period: Double
        /// Position of the first edge, in 0 ..< period.
        public var offset: Double
        /// Mean step at the grid's edges over the mean step elsewhere: 1 where there is no grid.
        public var strength: Double
    }

    /// Vertical edges (along x) and horizontal ones (along y).
    public let columns: Grid, rows: Grid

    /// The stronger of the two grids' strengths.
    public var strength: Double { max(columns.strength, rows.strength) }

    /// Looks for grids of 8 samples, and of 8 enlarged up to threefold, in a plane of `depth` bits.
    public init(_ plane: Plane, depth: Int) {
        let limit = 24 << max(depth - 8, 0)
        var columns = [Float](repeating: 0, count: plane.width)
        var rows = [Float](repeating: 0, count: plane.height)
        withKernelSamples(plane) { percept_step_profiles($0, Int32(limit), &columns, &rows) }
        self.columns = Blockiness.strongestGrid(columns)
        self.rows = Blockiness.strongestGrid(rows)
    }

    // Enlargements that people make: 1, 4/3, 3/2, 15/8 (1080 from 576), 2, 9/4, 8/3, 3.
    private static let periods = [8, 32.0 / 3, 12, 15, 16, 18, 64.0 / 3, 24]

    private static func strongestGrid(_ steps: [Float]) -> Grid {
        var best = Grid(period: 8, offset: 0, strength: 1)
        guard steps.count >= 48 else { return best }
        // Content makes neighbouring steps alike; what a grid adds stands out from its surroundings.
        let excess = (0..<steps.count).map { (i: Int) -> Double in
            guard i >= 4 && i < steps.count - 3 else { return 1 }
            let around = Double(steps[i - 2] + steps[i - 1] + steps[i + 1] + steps[i + 2]) / 4
            return min((Double(steps[i]) + 0.05) / (around + 0.05), 8)
        }
        for period in periods where Double(steps.count) >= 6 * period {
            for offset in 0..<Int(period) {
                var (sum, count) = (0.0, 0.0)
                var position = Double(offset)
                while position < Double(steps.count) - 3.5 {
                    let index = Int(position + 0.5)
                    if index >= 4 {
                        sum += excess[index]
                        count += 1
                    }
                    position += period
                }
                // A longer period also fits every multiple of a shorter one: it must be clearly
                // better, and chance favours grids with few edges.
                let strength = count > 0 ? sum / count : 1
                let margin = best.strength == 1 ? 1 : 1.1
                if strength > best.strength * margin {
                    best = Grid(period: period, offset: Double(offset), strength: strength)
                }
            }
        }
        return best
    }
}
