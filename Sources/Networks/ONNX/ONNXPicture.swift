// Operations on pictures as ONNX nodes: convolution, packets, pooling, resizing, warps, boxes.
import Graphs
import Tensors

// MARK: - Convolution

extension Convolution: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        let g = geometry
        return node.apply(
            "Conv", nil,
            [
                "kernel_shape": .integers([node.shapes[1][2], node.shapes[1][3]]),
                "strides": .integers([g.strideY, g.strideX]),
                "dilations": .integers([g.dilationY, g.dilationX]),
                "pads": .integers(
                    [g.paddingTop, g.paddingLeft, g.paddingBottom, g.paddingRight]),
                "group": .integer(g.groups),
            ])
    }
}

/// A transposed convolution.
extension ConvolutionBackwardData: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        let g = geometry
        let isStrided = g.strideY > 1 || g.strideX > 1
        // Several input sizes give one output size: which one it was is known for fixed sizes.
        if node.isDynamic && isStrided {
            throw ONNXError.dynamicSize(operation: kind, node: node.index)
        }
        let (y, w, x) = (node.shapes[0], node.shapes[1], node.shapes[2])
        func rest(_ axis: Int, _ stride: Int, _ dilation: Int, _ pads: Int) -> Int {
            x[axis] - ((y[axis] - 1) * stride + dilation * (w[axis] - 1) + 1 - pads)
        }
        let rests = [
            rest(2, g.strideY, g.dilationY, g.paddingTop + g.paddingBottom),
            rest(3, g.strideX, g.dilationX, g.paddingLeft + g.paddingRight),
        ]
        return node.apply(
            "ConvTranspose", [node.inputs[0], node.inputs[1]],
            [
                "kernel_shape": .integers([w[2], w[3]]),
                "strides": .integers([g.strideY, g.strideX]),
                "dilations": .integers([g.dilationY, g.dilationX]),
                "pads": .integers(
                    [g.paddingTop, g.paddingLeft, g.paddingBottom, g.paddingRight]),
                "output_padding": .integers(rests), "group": .integer(g.groups),
            ])
    }
}

// MARK: - Packets

/// Signs of the four pixels (row by row) in LL, HL, LH, HH, halved.
private let haarKernels: [Float] = [
    0.5, 0.5, 0.5, 0.5, -0.5, 0.5, -0.5, 0.5, -0.5, -0.5, 0.5, 0.5, 0.5, -0.5, -0.5, 0.5,
]

extension ONNXNode {
    /// Kernels of packets for each of `channels`: `[4 channels, 1, 2, 2]`, channel by channel.
    fileprivate func haar(_ channels: Int) -> String {
        let values = (0..<channels).flatMap { _ in haarKernels }
        return writer.constant(values, shape: [4 * channels, 1, 2, 2])
    }

    fileprivate func channels(_ value: String, _ order: [Int]) -> String {
        if order == Array(order.indices) { return value }
        return apply("Gather", [value, writer.constant(order)], ["axis": .integer(1)])
    }
}

/// A convolution of each channel with its four kernels; then subbands are brought together.
extension HaarPackets: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        let count = node.shapes[0][1]
        let bands = node.apply(
            "Conv", [node.inputs[0], node.haar(count)],
            [
                "kernel_shape": .integers([2, 2]), "strides": .integers([2, 2]),
                "group": .integer(count),
            ])
        return node.channels(bands, (0..<4 * count).map { $0 % count * 4 + $0 / count })
    }
}

extension InverseHaarPackets: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        let count = node.output[1]
        let bands = node.channels(
            node.inputs[0], (0..<4 * count).map { $0 % 4 * count + $0 / 4 })
        return node.apply(
            "ConvTranspose", [bands, node.haar(count)],
            [
                "kernel_shape": .integers([2, 2]), "strides": .integers([2, 2]),
                "group": .integer(count),
            ])
    }
}

extension PixelShuffle: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        node.apply(
            "DepthToSpace", nil, ["blocksize": .integer(factor), "mode": .string("CRD")])
    }
}

extension PixelUnshuffle: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        // ONNX puts the position within the block outside, this operation inside.
        let (count, area) = (node.shapes[0][1], factor * factor)
        let blocks = node.apply("SpaceToDepth", nil, ["blocksize": .integer(factor)])
        return node.channels(blocks, (0..<count * area).map { $0 % area * count + $0 / area })
    }
}

// MARK: - Pooling

extension PoolingGeometry {
    fileprivate var kernelShape: ONNXAttribute { .integers([kernelHeight, kernelWidth]) }
    fileprivate var strides: ONNXAttribute { .integers([strideY, strideX]) }
    fileprivate var pads: ONNXAttribute {
        .integers([paddingTop, paddingLeft, paddingBottom, paddingRight])
    }
}

