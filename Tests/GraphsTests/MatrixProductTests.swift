// Matrix products against their definition, and the linear layer made of them.
import Graphs
import Tensors
import TestSupport
import Testing

@Suite("Matrix products")
struct MatrixProductTests {
    @Test("Every combination of transposed operands equals the plain product")
    func transposed() throws {
        let (a, b) = (random([4, 5]), random([5, 3], seed: 8))
        var expected: [Double] = []
        for i in 0..<4 {
            for j in 0..<3 { expected.append((0..<5).reduce(0) { $0 + a[i, $1] * b[$1, j] }) }
        }
        for first in [false, true] {
            for second in [false, true] {
                let left = first ? try apply(Transpose([1, 0]), a) : a
                let right = second ? try apply(Transpose([1, 0]), b) : b
                let product = MatrixProduct(transposesFirst: first, transposesSecond: second)
                let result = try apply(product, left, right)
                #expect(result.shape == [4, 3])
                #expect(isClose(result, expected))
            }
        }
    }

    @Test("Stacks of matrices broadcast against each other")
    func stacks() throws {
        let (a, b) = (random([2, 1, 4, 5]), random([3, 5, 2], seed: 8))
        let result = try apply(MatrixProduct(), a, b)
        #expect(result.shape == [2, 3, 4, 2])
        for i in 0..<2 {
            for j in 0..<3 {
                for row in 0..<4 {
                    for column in 0..<2 {
                        let expected = (0..<5).reduce(0) {
                            $0 + a[i, 0, row, $1] * b[j, $1, column]
                        }
                        #expect(abs(result[i, j, row, column] - expected) <= 1e-12)
                    }
                }
            }
        }
    }

    @Test("A linear layer is x W' + b on the last axis")
    func linear() throws {
        let (x, w, b) = (random([2, 3, 5]), random([4, 5], seed: 8), random([4], seed: 9))
        let result = try apply(Linear(), x, w, b)
        #expect(result.shape == [2, 3, 4])
        for i in 0..<2 {
            for j in 0..<3 {
                for o in 0..<4 {
                    let expected = (0..<5).reduce(b[o]) { $0 + x[i, j, $1] * w[o, $1] }
                    #expect(abs(result[i, j, o] - expected) <= 1e-12)
                }
            }
        }
    }

    @Test("Long sums of Float keep their digits")
    func longSums() throws {
        // Summed in Float, a million times 0.1 is 100958.34.
        let x = Tensor<Float>(repeating: 0.1, shape: [1, 1_000_000])
        let ones = Tensor<Float>(repeating: 1, shape: [1, 1_000_000])
        #expect(abs(Linear().forward([x, ones]).item - 100_000) < 0.1)
        #expect(abs(Sum().forward([x]).item - 100_000) < 0.1)
        #expect(abs(Mean().forward([x]).item - 0.1) < 1e-6)
    }
}
