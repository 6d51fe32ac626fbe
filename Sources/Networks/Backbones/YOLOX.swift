// The detector around CSPDarknet: a pyramid up and down again, and a head on each of its levels.
import Glibc
import Graphs
import Tensors

/// YOLOX: objects of a photograph, one candidate for each cell.
///
/// Input as for ``CSPDarknet``. Output `[N, cells, 5 + classes]`: centre x and y within the cell and
/// logarithms of width and height, in strides; objectness; a score for each class. Cells of stride 8
/// come first, row by row, then those of 16 and 32.
///
/// - SeeAlso: YOLOX (arXiv:2107.08430), sections 2.1 and 2.3.
public struct YOLOX: Module {
    /// Distances between the cells of each level, in pixels.
    public static let strides = [8, 16, 32]
    /// Number of kinds of objects.
    public let classCount: Int
    /// What it looks with.
    public let backbone: CSPDarknet

    private let lateral: DarknetConvolution, reduce: DarknetConvolution
    private let down: [CrossStageBlock], up: [CrossStageBlock], shrink: [SpatialConvolution]
    private let heads: [Head]

    /// A detector whose weights have the names of the official files.
    public init(_ shape: DarknetShape = .nano, classCount: Int = 80, norm: DarknetNorm = .folded) {
        self.classCount = classCount
        backbone = CSPDarknet(shape, norm: norm)
        let style = DarknetStyle(isDepthwise: shape.isDepthwise, norm: norm)
        let path: ParameterPath = "backbone"
        let (c2, c1, c0) = (4 * shape.channels, 8 * shape.channels, 16 * shape.channels)
        func block(_ name: String, _ inputs: Int, _ outputs: Int) -> CrossStageBlock {
            CrossStageBlock(
                path / name, inputs, outputs, count: shape.depth / 3, hasShortcut: false,
                style)
        }
        func halving(_ name: String, _ channels: Int) -> SpatialConvolution {
            SpatialConvolution(path / name, channels, channels, stride: 2, style)
        }
        lateral = DarknetConvolution(path / "lateral_conv0", c0, c1, norm)
        reduce = DarknetConvolution(path / "reduce_conv1", c1, c2, norm)
        down = [block("C3_p4", 2 * c1, c1), block("C3_p3", 2 * c2, c2)]
        shrink = [halving("bu_conv2", c2), halving("bu_conv1", c1)]
        up = [block("C3_n3", 2 * c2, c1), block("C3_n4", 2 * c1, c0)]
        heads = [c2, c1, c0].enumerated().map { level, channels in
            Head(level, channels, width: 4 * shape.channels, classCount: classCount, style)
        }
    }

    public var declarations: [Declaration] {
        (backbone.convolutions + neck).declarations + heads.declarations
    }

    private var neck: [DarknetConvolution] {
        [lateral, reduce] + down.flatMap(\.convolutions) + shrink.flatMap(\.convolutions)
            + up.flatMap(\.convolutions)
    }

    /// What the network says of the cells of a picture, before scores are made probabilities, and what it computed on
    /// its way.
    public struct Reading {
        /// `[N, cells, 4]`, `[N, cells, 1]` and `[N, cells, classes]`.
        public let boxes: Value, objectness: Value, classes: Value
        /// Features, each `[N, channels, H, W]`: of the backbone at 1/8, 1/16 and 1/32 of the picture's size, of the
        /// pyramid at the same, and of what each level's head looks at for kinds and for boxes.
        public let features: [Value]

        /// The pyramid's part of the features.
        public var pyramid: [Value] { Array(features[3..<6]) }
        /// All candidates, as ``YOLOX/callAsFunction(_:)`` gives them.
        public var candidates: Value {
            boxes.builder.concatenate([boxes, objectness.sigmoid, classes.sigmoid], axis: 2)
        }
    }

    /// Channels of each of ``Reading/features``.
    public var featureChannels: [Int] {
        let c = backbone.shape.channels
        let levels = [4 * c, 8 * c, 16 * c]
        return levels + levels + Array(repeating: 4 * c, count: 2 * levels.count)
    }

    /// The pyramid's features at 1/8, 1/16 and 1/32 of the picture's size.
    public func pyramid(_ picture: Value) -> [Value] { pyramid(over: backbone(picture)) }

