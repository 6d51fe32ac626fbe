// Features of boxes, read between pixels and averaged over a grid.
import Tensors

/// Reads each box of a feature map as a grid of equal cells, each the mean of sampled points.
///
/// Inputs: features `[N, C, H, W]` and boxes `[K, 5]`: picture index, x1, y1, x2, y2. Output:
/// `[K, C, outputHeight, outputWidth]`. Boxes have no derivative.
///
/// - SeeAlso: Mask R-CNN (arXiv:1703.06870), section 3; same rules as torchvision's `roi_align`.
public struct RoIAlign: Operation {
    public static let kind = "RoIAlign"
    /// Cells per box.
    public let outputHeight: Int, outputWidth: Int
    /// Feature pixels per unit of the boxes.
    public let spatialScale: Double
    /// Points per cell along each side; 0 chooses about one per feature pixel.
    public let samplingRatio: Int
    /// Whether boxes are moved by half a pixel, so that pixel centres lie at halves.
    public let aligned: Bool

    public init(
        outputHeight: Int, outputWidth: Int, spatialScale: Double = 1, samplingRatio: Int = 0,
        aligned: Bool = true
    ) {
        precondition(outputHeight > 0 && outputWidth > 0 && samplingRatio >= 0, "an empty grid")
        self.outputHeight = outputHeight
        self.outputWidth = outputWidth
        self.spatialScale = spatialScale
        self.samplingRatio = samplingRatio
        self.aligned = aligned
    }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(2, of: inputs)
        let (x, boxes) = (inputs[0], inputs[1])
        try require(
            x.rank == 4 && x[2] * x[3] > 0 && boxes.rank == 2 && boxes[1] == 5,
            "features [N, C, H, W] and boxes [K, 5]", found: "\(x), \(boxes)")
        return [boxes[0], x[1], outputHeight, outputWidth]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let (shape, boxes) = (inputs[0].shape, inputs[1])
        let output: Shape = [boxes.shape[0], shape[1], outputHeight, outputWidth]
        var sums = [Double](repeating: 0, count: output.count)
        inputs[0].withUnsafeBufferPointer { x in
            forEachTap(shape, boxes) { pixel, output, weight in
                sums[output] += weight * Double(x[pixel])
            }
        }
        return Tensor(sums.map { Scalar($0) }, shape: output)
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent.applying(RoIAlignBackward(self), node.inputs[1], node.inputs[0]), nil]
    }

    /// Calls `body(feature index, output index, weight)` for each feature that is read.
    fileprivate func forEachTap<Scalar: TensorScalar>(
        _ shape: Shape, _ boxes: Tensor<Scalar>, _ body: (Int, Int, Double) -> Void
    ) {
        let (channels, area) = (shape[1], shape[2] * shape[3])
        let elements = boxes.elements.map { Double($0) }
        for box in 0..<boxes.shape[0] {
            let picture = Int(elements[box * 5].rounded())
            precondition(0..<shape[0] ~= picture, "\(kind): box \(box) is of picture \(picture)")
            let corners = elements[(box * 5 + 1)...(box * 5 + 4)].map {
                $0 * spatialScale - (aligned ? 0.5 : 0)
            }
            let rows = points(corners[1], corners[3], cells: outputHeight, in: shape[2])
            let columns = points(corners[0], corners[2], cells: outputWidth, in: shape[3])
            for cell in 0..<outputHeight * outputWidth {
                let (row, column) = (rows[cell / outputWidth], columns[cell % outputWidth])
                let share = 1 / Double(max(row.count * column.count, 1))
                for y in row {
                    for x in column {
                        guard let y, let x else { continue }
                        for c in 0..<channels {
                            let plane = (picture * channels + c) * area
                            let output =
                                (box * channels + c) * outputHeight * outputWidth + cell
                            for (j, wy) in [(y.first, 1 - y.weight), (y.second, y.weight)] {
                                for (i, wx) in [(x.first, 1 - x.weight), (x.second, x.weight)] {
                                    body(plane + j * shape[3] + i, output, share * wy * wx)
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// For each cell along one side, its sampled points: two pixels and the second's weight, or nil
    /// for a point outside the picture, which reads 0.
    private func points(
        _ start: Double, _ end: Double, cells: Int, in extent: Int
    ) -> [[(first: Int, second: Int, weight: Double)?]] {
        let length = aligned ? end - start : max(end - start, 1)
        let cell = length / Double(cells)
        let count = samplingRatio > 0 ? samplingRatio : max(Int(cell.rounded(.up)), 0)
        return (0..<cells).map { index in
            (0..<count).map { sample in
                let share = (Double(sample) + 0.5) / Double(count)
                let point = start + (Double(index) + share) * cell
                guard point >= -1, point <= Double(extent) else { return nil }
                let inside = min(max(point, 0), Double(extent - 1))
                let first = Int(inside)
                return (first, min(first + 1, extent - 1), inside - Double(first))
            }
        }
    }
}

/// The cotangent of the features that boxes read.
///
/// Inputs: the output's cotangent, the boxes, and the features, of which only the shape matters.
public struct RoIAlignBackward: Operation {
    public static let kind = "RoIAlignBackward"
    /// The reading.
    public let reading: RoIAlign
    public var shapeOnlyInputs: [Int] { [2] }

    public init(_ reading: RoIAlign) { self.reading = reading }

    public func shape(of inputs: [Shape]) throws -> Shape {
        try require(3, of: inputs)
        let output = try reading.shape(of: [inputs[2], inputs[1]])
        try require(inputs[0] == output, "a cotangent \(output)", found: "\(inputs[0])")
        return inputs[2]
    }

    public func forward<Scalar: TensorScalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
        let shape = inputs[2].shape
        var sums = [Double](repeating: 0, count: shape.count)
        inputs[0].withUnsafeBufferPointer { cotangent in
            reading.forEachTap(shape, inputs[1]) { pixel, output, weight in
                sums[pixel] += weight * Double(cotangent[output])
            }
        }
        return Tensor(sums.map { Scalar($0) }, shape: shape)
    }

    public func cotangents(of node: NodeValues, given cotangent: Value) -> [Value?] {
        [cotangent.applying(reading, node.inputs[1]), nil, nil]
    }
}

extension Value {
    /// Features of boxes `[K, 5]`: picture index, x1, y1, x2, y2.
    public func roiAligned(_ boxes: Value, _ reading: RoIAlign) -> Value {
        applying(reading, boxes)
    }
}
