import Tensors
import Testing

@testable import Teaching

@Suite("Matrix algebra")
struct MatrixAlgebraTests {
    private func rows(_ count: Int, _ width: Int, seed: UInt64) -> [[Double]] {
        var random = RandomSource(seed: seed)
        return (0..<count).map { _ in (0..<width).map { _ in random.normal() } }
    }

    @Test("Cholesky's triangle times itself is the matrix, and its inverse undoes it")
    func cholesky() {
        let a = rows(7, 5, seed: 1)
        let matrix = (0..<5).map { i in
            (0..<5).map { j in a.reduce(i == j ? 0.1 : 0) { $0 + $1[i] * $1[j] } }
        }
        let lower = MatrixAlgebra.cholesky(matrix)
        let inverse = MatrixAlgebra.inverse(ofLower: lower)
        for i in 0..<5 {
            for j in 0..<5 {
                #expect(abs(MatrixAlgebra.dot(lower[i], lower[j]) - matrix[i][j]) < 1e-9)
                let product = (0..<5).reduce(0.0) { $0 + lower[i][$1] * inverse[$1][j] }
                #expect(abs(product - (i == j ? 1 : 0)) < 1e-9)
            }
        }
    }

    @Test("A basis is orthonormal and leaves out what adds nothing")
    func basis() {
        var some = rows(3, 6, seed: 2)
        some.insert(zip(some[0], some[1]).map { 2 * $0 - $1 }, at: 2)
        let basis = MatrixAlgebra.basis(of: some)
        #expect(basis.count == 3)
        for i in basis.indices {
            for j in basis.indices {
                #expect(abs(MatrixAlgebra.dot(basis[i], basis[j]) - (i == j ? 1 : 0)) < 1e-12)
            }
        }
    }

    @Test("Principal directions are those in which rows vary most")
    func directions() throws {
        // More than one block of 64, and variances that fall by axis.
        let width = 90
        let covariance = Tensor<Float>(shape: [width, width]) { c in
            for i in 0..<width {
                for j in 0..<width { c[i * width + j] = i == j ? (i < 70 ? 100 : 0.01) : 0 }
            }
        }
        let found = try MatrixAlgebra.principalDirections(of: covariance, count: 70, threads: 1)
        #expect(found.shape == [70, width])
        for row in 0..<70 {
            let outside = (70..<width).reduce(Float(0)) { $0 + found[row, $1] * found[row, $1] }
            #expect(outside < 1e-4)
        }
    }
}
