// What several tests of memories share: random patterns and masks, and rows as Double.
import Tensors

@testable import Memory

/// Patterns `[count, width]` of numbers from 0 to 1, some of them 0.
func randomPatterns(
    _ count: Int, _ width: Int, using random: inout RandomSource
) -> Tensor<Float> {
    Tensor(shape: [count, width]) { to in
        for index in to.indices {
            to[index] = random.uniform() < 0.1 ? 0 : Float(random.uniform())
        }
    }
}

/// Patterns `[count, width]` of 1 and -1.
func randomSigns(_ count: Int, _ width: Int, using random: inout RandomSource) -> Tensor<Float> {
    Tensor(shape: [count, width]) { to in
        for index in to.indices { to[index] = random.uniform() < 0.5 ? -1 : 1 }
    }
}

/// 1 with some probability, else 0; at least one 1 in each row.
func randomMask(
    _ rows: Int, _ width: Int, known: Double, using random: inout RandomSource
) -> Tensor<Float> {
    Tensor(shape: [rows, width]) { to in
        for index in to.indices { to[index] = random.uniform() < known ? 1 : 0 }
        for row in 0..<rows { to[row * width + random.index(below: width)] = 1 }
    }
}

extension Tensor where Scalar == Float {
    /// A row as Double.
    func row(_ index: Int) -> [Double] {
        let width = shape[1]
        return elements[index * width..<(index + 1) * width].map { Double($0) }
    }
}

/// Whether two numbers agree to a part of the larger one, or to as much.
func agree(_ a: Double, _ b: Double, to tolerance: Double) -> Bool {
    abs(a - b) <= tolerance * max(1, abs(a), abs(b))
}
