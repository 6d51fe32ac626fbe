// MW-GAN's discriminators: critics of patches, one for each level of wavelet packets.
import Graphs
import Networks
import Tensors

/// A critic of patches with a dilated look around, spectral norm and instance norm.
///
/// - SeeAlso: MW-GAN (arXiv:2008.00499), section 3.4; the released code's `Discriminator_ECCV`.
public struct PatchDiscriminator: Module {
    private let entry: SpectralConvolution, shrink: [SpectralConvolution]
    private let context: [SpectralConvolution], fuse: ConvolutionLayer
    private let exit: SpectralConvolution

    /// A critic of pictures of `inputs` channels.
    public init(_ path: ParameterPath, inputs: Int, width: Int = 32) {
        entry = SpectralConvolution(path / "entry", inputs, width, stride: 2)
        shrink = [
            SpectralConvolution(path / "shrink" / 0, width, 2 * width, stride: 2),
            SpectralConvolution(path / "shrink" / 1, 2 * width, 4 * width, stride: 2),
        ]
        context =
            [SpectralConvolution(path / "context" / 0, 4 * width, 2 * width, kernel: 1)]
            + [2, 4, 6].enumerated().map { index, dilation in
                SpectralConvolution(
                    path / "context" / (index + 1), 4 * width, 2 * width, dilation: dilation)
            }
        fuse = ConvolutionLayer(path / "fuse", 8 * width, 2 * width, kernel: 1)
        exit = SpectralConvolution(path / "exit", 2 * width, 1)
    }

    /// The layers whose spectral norm is kept.
    public var spectralLayers: [SpectralConvolution] { [entry] + shrink + context + [exit] }

    public var declarations: [Declaration] {
        entry.declarations + shrink.declarations + context.declarations + fuse.declarations
            + exit.declarations
    }

    /// Scores of patches `[N, 1, H / 8, W / 8]`: 1 is pristine, 0 is not; and the features on the way.
    public func callAsFunction(_ x: Value) -> (scores: Value, features: [Value]) {
        func activated(_ x: Value) -> Value { x.instanceNorm().leakyReLU(0.2) }
        var y = entry(x)
        var features: [Value] = []
        for layer in shrink {
            features.append(activated(y))
            y = layer(features.last!)
        }
        y = fuse(x.builder.concatenate(context.map { $0(y) }))
        features.append(activated(y))
        return (exit(features.last!), features)
    }
}

/// Three critics: of luma, of its packets beside chroma, and of packets of those packets.
public struct PacketDiscriminators: Module {
    /// From the finest to the coarsest.
    public let scales: [PatchDiscriminator]

    /// Critics for packets of native YCbCr with 4:2:0 chroma.
    public init(width: Int = 32) {
        let path: ParameterPath = "discriminator"
        let inputs = [1, NetworkChannels.outputs, 4 * NetworkChannels.outputs]
        scales = inputs.enumerated().map { index, inputs in
            PatchDiscriminator(path / index, inputs: inputs, width: width)
        }
    }

    /// The layers whose spectral norm is kept.
    public var spectralLayers: [SpectralConvolution] { scales.flatMap(\.spectralLayers) }

    public var declarations: [Declaration] { scales.declarations }

    /// Scores and features of normalised packets `[N, 6, h, w]`: luma's four, then U and V.
    public func callAsFunction(_ packets: Value) -> [(scores: Value, features: [Value])] {
        zip(scales, [Self.luma(of: packets), packets, packets.haarPackets]).map { $0($1) }
    }

    /// The luma behind normalised packets, in deviations of its own: details are brought to scale.
    package static func luma(of packets: Value) -> Value {
        let deviations = PacketNormalisation.standard.input.deviations
        let ratios = (0..<4).map { Double(deviations[$0] / deviations[0]) }
        let scale = packets.builder.apply(
            Constant(Tensor(ratios, shape: [1, 4, 1, 1])), to: [])
        // LL is twice the mean of its pixels.
        return 2 * (packets.sliced(axis: 1, from: 0, to: 4) * scale).inverseHaarPackets
    }
}
