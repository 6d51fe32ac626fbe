// Two convolutions and a way around them.
import Graphs
import Tensors

/// x + conv2(relu(conv1(x))): the block of plain residual chains.
///
/// - SeeAlso: EDSR (arXiv:1707.02921), figure 2c.
public struct ResidualBlock: Module {
    /// The convolutions, both keeping channels and size.
    public let conv1: ConvolutionLayer, conv2: ConvolutionLayer
    /// Factor of the branch.
    public let scale: Double

    /// A block of `channels`.
    ///
    /// - Parameter gain: Factor on the second convolution's first weights: under 1, a deep chain
    ///   starts close to the identity.
    public init(
        _ path: ParameterPath, _ channels: Int, kernel: Int = 3, activation: Activation = .relu,
        scale: Double = 1, gain: Double = 0.1
    ) {
        conv1 = ConvolutionLayer(
            path / "conv1", channels, channels, kernel: kernel, activation: activation,
            initialiser: .kaiming())
        conv2 = ConvolutionLayer(
            path / "conv2", channels, channels, kernel: kernel, initialiser: .kaiming(scale: gain))
        self.scale = scale
    }

    /// Those of both convolutions.
    public var declarations: [Declaration] { conv1.declarations + conv2.declarations }

    /// x plus the scaled branch; `[N, channels, H, W]` before and after.
    public func callAsFunction(_ x: Value) -> Value {
        let branch = conv2(conv1(x))
        return x + (scale == 1 ? branch : scale * branch)
    }
}
