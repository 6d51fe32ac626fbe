// A block whose convolutions each see everything before them.
import Graphs
import Tensors

/// x + scale * last convolution of [x, x1, ..., x(n-1)], each xi a convolution of all before it.
///
/// - SeeAlso: ESRGAN (arXiv:1809.00219), figure 4; MW-GAN's RDB has the same settings.
public struct ResidualDenseBlock: Module {
    /// The convolutions "conv1"..."convN"; all but the last add `growth` channels.
    public let convolutions: [ConvolutionLayer]
    /// Factor of the branch.
    public let scale: Double

    /// A block of `channels` with `count` convolutions.
    ///
    /// - Parameter gain: Factor on the first weights; a tenth lets deep stacks start gently.
    public init(
        _ path: ParameterPath, _ channels: Int, growth: Int = 32, count: Int = 5,
        slope: Double = 0.2, scale: Double = 0.2, gain: Double = 0.1
    ) {
        precondition(count >= 1, "\(path): \(count) convolutions")
        convolutions = (1...count).map { index in
            ConvolutionLayer(
                path / "conv\(index)", channels + (index - 1) * growth,
                index == count ? channels : growth,
                activation: index == count ? .identity : .leakyReLU(slope),
                initialiser: .kaiming(scale: gain))
        }
        self.scale = scale
    }

    /// Those of all convolutions.
    public var declarations: [Declaration] { convolutions.declarations }

    /// x plus the scaled branch; `[N, channels, H, W]` before and after.
    public func callAsFunction(_ x: Value) -> Value {
        var features = [x]
        for convolution in convolutions {
            let seen = features.count == 1 ? x : x.builder.concatenate(features)
            features.append(convolution(seen))
        }
        return x + scale * features[convolutions.count]
    }
}
