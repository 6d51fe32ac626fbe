// Products, factors and bases of matrices: what fitting a space of looks needs.
import Compute
import Graphs
import Tensors

enum MatrixAlgebra {
    /// a b, either of them transposed first where that is said.
    ///
    /// - Throws: `PlanError`.
    static func product(
        _ a: Tensor<Float>, _ b: Tensor<Float>, transposed: (Bool, Bool) = (false, false),
        threads: Int
    ) throws -> Tensor<Float> {
        let graph = Graph.build { builder in
            builder.output(
                builder.input("a").times(
                    builder.input("b"), transposed: transposed.0, transposed.1), "c")
        }
        let plan = try Plan(
            graph, shapes: ["a": a.shape, "b": b.shape], options: PlanOptions(threads: threads))
        guard let c = try plan.run(["a": a, "b": b])["c"] else {
            preconditionFailure("a product without a result")
        }
        return c
    }

    /// The lower triangle L of a positive definite matrix L Lᵀ, row by row.
    static func cholesky(_ matrix: [[Double]]) -> [[Double]] {
        var lower = matrix.map { [Double](repeating: 0, count: $0.count) }
        for row in matrix.indices {
            for column in 0...row {
                var sum = matrix[row][column]
                for k in 0..<column { sum -= lower[row][k] * lower[column][k] }
                lower[row][column] =
                    row == column ? max(sum, 1e-12).squareRoot() : sum / lower[column][column]
            }
        }
        return lower
    }

    /// The inverse of a lower triangle.
    static func inverse(ofLower lower: [[Double]]) -> [[Double]] {
        let count = lower.count
        var inverse = lower.map { [Double](repeating: 0, count: $0.count) }
        for row in 0..<count {
            // Row by row: what is above is known.
            var sums = [Double](repeating: 0, count: row)
            for k in 0..<row where lower[row][k] != 0 {
                for column in 0...k { sums[column] += lower[row][k] * inverse[k][column] }
            }
            for column in 0..<row { inverse[row][column] = -sums[column] / lower[row][row] }
            inverse[row][row] = 1 / lower[row][row]
        }
        return inverse
    }

    /// An orthonormal basis of the span of rows; rows that add nothing to those before them are left out.
    static func basis(of rows: [[Double]]) -> [[Double]] {
        var basis: [[Double]] = []
        for row in rows {
            var rest = row
            // Twice: once leaves rounding behind.
            for _ in 0..<2 {
                for unit in basis {
                    let part = dot(rest, unit)
                    for k in rest.indices { rest[k] -= part * unit[k] }
                }
            }
            let length = dot(rest, rest).squareRoot()
            guard length > 1e-6 * max(dot(row, row).squareRoot(), 1e-300) else { continue }
            basis.append(rest.map { $0 / length })
        }
        return basis
    }

    /// About the `count` directions in which rows vary most, orthonormal: `[count, d]` for a covariance `[d, d]`.
    ///
    /// - SeeAlso: Halko, Martinsson and Tropp (arXiv:0909.4061), algorithm 4.4.
    static func principalDirections(
        of covariance: Tensor<Float>, count: Int, rounds: Int = 3, threads: Int
    ) throws -> Tensor<Float> {
        let width = covariance.shape[0], count = min(count, covariance.shape[0])
        var random = RandomSource(seed: 1)
        var directions = Tensor<Float>.normal([count, width], using: &random)
        for _ in 0..<rounds {
            directions = try orthonormal(
                product(directions, covariance, threads: threads), threads: threads)
        }
        return directions
    }

    /// Rows made orthonormal, 64 at a time; those that add nothing are left out.
    private static func orthonormal(
        _ rows: Tensor<Float>, threads: Int
    ) throws -> Tensor<Float> {
        let (count, width) = (rows.shape[0], rows.shape[1])
        let all = rows.elements
        var done: [Float] = []
        for start in stride(from: 0, to: count, by: 64) {
            let end = min(start + 64, count)
            var block = Tensor(
                Array(all[start * width..<end * width]), shape: [end - start, width])
            for _ in 0..<2 where !done.isEmpty {
                let before = Tensor(done, shape: [done.count / width, width])
                let parts = try product(block, before, transposed: (false, true), threads: threads)
                let inside = try product(parts, before, threads: threads)
                block = Tensor(
                    zip(block.elements, inside.elements).map { $0 - $1 }, shape: block.shape)
            }
            let values = block.elements
            let units = basis(
                of: (0..<end - start).map { row in
                    values[row * width..<(row + 1) * width].map(Double.init)
                })
            done += units.flatMap { $0.map(Float.init) }
        }
        return Tensor(done, shape: [done.count / width, width])
    }

    static func dot(_ a: [Double], _ b: [Double]) -> Double {
        var sum = 0.0
        for k in a.indices { sum += a[k] * b[k] }
        return sum
    }
}
