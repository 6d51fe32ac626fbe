// The layers that CSPDarknet and the networks around it are made of.
import Graphs
import Tensors

/// Whether batch norm stands in a network of the YOLOX family or has been folded into its weights.
public enum DarknetNorm: Sendable, Hashable {
    /// A bias in its place: for use.
    case folded
    /// A norm after each convolution, at `path.bn`, as the official files have it; in training by the batch at hand.
    case separate(Mode)
}

/// How the 3x3 convolutions of a network look, and what follows all of them.
struct DarknetStyle: Sendable, Hashable {
    /// Whether they look at each channel by itself before they mix channels.
    let isDepthwise: Bool
    let norm: DarknetNorm
}

/// A part that is made of convolutions with norm and SiLU, and of nothing else that has weights.
protocol DarknetPart: Module {
    /// In the order in which they are stored.
    var convolutions: [DarknetConvolution] { get }
}

extension DarknetPart {
    var declarations: [Declaration] { convolutions.flatMap(\.layerDeclarations) }
}

/// A convolution without change of size, batch norm and SiLU; weights at `path.conv` and `path.bn`.
struct DarknetConvolution: DarknetPart {
    private let convolution: ConvolutionLayer
    private let norm: (layer: BatchNormLayer, mode: Mode)?

    init(
        _ path: ParameterPath, _ inputs: Int, _ outputs: Int, kernel: Int = 1, stride: Int = 1,
        groups: Int = 1, _ norm: DarknetNorm
    ) {
        let hasNorm = norm != .folded
        convolution = ConvolutionLayer(
            path / "conv", inputs, outputs, kernel: kernel, stride: stride, groups: groups,
            hasBias: !hasNorm, activation: hasNorm ? .identity : .silu)
        self.norm =
            switch norm {
            case .folded: nil
            case .separate(let mode): (BatchNormLayer(path / "bn", outputs, epsilon: 1e-3), mode)
            }
    }

    var convolutions: [DarknetConvolution] { [self] }

    fileprivate var layerDeclarations: [Declaration] {
        convolution.declarations + (norm?.layer.declarations ?? [])
    }

    func callAsFunction(_ x: Value) -> Value { finished(convolution(x)) }

    /// The layer over the 2x2 squares of a picture, whose pixels are its input channels, down each column first
    /// (YOLOX calls that focus).
    ///
    /// With its weights laid out as the pixels are, it is a convolution of the picture itself.
    func overSquares(of picture: Value) -> Value {
        let (channels, size) = (convolution.inputs / 4, convolution.kernelHeight)
        let weights = picture.builder.parameter("\(convolution.path / "weight")")
            .reshaped([convolution.outputs, 2, 2, channels, size, size])
            .transposed([0, 3, 4, 2, 5, 1])
            .reshaped([convolution.outputs, channels, 2 * size, 2 * size])
        let bias =
            convolution.hasBias ? picture.builder.parameter("\(convolution.path / "bias")") : nil
        let geometry = ConvolutionGeometry(stride: 2, padding: size - 1)
        return finished(
            convolution.activation(picture.convolved(with: weights, bias: bias, geometry)))
    }

    private func finished(_ y: Value) -> Value {
        norm.map { $0.layer(y, $0.mode).silu } ?? y
    }

    /// Parameters in which the norm, where there is one, is part of the convolution.
    func folded(_ parameters: Parameters) -> Parameters {
        norm?.layer.folded(into: convolution, parameters) ?? parameters
    }

    /// Parameters in which what was one convolution is this one and its norm; as large as others of `initial`.
    func unfolded(_ parameters: Parameters, like initial: Parameters) -> Parameters {
        guard let norm else { return parameters }
        let weight = initial["\(convolution.path / "weight")"]!.elements
        let square = weight.reduce(0) { $0 + Double($1) * Double($1) } / Double(weight.count)
        return norm.layer.unfolded(
            from: convolution, parameters, deviation: square.squareRoot())
    }

