// Where each part of a picture comes from in another one.
import Tensors

/// A dense flow from one frame to a neighbour, on the grid of half-size luma (that of packets).
public struct Flow: Sendable {
    /// Displacement in luma samples, `[h, w]` with h, w half the luma's size, rounded up: what lies
    /// at luma (2i, 2j) here lies at (2i + x, 2j + y) in the neighbour. Positive is right and down.
    public var x: Tensor<Float>, y: Tensor<Float>
    /// What motion leaves unexplained: root mean squared difference (means removed) in 8-bit steps
    /// around each 8x8 luma samples, `[ceil(h / 4), ceil(w / 4)]`.
    public var error: Tensor<Float>

    /// No motion at all, for luma of the given size.
    public init(width: Int, height: Int) {
        let (w, h) = ((width + 1) / 2, (height + 1) / 2)
        x = Tensor(shape: [h, w])
        y = Tensor(shape: [h, w])
        error = Tensor(shape: [(h + 3) / 4, (w + 3) / 4])
    }

    /// Confidence in [0, 1] for an error in 8-bit steps: 1 where nothing is left, 1/2 at `noise`.
    public static func confidence(error: Float, noise: Float = 6) -> Float {
        1 / (1 + (error / noise) * (error / noise))
    }

    /// Mean of `confidence(error:)` over the picture.
    public var meanConfidence: Float {
        error.withUnsafeBufferPointer { values in
            values.reduce(0) { $0 + Flow.confidence(error: $1) } / Float(values.count)
        }
    }
}