    private func pyramid(over features: [Value]) -> [Value] {
        let builder = features[0].builder
        func doubled(_ x: Value) -> Value { x.resized(.nearest, by: ResizeScale(2)) }
        let top = lateral(features[4])
        let middle = reduce(down[0](builder.concatenate([doubled(top), features[3]])))
        let fine = down[1](builder.concatenate([doubled(middle), features[2]]))
        let medium = up[0](builder.concatenate([shrink[0](fine), middle]))
        let coarse = up[1](builder.concatenate([shrink[1](medium), top]))
        return [fine, medium, coarse]
    }

    /// All candidates of a picture.
    public func callAsFunction(_ picture: Value) -> Value {
        let rows = zip(heads, pyramid(picture)).map { head, features in
            let found = head(features)
            let parts = [found.box, found.objectness.sigmoid, found.classes.sigmoid]
            return Self.rows(picture.builder.concatenate(parts), 5 + classCount)
        }
        return picture.builder.concatenate(rows, axis: 1)
    }

    /// What candidates are made of.
    public func reading(_ picture: Value) -> Reading {
        let stages = backbone(picture)
        let levels = pyramid(over: stages)
        let found = zip(heads, levels).map { $0($1) }
        func all(_ part: KeyPath<Head.Finding, Value>, _ columns: Int) -> Value {
            picture.builder.concatenate(
                found.map { Self.rows($0[keyPath: part], columns) }, axis: 1)
        }
        return Reading(
            boxes: all(\.box, 4), objectness: all(\.objectness, 1),
            classes: all(\.classes, classCount),
            features: stages[2...] + levels + found.flatMap { [$0.kindFeatures, $0.boxFeatures] })
    }

    /// `[N, columns, H, W]` as `[N, cells, columns]`.
    private static func rows(_ level: Value, _ columns: Int) -> Value {
        level.reshaped([0, columns, -1]).transposed([0, 2, 1])
    }

    /// Weights for the same network with its norms folded, from those of one whose norms are separate.
    ///
    /// - Parameter parameters: By the names of ``declarations``.
    public func folded(_ parameters: Parameters) -> Parameters {
        let all = convolutions.reduce(parameters) { $1.folded($0) }
        let names = YOLOX(backbone.shape, classCount: classCount).declarations.map(\.path)
        return Parameters(names.map { ($0, all[$0]!) })
    }

    /// Weights for this network, whose norms are separate, from those of the same with its norms folded: in inference
    /// it says the same.
    ///
    /// The norms' statistics are those of nothing yet; see ``recentred(_:to:)``.
    ///
    /// - Parameters:
    ///   - folded: By the names of the folded network's declarations.
    ///   - initial: First weights of this network: filters become as large as these, so that rates that suit the ones
    ///     suit the others.
    public func unfolded(_ folded: Parameters, like initial: Parameters) -> Parameters {
        let all = convolutions.reduce(folded) { $1.unfolded($0, like: initial) }
        return Parameters(declarations.map { ($0.path, all[$0.path]!) })
    }

    /// Weights whose norms have the given running statistics, and that say the same in inference.
    ///
    /// - Parameter statistics: By the paths of the norms' running means and variances, as a network whose norms are
    ///   `.separate(.measuring)` tells them.
    public func recentred(
        _ parameters: Parameters, to statistics: [String: Tensor<Float>]
    ) -> Parameters {
        convolutions.reduce(parameters) { $1.recentred($0, to: statistics) }
    }

    private var convolutions: [DarknetConvolution] {
        backbone.convolutions + neck + heads.flatMap(\.convolutions)
    }

    /// Boxes and classes looked at apart.
    private struct Head: Module {
        /// What it says of each cell, `[N, columns, H, W]`.
        struct Finding {
            let box: Value, objectness: Value, classes: Value
            /// What it says that by.
            let kindFeatures: Value, boxFeatures: Value
        }

        private let stem: DarknetConvolution
        private let towers: (classes: [SpatialConvolution], boxes: [SpatialConvolution])
        private let classScores: ConvolutionLayer, box: ConvolutionLayer
        private let objectness: ConvolutionLayer

