// The layers that CSPDarknet and the networks around it are made of.
import Graphs
import Tensors

/// A convolution without change of size, batch norm folded in, and SiLU; weights at `path.conv`.
struct DarknetConvolution: Module {
    let convolution: ConvolutionLayer

    init(
        _ path: ParameterPath, _ inputs: Int, _ outputs: Int, kernel: Int = 1, stride: Int = 1,
        groups: Int = 1
    ) {
        convolution = ConvolutionLayer(
            path / "conv", inputs, outputs, kernel: kernel, stride: stride, groups: groups,
            activation: .silu)
    }

    var declarations: [Declaration] { convolution.declarations }

    func callAsFunction(_ x: Value) -> Value { convolution(x) }
}

/// A 3x3 convolution in one piece (`path.conv`), or of each channel by itself and then a mix of channels
/// (`path.dconv`, `path.pconv`).
struct SpatialConvolution: Module {
    private let steps: [DarknetConvolution]

    init(
        _ path: ParameterPath, _ inputs: Int, _ outputs: Int, stride: Int = 1, isDepthwise: Bool
    ) {
        steps =
            isDepthwise
            ? [
                DarknetConvolution(
                    path / "dconv", inputs, inputs, kernel: 3, stride: stride, groups: inputs),
                DarknetConvolution(path / "pconv", inputs, outputs),
            ] : [DarknetConvolution(path, inputs, outputs, kernel: 3, stride: stride)]
    }

    var declarations: [Declaration] { steps.declarations }

    func callAsFunction(_ x: Value) -> Value { steps.reduce(x) { $1($0) } }
}

/// Half of the channels through bottlenecks, half past them, and a mix of both.
///
/// - SeeAlso: CSPNet (arXiv:1911.11929), as YOLOX (arXiv:2107.08430) has it.
struct CrossStageBlock: Module {
    private struct Bottleneck: Module {
        let reduce: DarknetConvolution, convolution: SpatialConvolution
        let hasShortcut: Bool

        init(_ path: ParameterPath, _ channels: Int, hasShortcut: Bool, isDepthwise: Bool) {
            reduce = DarknetConvolution(path / "conv1", channels, channels)
            convolution = SpatialConvolution(
                path / "conv2", channels, channels, isDepthwise: isDepthwise)
            self.hasShortcut = hasShortcut
        }

        var declarations: [Declaration] { reduce.declarations + convolution.declarations }

        func callAsFunction(_ x: Value) -> Value {
            let y = convolution(reduce(x))
            return hasShortcut ? x + y : y
        }
    }

    private let main: DarknetConvolution, bypass: DarknetConvolution, mix: DarknetConvolution
    private let bottlenecks: [Bottleneck]

    init(
        _ path: ParameterPath, _ inputs: Int, _ outputs: Int, count: Int, hasShortcut: Bool,
        isDepthwise: Bool
    ) {
        main = DarknetConvolution(path / "conv1", inputs, outputs / 2)
        bypass = DarknetConvolution(path / "conv2", inputs, outputs / 2)
        mix = DarknetConvolution(path / "conv3", outputs, outputs)
        bottlenecks = (0..<count).map {
            Bottleneck(
                path / "m" / $0, outputs / 2, hasShortcut: hasShortcut, isDepthwise: isDepthwise)
        }
    }

    var declarations: [Declaration] {
        main.declarations + bypass.declarations + mix.declarations + bottlenecks.declarations
    }

    func callAsFunction(_ x: Value) -> Value {
        let inner = bottlenecks.reduce(main(x)) { $1($0) }
        return mix(x.builder.concatenate([inner, bypass(x)]))
    }
}

/// The largest values of windows of 5, 9 and 13, beside the values themselves.
///
/// - SeeAlso: He et al., spatial pyramid pooling (arXiv:1406.4729).
struct SpatialPyramidPooling: Module {
    private let reduce: DarknetConvolution, mix: DarknetConvolution

    init(_ path: ParameterPath, _ channels: Int) {
        reduce = DarknetConvolution(path / "conv1", channels, channels / 2)
        mix = DarknetConvolution(path / "conv2", channels / 2 * 4, channels)
    }

    var declarations: [Declaration] { reduce.declarations + mix.declarations }

    func callAsFunction(_ x: Value) -> Value {
        let y = reduce(x)
        let largest = [5, 9, 13].map { size in
            y.maximumPooled(PoolingGeometry(kernel: size, stride: 1, padding: size / 2))
        }
        return mix(x.builder.concatenate([y] + largest))
    }
}
