// Batch, instance, layer and group norm; all but the first composed of simpler operations, so that
// their derivatives follow.
import Tensors

/// What scales and shifts a normalised value: one number per channel, or per feature.
public struct NormScale {
    /// Factor and summand.
    public let scale: Value, shift: Value

    /// A scale and a shift.
    public init(scale: Value, shift: Value) {
        self.scale = scale
        self.shift = shift
    }

    /// The same for channels of `[N, C, H, W]`.
    var perChannel: NormScale {
        NormScale(scale: scale.reshaped([1, -1, 1, 1]), shift: shift.reshaped([1, -1, 1, 1]))
    }

    /// scale * x + shift.
    func callAsFunction(_ x: Value) -> Value { x * scale + shift }
}

extension Value {
    /// Less its mean, divided by its deviation, both taken over axes.
    ///
    /// - Returns: The normalised value, and the mean and (biased) variance with extents of 1.
    public func normalised(
        over axes: [Int], epsilon: Double
    ) -> (result: Value, mean: Value, variance: Value) {
        let mean = mean(axes, keepsDimensions: true)
        let centred = self - mean
        let variance = (centred * centred).mean(axes, keepsDimensions: true)
        return (centred / (variance + epsilon).squareRoot, mean, variance)
    }

    /// Normalised over the last axes, then scaled and shifted by values that broadcast to it.
    ///
    /// - SeeAlso: Ba, Kiros and Hinton, "Layer normalization" (arXiv:1607.06450).
    public func layerNorm(
        axes: [Int] = [-1], _ scale: NormScale? = nil, epsilon: Double = 1e-5
    ) -> Value {
        let result = normalised(over: axes, epsilon: epsilon).result
        return scale.map { $0(result) } ?? result
    }

    /// Each channel of each picture `[N, C, H, W]` normalised, then scaled and shifted per channel.
    public func instanceNorm(_ scale: NormScale? = nil, epsilon: Double = 1e-5) -> Value {
        let result = normalised(over: [2, 3], epsilon: epsilon).result
        return scale.map { $0.perChannel(result) } ?? result
    }

    /// Groups of channels of each picture `[N, C, H, W]` normalised, then scaled and shifted per
    /// channel.
    ///
    /// - SeeAlso: Wu and He, "Group normalization" (arXiv:1803.08494).
    public func groupNorm(
        groups: Int, _ scale: NormScale? = nil, epsilon: Double = 1e-5
    ) -> Value {
        let grouped = reshaped([0, groups, -1]).normalised(over: [2], epsilon: epsilon).result
        let result = grouped.applying(ReshapeLike(), self)
        return scale.map { $0.perChannel(result) } ?? result
    }

    /// Each channel of `[N, C, H, W]` normalised over the batch, as in training.
    ///
    /// - Returns: The result, and the batch's mean and biased variance `[C]` for running averages.
    /// - SeeAlso: Ioffe and Szegedy, "Batch normalization" (arXiv:1502.03167).
    public func batchNorm(
        _ scale: NormScale, epsilon: Double = 1e-5
    ) -> (result: Value, mean: Value, variance: Value) {
        let moments = applying(ChannelMoments())
        func row(_ index: Int) -> Value {
            moments.sliced(axis: 0, from: index, to: index + 1).reshaped([-1])
        }
        let result = applying(BatchNormalise(epsilon: epsilon), moments, scale.scale, scale.shift)
        return (result, row(0), row(1))
    }

    /// Each channel of `[N, C, H, W]` normalised by running statistics `[C]`, as in inference: one
    /// factor and one summand per channel.
    public func batchNorm(
        _ scale: NormScale, mean: Value, variance: Value, epsilon: Double = 1e-5
    ) -> Value {
        let factor = scale.scale / (variance + epsilon).squareRoot
        return NormScale(scale: factor, shift: scale.shift - mean * factor).perChannel(self)
    }
}
