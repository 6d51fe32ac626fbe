// The definition of the Haar packet transform, sample by sample: what the fast kernels must equal.
import Tensors

/// The packet transform as its formulas say, one level at a time: readable, slow, any scalar.
public struct ReferencePacketTransform: Sendable {
    /// How many times all subbands are split.
    public let levels: Int

    /// A transform of `levels` levels.
    public init(levels: Int) { self.levels = levels }

    /// Splits `x`, `[N, C, H, W]`, into `[N, C * 4^levels, H / 2^levels, W / 2^levels]`.
    public func callAsFunction<S: TensorScalar>(_ x: Tensor<S>) -> Tensor<S> {
        (0..<levels).reduce(x) { result, _ in split(result) }
    }

    /// Undoes `callAsFunction`.
    public func inverse<S: TensorScalar>(_ y: Tensor<S>) -> Tensor<S> {
        (0..<levels).reduce(y) { result, _ in join(result) }
    }

    private func split<S: TensorScalar>(_ x: Tensor<S>) -> Tensor<S> {
        let (n, channels, h, w) = (x.shape[0], x.shape[1], x.shape[2] / 2, x.shape[3] / 2)
        var y = Tensor<S>(shape: [n, 4 * channels, h, w])
        for (i, k) in positions(n, channels) {
            for (row, column) in positions(h, w) {
                let a = x[i, k, 2 * row, 2 * column]
                let b = x[i, k, 2 * row + 1, 2 * column]
                let c = x[i, k, 2 * row, 2 * column + 1]
                let d = x[i, k, 2 * row + 1, 2 * column + 1]
                y[i, k, row, column] = (a + b + c + d) / 2
                y[i, channels + k, row, column] = (c + d - a - b) / 2
                y[i, 2 * channels + k, row, column] = (b + d - a - c) / 2
                y[i, 3 * channels + k, row, column] = (a + d - b - c) / 2
            }
        }
        return y
    }

    private func join<S: TensorScalar>(_ y: Tensor<S>) -> Tensor<S> {
        let (n, channels, h, w) = (y.shape[0], y.shape[1] / 4, y.shape[2], y.shape[3])
        var x = Tensor<S>(shape: [n, channels, 2 * h, 2 * w])
        for (i, k) in positions(n, channels) {
            for (row, column) in positions(h, w) {
                let ll = y[i, k, row, column]
                let hl = y[i, channels + k, row, column]
                let lh = y[i, 2 * channels + k, row, column]
                let hh = y[i, 3 * channels + k, row, column]
                x[i, k, 2 * row, 2 * column] = (ll + hh - hl - lh) / 2
                x[i, k, 2 * row + 1, 2 * column] = (ll + lh - hl - hh) / 2
                x[i, k, 2 * row, 2 * column + 1] = (ll + hl - lh - hh) / 2
                x[i, k, 2 * row + 1, 2 * column + 1] = (ll + hl + lh + hh) / 2
            }
        }
        return x
    }

    private func positions(_ rows: Int, _ columns: Int) -> [(Int, Int)] {
        (0..<rows).flatMap { row in (0..<columns).map { (row, $0) } }
    }
}
