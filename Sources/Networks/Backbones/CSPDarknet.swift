// The backbone of YOLOX: features of a photograph at a half to a 32nd of its size.
import Graphs
import Tensors

/// How large a network of the YOLOX family is.
public struct DarknetShape: Sendable, Hashable {
    /// Channels of the stem, a power of two times 16 is usual.
    public let channels: Int
    /// Bottlenecks of the third and fourth stage; the second has a third of them.
    public let depth: Int
    /// Whether 3x3 convolutions look at each channel by itself before they mix channels.
    public let isDepthwise: Bool

    /// A backbone that begins with `channels` and has `depth` bottlenecks where it is deepest.
    public init(channels: Int, depth: Int, isDepthwise: Bool = false) {
        precondition(depth % 3 == 0, "\(depth) bottlenecks are not three times any number")
        self.channels = channels
        self.depth = depth
        self.isDepthwise = isDepthwise
    }

    /// YOLOX-Nano: 904,463 parameters with neck and head.
    public static let nano = DarknetShape(channels: 16, depth: 3, isDepthwise: true)
    /// YOLOX-Tiny: 5,045,205 parameters with neck and head.
    public static let tiny = DarknetShape(channels: 24, depth: 3)
    /// YOLOX-S: 8,957,749 parameters with neck and head.
    public static let small = DarknetShape(channels: 32, depth: 3)
}

/// CSPDarknet with SiLU and batch norm, which is usually folded into the weights.
///
/// Input: `[N, 3, H, W]`; H and W multiples of 32. What the three channels hold depends on the weights: those
/// of version 0.1.0 and ours take red, green, blue, `(v / 255 - mean) / deviation`.
///
/// - SeeAlso: YOLOX (arXiv:2107.08430); CSPNet (arXiv:1911.11929).
public struct CSPDarknet: DarknetPart {
    /// What red, green and blue are shifted and divided by, as parts of 1.
    public static let mean: [Float] = [0.485, 0.456, 0.406]
    public static let deviation: [Float] = [0.229, 0.224, 0.225]

    /// Its size.
    public let shape: DarknetShape
    private let stem: DarknetConvolution
    private let shrink: [SpatialConvolution], blocks: [CrossStageBlock]
    private let pooling: SpatialPyramidPooling

    /// A backbone whose weights live below `path`, under the names of the official files.
    public init(
        _ shape: DarknetShape = .nano, at path: ParameterPath = "backbone.backbone",
        norm: DarknetNorm = .folded
    ) {
        self.shape = shape
        let style = DarknetStyle(isDepthwise: shape.isDepthwise, norm: norm)
        let c = shape.channels
        stem = DarknetConvolution(path / "stem" / "conv", 12, c, kernel: 3, norm)
        shrink = (2...5).map { stage in
            SpatialConvolution(
                path / "dark\(stage)" / 0, c << (stage - 2), c << (stage - 1), stride: 2,
                style)
        }
        pooling = SpatialPyramidPooling(path / "dark5" / 1, 16 * c, norm)
        blocks = (2...5).map { stage in
            CrossStageBlock(
                path / "dark\(stage)" / (stage == 5 ? 2 : 1), c << (stage - 1), c << (stage - 1),
                count: stage == 3 || stage == 4 ? shape.depth : shape.depth / 3,
                hasShortcut: stage != 5, style)
        }
    }

    var convolutions: [DarknetConvolution] {
        [stem] + shrink.flatMap(\.convolutions) + blocks.flatMap(\.convolutions)
            + pooling.convolutions
    }
    public var declarations: [Declaration] { convolutions.declarations }

    /// Features at 1/2, 1/4, 1/8, 1/16 and 1/32 of the picture's size; 1, 2, 4, 8 and 16 times the
    /// stem's channels.
    public func callAsFunction(_ picture: Value) -> [Value] {
        var features = [stem.overSquares(of: picture)]
        for stage in 0..<4 {
            var x = shrink[stage](features[stage])
            if stage == 3 { x = pooling(x) }
            features.append(blocks[stage](x))
        }
        return features
    }
}
