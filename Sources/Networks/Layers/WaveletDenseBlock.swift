// Dense blocks one wavelet packet level deeper, with learned mixing on the way in and out.
import Graphs
import Tensors

/// Packets of x, mixed by a 1x1 convolution: `[N, C, H, W]` to `[N, C, H / 2, W / 2]`.
public struct PacketConvolution: Module {
    /// The mixing convolution, 4 C to C channels.
    public let mix: ConvolutionLayer

    /// For `channels`; weights live at `path.Conv`.
    public init(_ path: ParameterPath, _ channels: Int, slope: Double = 0.1) {
        mix = ConvolutionLayer(
            path / "Conv", 4 * channels, channels, kernel: 1, activation: .leakyReLU(slope))
    }

    /// Those of the mixing convolution.
    public var declarations: [Declaration] { mix.declarations }

    /// One packet level, mixed. H and W must be even.
    public func callAsFunction(_ x: Value) -> Value { mix(x.haarPackets) }
}

/// Inverse packets of x, mixed by a 1x1 convolution: `[N, C, H, W]` to `[N, C, 2 H, 2 W]`.
public struct InversePacketConvolution: Module {
    /// The mixing convolution, C / 4 to C channels.
    public let mix: ConvolutionLayer

    /// For `channels`, a multiple of 4; weights live at `path.Conv`.
    public init(_ path: ParameterPath, _ channels: Int, slope: Double = 0.1) {
        precondition(channels % 4 == 0, "\(path): \(channels) channels are not four subbands")
        mix = ConvolutionLayer(
            path / "Conv", channels / 4, channels, kernel: 1, activation: .leakyReLU(slope))
    }

    /// Those of the mixing convolution.
    public var declarations: [Declaration] { mix.declarations }

    /// One packet level back, mixed.
    public func callAsFunction(_ x: Value) -> Value { mix(x.inverseHaarPackets) }
}

/// MW-GAN's wavelet dense residual block: dense blocks between packets and inverse packets.
///
/// Its weights have the names of the released code's `WDRB_Mini`.
///
/// - SeeAlso: MW-GAN (arXiv:2008.00499), figure 3.
public struct WaveletDenseBlock: Module {
    /// One packet level down.
    public let analyse: PacketConvolution
    /// What happens there.
    public let dense: [ResidualDenseBlock]
    /// And back.
    public let synthesise: InversePacketConvolution
    /// Factor of the detail.
    public let scale: Double

    /// A block of `channels`, a multiple of 4, with `count` dense blocks inside.
    public init(
        _ path: ParameterPath, _ channels: Int, growth: Int = 32, count: Int = 3,
        convolutions: Int = 5, scale: Double = 0.2
    ) {
        analyse = PacketConvolution(path / "dwt", channels)
        dense = (0..<count).map {
            ResidualDenseBlock(
                path / "RDB\($0 + 1)", channels, growth: growth, count: convolutions)
        }
        synthesise = InversePacketConvolution(path / "iwt", channels)
        self.scale = scale
    }

    /// Those of all parts in order.
    public var declarations: [Declaration] {
        analyse.declarations + dense.declarations + synthesise.declarations
    }

    /// x plus the scaled detail; `[N, channels, H, W]` before and after, H and W even.
    public func callAsFunction(_ x: Value) -> Value {
        let detail = synthesise(dense.reduce(analyse(x)) { $1($0) })
        return x + scale * detail
    }
}
