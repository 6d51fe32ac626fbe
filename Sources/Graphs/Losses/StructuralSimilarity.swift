// SSIM, and the loss that it makes.
import Glibc
import Tensors

extension Value {
    /// The mean structural similarity of pictures `[N, C, H, W]`, channel by channel, under a
    /// Gaussian window; pixels whose window leaves the picture are left out.
    ///
    /// - Parameters:
    ///   - peak: The largest value a pixel can have.
    ///   - window: Side of the window, odd; pictures are no smaller.
    ///   - deviation: Of the Gaussian, in pixels.
    /// - SeeAlso: Wang et al., "Image quality assessment" (2004), equation 13.
    public func structuralSimilarity(
        to other: Value, peak: Double = 1, window: Int = 11, deviation: Double = 1.5
    ) -> Value {
        // Channels become pictures of their own: no operation needs to know how many there are.
        let (x, y) = (reshaped([-1, 1, 0, 0]), other.reshaped([-1, 1, 0, 0]))
        let products = builder.concatenate([x, y, x * x, y * y, x * y])
        let (column, row) = builder.gaussianWindow(window, deviation: deviation, channels: 5)
        let depthwise = ConvolutionGeometry(groups: 5)
        let means = products.convolved(with: column, depthwise).convolved(with: row, depthwise)
        func mean(_ channel: Int) -> Value { means.sliced(axis: 1, from: channel, to: channel + 1) }

        let (meanX, meanY) = (mean(0), mean(1))
        let (squareX, squareY, cross) = (meanX * meanX, meanY * meanY, meanX * meanY)
        let (c1, c2) = ((0.01 * peak) * (0.01 * peak), (0.03 * peak) * (0.03 * peak))
        let luminance = (2 * cross + c1) / (squareX + squareY + c1)
        let variances = (mean(2) - squareX) + (mean(3) - squareY)
        let structure = (2 * (mean(4) - cross) + c2) / (variances + c2)
        return (luminance * structure).mean()
    }

    /// 1 less the mean structural similarity: 0 for equal pictures.
    public func structuralDissimilarity(
        to other: Value, peak: Double = 1, window: Int = 11, deviation: Double = 1.5
    ) -> Value {
        1 - structuralSimilarity(to: other, peak: peak, window: window, deviation: deviation)
    }
}

extension GraphBuilder {
    /// A Gaussian window that sums to 1, as depthwise weights of a column and of a row.
    fileprivate func gaussianWindow(
        _ window: Int, deviation: Double, channels: Int
    ) -> (column: Value, row: Value) {
        precondition(window > 0 && window % 2 == 1, "a window of \(window) has no centre")
        let samples = (0..<window).map { position in
            let distance = Double(position - window / 2) / deviation
            return exp(-distance * distance / 2)
        }
        let sum = samples.reduce(0, +)
        let all = (0..<channels).flatMap { _ in samples.map { $0 / sum } }
        func weights(_ shape: Shape) -> Value { apply(Constant(Tensor(all, shape: shape)), to: []) }
        return (weights([channels, 1, window, 1]), weights([channels, 1, 1, window]))
    }
}
