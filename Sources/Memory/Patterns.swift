// Patterns as measures take them: lengths, sums, distributions, and columns of them.
import Glibc
import Tensors

extension Tensor where Scalar == Float {
    /// A matrix with each row as a distribution: divided by its sum, and smoothed so that no entry is 0.
    ///
    /// Rows of the sum 0 become even; negative entries count as 0.
    var distributions: Tensor {
        let width = shape[1]
        return Tensor(shape: shape) { result in
            withUnsafeBufferPointer { x in
                for start in Swift.stride(from: 0, to: x.count, by: Swift.max(width, 1)) {
                    var sum = 0.0
                    for index in start..<start + width { sum += Double(Swift.max(x[index], 0)) }
                    let scale = 1 / (1 + Double(width) * Similarity.smoothing)
                    for index in start..<start + width {
                        let part =
                            sum > 0 ? Double(Swift.max(x[index], 0)) / sum : 1 / Double(width)
                        result[index] = Float((part + Similarity.smoothing) * scale)
                    }
                }
            }
        }
    }

    /// One number for each row.
    func rowSums(_ term: (Double) -> Double) -> [Double] {
        let width = shape[1]
        return withUnsafeBufferPointer { x in
            (0..<shape[0]).map { row in
                var sum = 0.0
                for index in row * width..<(row + 1) * width { sum += term(Double(x[index])) }
                return sum
            }
        }
    }

    /// Σ p log p of each row.
    var negatedEntropies: [Double] { rowSums { $0 > 0 ? $0 * log($0) : 0 } }

    /// Each row divided by a number of its own; rows whose number is 0 become 0.
    func rowsDivided(by numbers: [Double]) -> Tensor {
        let width = shape[1]
        return Tensor(shape: shape) { result in
            withUnsafeBufferPointer { x in
                for (row, number) in numbers.enumerated() {
                    let factor = number == 0 ? 0 : 1 / number
                    for index in row * width..<(row + 1) * width {
                        result[index] = Float(Double(x[index]) * factor)
                    }
                }
            }
        }
    }

    /// The given columns of a matrix, in order.
    package func gathered(columns: [Int]) -> Tensor {
        let (rows, width) = (shape[0], shape[1])
        return Tensor(shape: [rows, columns.count]) { result in
            withUnsafeBufferPointer { x in
                var position = 0
                for row in 0..<rows {
                    for column in columns {
                        result[position] = x[row * width + column]
                        position += 1
                    }
                }
            }
        }
    }

    /// Two matrices of equal width, one below the other.
    func appending(rows other: Tensor) -> Tensor {
        precondition(shape[1] == other.shape[1], "rows of \(other.shape[1]) below \(shape[1])")
        return Tensor(shape: [shape[0] + other.shape[0], shape[1]]) { result in
            withUnsafeBufferPointer { source in
                for index in source.indices { result[index] = source[index] }
            }
            other.withUnsafeBufferPointer { source in
                for index in source.indices { result[count + index] = source[index] }
            }
        }
    }
}
