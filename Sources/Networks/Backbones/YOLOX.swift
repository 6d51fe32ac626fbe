// The detector around CSPDarknet: a pyramid up and down again, and a head on each of its levels.
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
    public init(_ shape: DarknetShape = .nano, classCount: Int = 80) {
        self.classCount = classCount
        backbone = CSPDarknet(shape)
        let path: ParameterPath = "backbone"
        let (c2, c1, c0) = (4 * shape.channels, 8 * shape.channels, 16 * shape.channels)
        func block(_ name: String, _ inputs: Int, _ outputs: Int) -> CrossStageBlock {
            CrossStageBlock(
                path / name, inputs, outputs, count: shape.depth / 3, hasShortcut: false,
                isDepthwise: shape.isDepthwise)
        }
        func halving(_ name: String, _ channels: Int) -> SpatialConvolution {
            SpatialConvolution(
                path / name, channels, channels, stride: 2, isDepthwise: shape.isDepthwise)
        }
        lateral = DarknetConvolution(path / "lateral_conv0", c0, c1)
        reduce = DarknetConvolution(path / "reduce_conv1", c1, c2)
        down = [block("C3_p4", 2 * c1, c1), block("C3_p3", 2 * c2, c2)]
        shrink = [halving("bu_conv2", c2), halving("bu_conv1", c1)]
        up = [block("C3_n3", 2 * c2, c1), block("C3_n4", 2 * c1, c0)]
        heads = [c2, c1, c0].enumerated().map { level, channels in
            Head(
                level, channels, width: 4 * shape.channels, classCount: classCount,
                isDepthwise: shape.isDepthwise)
        }
    }

    public var declarations: [Declaration] {
        backbone.declarations + lateral.declarations + reduce.declarations + down.declarations
            + shrink.declarations + up.declarations + heads.declarations
    }

    /// The pyramid's features at 1/8, 1/16 and 1/32 of the picture's size.
    public func pyramid(_ picture: Value) -> [Value] {
        let features = backbone(picture)
        let builder = picture.builder
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
        let columns = 5 + classCount
        let rows = zip(heads, pyramid(picture)).map { head, features in
            head(features).reshaped([0, columns, -1]).transposed([0, 2, 1])
        }
        return picture.builder.concatenate(rows, axis: 1)
    }

    /// Boxes and classes looked at apart.
    private struct Head: Module {
        let stem: DarknetConvolution
        let classes: [SpatialConvolution], boxes: [SpatialConvolution]
        let classScores: ConvolutionLayer, box: ConvolutionLayer, objectness: ConvolutionLayer

        init(_ level: Int, _ channels: Int, width: Int, classCount: Int, isDepthwise: Bool) {
            let path: ParameterPath = "head"
            stem = DarknetConvolution(path / "stems" / level, channels, width)
            func tower(_ name: String) -> [SpatialConvolution] {
                (0..<2).map {
                    SpatialConvolution(
                        path / name / level / $0, width, width, isDepthwise: isDepthwise)
                }
            }
            func prediction(_ name: String, _ count: Int) -> ConvolutionLayer {
                ConvolutionLayer(path / name / level, width, count, kernel: 1)
            }
            classes = tower("cls_convs")
            boxes = tower("reg_convs")
            classScores = prediction("cls_preds", classCount)
            box = prediction("reg_preds", 4)
            objectness = prediction("obj_preds", 1)
        }

        var declarations: [Declaration] {
            stem.declarations + classes.declarations + boxes.declarations
                + classScores.declarations + box.declarations + objectness.declarations
        }

        func callAsFunction(_ x: Value) -> Value {
            let y = stem(x)
            let seen = boxes.reduce(y) { $1($0) }
            let scores = classScores(classes.reduce(y) { $1($0) })
            return x.builder.concatenate([
                box(seen), objectness(seen).sigmoid, scores.sigmoid,
            ])
        }
    }
}

extension YOLOX {
    /// The network whose weights `file` holds, by the names and shapes of its tensors: nano, tiny, s, m, l or x.
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
        let stem = try outputs("backbone.backbone.stem.conv.conv.weight")
        let classes = try outputs("head.cls_preds.0.weight")
        var depth = 0
        while file.contains("backbone.backbone.dark3.1.m.\(depth).conv1.conv.weight") { depth += 1 }
        // What is over or missing is told by name when the weights are read.
        let shape = DarknetShape(
            channels: stem, depth: max(3, depth / 3 * 3),
            isDepthwise: file.contains("backbone.backbone.dark2.0.dconv.conv.weight"))
        self.init(shape, classCount: classes)
    }
}