    /// See ``BatchNormLayer/recentred(_:to:)``.
    func recentred(
        _ parameters: Parameters, to statistics: [String: Tensor<Float>]
    ) -> Parameters {
        norm?.layer.recentred(parameters, to: statistics) ?? parameters
    }
}

/// A 3x3 convolution in one piece (`path.conv`), or of each channel by itself and then a mix of channels
/// (`path.dconv`, `path.pconv`).
struct SpatialConvolution: DarknetPart {
    let convolutions: [DarknetConvolution]

    init(
        _ path: ParameterPath, _ inputs: Int, _ outputs: Int, stride: Int = 1, _ style: DarknetStyle
    ) {
        convolutions =
            style.isDepthwise
            ? [
                DarknetConvolution(
                    path / "dconv", inputs, inputs, kernel: 3, stride: stride, groups: inputs,
                    style.norm),
                DarknetConvolution(path / "pconv", inputs, outputs, style.norm),
            ]
            : [DarknetConvolution(path, inputs, outputs, kernel: 3, stride: stride, style.norm)]
    }

    func callAsFunction(_ x: Value) -> Value { convolutions.reduce(x) { $1($0) } }
}

/// Half of the channels through bottlenecks, half past them, and a mix of both.
///
/// - SeeAlso: CSPNet (arXiv:1911.11929), as YOLOX (arXiv:2107.08430) has it.
struct CrossStageBlock: DarknetPart {
    private struct Bottleneck: DarknetPart {
        let reduce: DarknetConvolution, convolution: SpatialConvolution
        let hasShortcut: Bool

        init(_ path: ParameterPath, _ channels: Int, hasShortcut: Bool, _ style: DarknetStyle) {
            reduce = DarknetConvolution(path / "conv1", channels, channels, style.norm)
            convolution = SpatialConvolution(path / "conv2", channels, channels, style)
            self.hasShortcut = hasShortcut
        }

        var convolutions: [DarknetConvolution] { [reduce] + convolution.convolutions }

        func callAsFunction(_ x: Value) -> Value {
            let y = convolution(reduce(x))
            return hasShortcut ? x + y : y
        }
    }

    private let main: DarknetConvolution, bypass: DarknetConvolution, mix: DarknetConvolution
    private let bottlenecks: [Bottleneck]

    init(
        _ path: ParameterPath, _ inputs: Int, _ outputs: Int, count: Int, hasShortcut: Bool,
        _ style: DarknetStyle
    ) {
        main = DarknetConvolution(path / "conv1", inputs, outputs / 2, style.norm)
        bypass = DarknetConvolution(path / "conv2", inputs, outputs / 2, style.norm)
        mix = DarknetConvolution(path / "conv3", outputs, outputs, style.norm)
        bottlenecks = (0..<count).map {
            Bottleneck(path / "m" / $0, outputs / 2, hasShortcut: hasShortcut, style)
        }
    }

    var convolutions: [DarknetConvolution] {
        [main, bypass, mix] + bottlenecks.flatMap(\.convolutions)
    }

    func callAsFunction(_ x: Value) -> Value {
        let inner = bottlenecks.reduce(main(x)) { $1($0) }
        return mix(x.builder.concatenate([inner, bypass(x)]))
    }
}

/// The largest values of windows of 5, 9 and 13, beside the values themselves.
///
/// - SeeAlso: He et al., spatial pyramid pooling (arXiv:1406.4729).
struct SpatialPyramidPooling: DarknetPart {
    private let reduce: DarknetConvolution, mix: DarknetConvolution

    init(_ path: ParameterPath, _ channels: Int, _ norm: DarknetNorm) {
        reduce = DarknetConvolution(path / "conv1", channels, channels / 2, norm)
        mix = DarknetConvolution(path / "conv2", channels / 2 * 4, channels, norm)
    }

    var convolutions: [DarknetConvolution] { [reduce, mix] }

    func callAsFunction(_ x: Value) -> Value {
        let y = reduce(x)
        let largest = [5, 9, 13].map { size in
            y.maximumPooled(PoolingGeometry(kernel: size, stride: 1, padding: size / 2))
        }
        return mix(x.builder.concatenate([y] + largest))
    }
}
