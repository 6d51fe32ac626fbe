// The length of all gradients taken as one vector: for clipping, and to notice what is not finite.
import Tensors

/// The Euclidean norm of all gradients together; not finite where any element is not.
///
/// The order of summation is fixed, so equal gradients give equal bits.
public func globalNorm(of gradients: [String: Tensor<Float>]) -> Double {
    var sum: Double = 0
    for (_, gradient) in gradients.sorted(by: { $0.key < $1.key }) {
        sum += gradient.withUnsafeBufferPointer { squaredNorm($0) }
    }
    return sum.squareRoot()
}

/// Scales gradients down where their norm exceeds `limit`; the direction stays.
///
/// - Returns: The norm before.
/// - SeeAlso: Pascanu et al. (arXiv:1211.5063), algorithm 1.
@discardableResult
public func clip(_ gradients: inout [String: Tensor<Float>], toNorm limit: Double) -> Double {
    let norm = globalNorm(of: gradients)
    guard norm > limit, norm.isFinite else { return norm }
    let factor = Float(limit / norm)
    for index in gradients.values.indices {
        gradients.values[index].withUnsafeMutableBufferPointer { g in
            for i in 0..<g.count { g[i] *= factor }
        }
    }
    return norm
}

private func squaredNorm(_ x: UnsafeBufferPointer<Float>) -> Double {
    // Independent sums, so that additions need not wait for each other.
    var sums = SIMD8<Double>.zero
    let whole = x.count / 8 * 8
    for start in stride(from: 0, to: whole, by: 8) {
        var part = SIMD8<Double>.zero
        for lane in 0..<8 { part[lane] = Double(x[start + lane]) }
        sums += part * part
    }
    var sum = sums.sum()
    for i in whole..<x.count { sum += Double(x[i]) * Double(x[i]) }
    return sum
}