        init(_ level: Int, _ channels: Int, width: Int, classCount: Int, _ style: DarknetStyle) {
            let path: ParameterPath = "head"
            stem = DarknetConvolution(path / "stems" / level, channels, width, style.norm)
            func tower(_ name: String) -> [SpatialConvolution] {
                (0..<2).map { SpatialConvolution(path / name / level / $0, width, width, style) }
            }
            // Hardly any cell holds anything: without this, that alone would be learned for long.
            let rare = Initialiser.constant(-log(99))
            func prediction(_ name: String, _ count: Int, bias: Initialiser?) -> ConvolutionLayer {
                ConvolutionLayer(
                    path / name / level, width, count, kernel: 1, biasInitialiser: bias)
            }
            towers = (tower("cls_convs"), tower("reg_convs"))
            classScores = prediction("cls_preds", classCount, bias: rare)
            box = prediction("reg_preds", 4, bias: nil)
            objectness = prediction("obj_preds", 1, bias: rare)
        }

        var convolutions: [DarknetConvolution] {
            [stem] + (towers.classes + towers.boxes).flatMap(\.convolutions)
        }

        var declarations: [Declaration] {
            convolutions.declarations + classScores.declarations + box.declarations
                + objectness.declarations
        }

        func callAsFunction(_ x: Value) -> Finding {
            let y = stem(x)
            let kinds = towers.classes.reduce(y) { $1($0) }
            let boxes = towers.boxes.reduce(y) { $1($0) }
            return Finding(
                box: box(boxes), objectness: objectness(boxes), classes: classScores(kinds),
                kindFeatures: kinds, boxFeatures: boxes)
        }
    }
}

extension YOLOX {
    /// The network whose weights `file` holds, by the names and shapes of its tensors: nano, tiny, s, m, l or x, its
    /// norms folded or not.
    ///
    /// - Throws: `SafetensorsError` where the tensors that tell the size are missing.
    public init(matching file: Safetensors) throws(SafetensorsError) {
        func outputs(_ name: String) throws(SafetensorsError) -> Int {
            guard let entry = file.entry(name) else { throw file.error(.missingTensor(name)) }
            guard let extent = entry.shape.first, extent > 0 else {
                throw file.error(
                    .wrongShape(tensor: name, expected: [1, 1, 1, 1], found: entry.shape))
            }
            return extent
        }
        try self.init(
            channels: outputs(Self.stemName), classCount: outputs(Self.classesName),
            contains: file.contains)
    }

    /// The network whose weights PyTorch wrote, wherever in the file they stand.
    ///
    /// - Throws: `PyTorchError` where the tensors that tell the size are missing.
    public init(matching file: PyTorchFile) throws(PyTorchError) {
        let stems = file.tensors.keys.filter { $0.hasSuffix(Self.stemName) }
        guard let stem = stems.min(by: { ($0.count, $0) < ($1.count, $1) }) else {
            throw PyTorchError(
                file: file.path,
                problem:
                    "no tensor '\(Self.stemName)': these are not the weights of a YOLOX detector")
        }
        let prefix = stem.dropLast(Self.stemName.count)
        func outputs(_ name: String) throws(PyTorchError) -> Int {
            guard let extent = file.tensors[prefix + name]?.shape.dimensions.first, extent > 0
            else {
                throw PyTorchError(file: file.path, problem: "tensor '\(prefix + name)' is missing")
            }
            return extent
        }
        try self.init(
            channels: outputs(Self.stemName), classCount: outputs(Self.classesName),
            contains: { file.tensors[prefix + $0] != nil })
    }

    private static let stemName = "backbone.backbone.stem.conv.conv.weight"
    private static let classesName = "head.cls_preds.0.weight"

    /// What is over or missing is told by name when the weights are read.
    private init(channels: Int, classCount: Int, contains: (String) -> Bool) {
        var depth = 0
        while contains("backbone.backbone.dark3.1.m.\(depth).conv1.conv.weight") { depth += 1 }
        let shape = DarknetShape(
            channels: channels, depth: max(3, depth / 3 * 3),
            isDepthwise: contains("backbone.backbone.dark2.0.dconv.conv.weight"))
        self.init(
            shape, classCount: classCount,
            norm: contains("backbone.backbone.stem.conv.bn.weight")
                ? .separate(.inference) : .folded)
    }
}
