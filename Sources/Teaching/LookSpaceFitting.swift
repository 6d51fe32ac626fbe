// How a space of looks is fitted to people whose doing is known.
import Interaction
import Tensors

/// How a space of looks is fitted.
public struct LookSpaceSettings: Sendable, Hashable {
    /// Principal directions that are kept.
    public var directions = 512
    /// How much of the scatter within doings is replaced by the same in all directions: 0 to 1.
    public var shrinkage = 0.5
    /// How much the part in which doings differ counts once more.
    public var weight = 2.0

    /// The usual settings, chosen on verbs that were held back; see Documentation/teaching.md.
    public init() {}
}

extension LookSpace {
    /// A space fitted to some of the people, without calibration.
    ///
    /// - Parameter rows: Which people; those whose doing is not known are left out.
    /// - Throws: `PlanError`.
    public init(
        fitting people: KnownLooks, of rows: [Int], settings: LookSpaceSettings = .init(),
        threads: Int = 1
    ) throws {
        let rows = rows.filter { people.doings[$0] != nil }
        let looks = KnownLooks.rows(people.plain, rows)
        let (means, deviations) = Self.statistics(looks)
        let standard = Self.standardised(looks, means, deviations)
        let count = max(rows.count, 1)
        // Standardised numbers are clipped, so that their mean is not quite 0.
        let centre = Self.statistics(standard).means.elements
        let width = looks.shape[1]
        let centred = Tensor(
            standard.elements.enumerated().map { $1 - centre[$0 % width] }, shape: standard.shape)
        let covariance = try MatrixAlgebra.product(
            centred, centred, transposed: (true, false), threads: threads
        ).map { $0 / Float(count) }
        let directions = try MatrixAlgebra.principalDirections(
            of: covariance, count: settings.directions, threads: threads)
        let reduced = try MatrixAlgebra.product(
            centred, directions, transposed: (false, true), threads: threads)

        // Scatter within doings, around the mean of each.
        let groups = Dictionary(grouping: rows.indices) { people.doings[rows[$0]]! }
            .sorted { ($0.key.verb, $0.key.object) < ($1.key.verb, $1.key.object) }
        let size = reduced.shape[1]
        var values = reduced.elements
        var groupMeans: [[Double]] = []
        for (_, members) in groups {
            var mean = [Double](repeating: 0, count: size)
            for row in members {
                for k in 0..<size { mean[k] += Double(values[row * size + k]) }
            }
            mean = mean.map { $0 / Double(members.count) }
            groupMeans.append(mean)
            for row in members {
                for k in 0..<size { values[row * size + k] -= Float(mean[k]) }
            }
        }
        let within = Tensor(values, shape: reduced.shape)
        let scatter = try MatrixAlgebra.product(
            within, within, transposed: (true, false), threads: threads
        ).elements.map { Double($0) / Double(count) }
        let trace = (0..<size).reduce(0.0) { $0 + scatter[$1 * size + $1] }
        let shrunk = (0..<size).map { row in
            (0..<size).map { column in
                (1 - settings.shrinkage) * scatter[row * size + column]
                    + (row == column ? settings.shrinkage * trace / Double(size) + 1e-9 : 0)
            }
        }
        let whitener = MatrixAlgebra.inverse(ofLower: MatrixAlgebra.cholesky(shrunk))

        // Where whitened means of doings differ.
        let overall = (0..<size).map { k in
            groupMeans.reduce(0.0) { $0 + $1[k] } / Double(max(groupMeans.count, 1))
        }
        let differences = groupMeans.map { mean in
            whitener.map { row in
                (0..<size).reduce(0.0) { $0 + row[$1] * (mean[$1] - overall[$1]) }
            }
        }
        let telling = MatrixAlgebra.basis(of: differences)

        // All of it as one map.
        let more = telling.map { unit in
            (0..<size).map { column in
                settings.weight
                    * (0..<size).reduce(0.0) { $0 + unit[$1] * whitener[$1][column] }
            }
        }
        let last = Tensor(
            (whitener + more).flatMap { $0.map(Float.init) },
            shape: [size + more.count, size])
        let projection = try MatrixAlgebra.product(
            directions, last, transposed: (true, true), threads: threads)
        let offset = try MatrixAlgebra.product(
            Tensor(centre, shape: [1, width]), projection, threads: threads)
        let space = LookSpace(
            means: means, deviations: deviations, projection: projection,
            offset: offset.reshaped(to: [projection.shape[1]]),
            known: Tensor(shape: [0, projection.shape[1]]), knownThings: [],
            detector: people.detector)
        let codes = try space.codes(of: looks, threads: threads)
        var shown = [Int](repeating: 0, count: rows.count)
        for (place, group) in groups.enumerated() {
            for row in group.value { shown[row] = place }
        }
        self.init(
            means: means, deviations: deviations, projection: projection, offset: space.offset,
            known: TaughtLooks.means(of: codes, showing: shown, count: groups.count),
            knownThings: groups.map { COCO.index(of: $0.key.object) }, detector: people.detector)
    }

    private static func statistics(
        _ looks: Tensor<Float>
    ) -> (means: Tensor<Float>, deviations: Tensor<Float>) {
        let (rows, width) = (looks.shape[0], looks.shape[1])
        var sums = [Double](repeating: 0, count: width), squares = sums
        looks.withUnsafeBufferPointer { looks in
            for row in 0..<rows {
                for column in 0..<width {
                    let value = Double(looks[row * width + column])
                    sums[column] += value
                    squares[column] += value * value
                }
            }
        }
        let count = Double(max(rows, 1))
        return (
            Tensor(sums.map { Float($0 / count) }, shape: [width]),
            Tensor(
                zip(sums, squares).map { sum, square in
                    let mean = sum / count
                    return Float(max(square / count - mean * mean, 0).squareRoot()) + 1e-3
                }, shape: [width])
        )
    }
}
