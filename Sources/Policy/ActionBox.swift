// Which actions there are: numbers from -limit to limit, a few at once.
import Tensors

/// All actions a with `count` numbers, each from `-limit` to `limit`.
public struct ActionBox: Sendable, Hashable {
    /// Numbers of an action.
    public let count: Int
    /// How far each goes from 0.
    public let limit: Float

    /// A box.
    public init(_ count: Int, limit: Float = 1) {
        precondition(count > 0 && limit > 0 && limit.isFinite, "\(count) numbers up to \(limit)")
        (self.count, self.limit) = (count, limit)
    }

    /// The nearest number that an action may have.
    @inlinable public func clamped(_ x: Float) -> Float { min(max(x, -limit), limit) }

    /// An action drawn evenly from the whole box: U(-limit, limit).
    public func random(using source: inout RandomSource) -> [Float] {
        (0..<count).map { _ in number(using: &source) }
    }

    /// A number drawn evenly from all that an action may have.
    func number(using source: inout RandomSource) -> Float {
        limit * Float(2 * source.uniform() - 1)
    }

    /// Actions with normal noise of the given deviation, a part of `limit`, on each number of each row by itself; within the
    /// box again.
    ///
    /// - Parameter most: How far noise may go, a part of `limit`.
    func noisy(
        _ actions: Tensor<Float>, deviation: Double, most: Double = .infinity,
        using source: inout RandomSource
    ) -> Tensor<Float> {
        guard deviation > 0 else { return actions }
        var result = actions
        result.withUnsafeMutableBufferPointer { a in
            for index in a.indices {
                let noise = min(max(deviation * source.normal(), -most), most)
                a[index] = clamped(a[index] + Float(noise) * limit)
            }
        }
        return result
    }
}