extension MaximumPooling: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        node.apply(
            "MaxPool", nil,
            [
                "kernel_shape": geometry.kernelShape, "strides": geometry.strides,
                "pads": geometry.pads,
            ])
    }
}

extension AveragePooling: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        node.apply(
            "AveragePool", nil,
            [
                "kernel_shape": geometry.kernelShape, "strides": geometry.strides,
                "pads": geometry.pads, "count_include_pad": .integer(countsPadding ? 1 : 0),
            ])
    }
}

// MARK: - Sampling

extension ONNXNode {
    fileprivate func resize(_ interpolation: Interpolation, _ inputs: [String]) -> String {
        apply(
            "Resize", inputs,
            [
                "coordinate_transformation_mode": .string("half_pixel"),
                "mode": .string(interpolation == .nearest ? "nearest" : "linear"),
                "nearest_mode": .string("round_prefer_ceil"),
            ])
    }
}

extension Resize: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        // Never under the exact scale: sizes are rounded down.
        let scales = [scaleY, scaleX].map { scale in
            let value = Float(scale.up) / Float(scale.down)
            return Double(value) * Double(scale.down) < Double(scale.up) ? value.nextUp : value
        }
        let constant = node.writer.constant([1, 1] + scales, shape: [4])
        return node.resize(interpolation, [node.inputs[0], "", constant])
    }
}

extension ResizeLike: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        func part(_ value: String, _ range: Range<Int>) -> String {
            let bounds = [range.lowerBound, range.upperBound].map { node.writer.constant([$0]) }
            return node.apply("Slice", [node.writer.shape(of: value)] + bounds)
        }
        let sizes = node.apply(
            "Concat", [part(node.inputs[0], 0..<2), part(node.inputs[1], 2..<4)],
            ["axis": .integer(0)])
        return node.resize(interpolation, [node.inputs[0], "", "", sizes])
    }
}

/// `GridSample` on a grid made of each pixel's own place plus the flow.
extension Warp: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        let writer = node.writer
        func float(_ value: String) -> String {
            node.apply("Cast", [value], ["to": .integer(1)])
        }
        /// Places along one side of the output, moved by the flow, in -1...1 of the picture.
        func coordinate(_ component: Int, axis: Int) -> String {
            let count = writer.extent(of: node.inputs[1], axis: axis)
            let zero = writer.constant([0], isScalar: true)
            let one = writer.constant([1], isScalar: true)
            var places = float(node.apply("Range", [zero, count, one]))
            if axis == 2 {
                places = node.apply("Unsqueeze", [places, writer.constant([1])])
            }
            let index = writer.constant([component], isScalar: true)
            let flow = node.apply("Gather", [node.inputs[1], index], ["axis": .integer(1)])
            let centres = node.apply(
                "Add", [node.apply("Add", [flow, places]), node.number(0.5)])
            let extent = float(writer.extent(of: node.inputs[0], axis: axis))
            let doubled = node.apply(
                "Mul", [node.apply("Div", [centres, extent]), node.number(2)])
            let result = node.apply("Sub", [doubled, node.number(1)])
            return node.apply("Unsqueeze", [result, writer.constant([3])])
        }
        let grid = node.apply(
            "Concat", [coordinate(0, axis: 3), coordinate(1, axis: 2)], ["axis": .integer(3)])
        return node.apply(
            "GridSample", [node.inputs[0], grid],
            [
                "mode": .string("bilinear"), "align_corners": .integer(0),
                "padding_mode": .string(border == .zero ? "zeros" : "border"),
            ])
    }
}

extension RoIAlign: ONNXExportable {
    func export(_ node: ONNXNode) throws -> String {
        let writer = node.writer
        let corners = node.apply(
            "Slice",
            [node.inputs[1], writer.constant([1]), writer.constant([5]), writer.constant([1])])
        let first = node.apply(
            "Gather", [node.inputs[1], writer.constant([0], isScalar: true)],
            ["axis": .integer(1)])
        let pictures = node.apply("Cast", [node.apply("Round", [first])], ["to": .integer(7)])
        return node.apply(
            "RoiAlign", [node.inputs[0], corners, pictures],
            [
                "mode": .string("avg"), "output_height": .integer(outputHeight),
                "output_width": .integer(outputWidth), "sampling_ratio": .integer(samplingRatio),
                "spatial_scale": .float(spatialScale),
                "coordinate_transformation_mode": .string(
                    aligned ? "half_pixel" : "output_half_pixel"),
            ])
    }
}
