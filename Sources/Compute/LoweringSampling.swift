// Operations that read pictures and lists where other values point: warps, boxes, gathers.
import CKernels
import Graphs
import Tensors

extension Lowering {
    /// Lowers the node if it reads where another value points; says whether it was.
    func lowerSampling(_ index: Int, _ node: Graph.Node) throws -> Bool {
        switch node.operation {
        case let warp as Warp:
            let (x, y) = (shapes[node.inputs[0]], shapes[index])
            let border = replicates(warp.border)
            try appendKernel(index, node) {
                percept_warp_planes(
                    $0[0], $0[1], $1, x[0], x[1], Int32(x[2]), Int32(x[3]), Int32(y[2]),
                    Int32(y[3]), border, $2)
            }
        case let backward as WarpBackwardPicture:
            let (dy, x) = (shapes[node.inputs[0]], shapes[index])
            let border = replicates(backward.border)
            try appendKernel(index, node) {
                percept_warp_backward_picture(
                    $0[0], $0[1], $1, x[0], x[1], Int32(x[2]), Int32(x[3]), Int32(dy[2]),
                    Int32(dy[3]), border, $2)
            }
        case let backward as WarpBackwardFlow:
            let (x, flow) = (shapes[node.inputs[1]], shapes[index])
            let border = replicates(backward.border)
            try appendKernel(index, node) {
                percept_warp_backward_flow(
                    $0[0], $0[1], $0[2], $1, x[0], x[1], Int32(x[2]), Int32(x[3]), Int32(flow[2]),
                    Int32(flow[3]), border, $2)
            }
        case let reading as RoIAlign: try lowerBoxes(index, node, reading)
        case let backward as RoIAlignBackward: try lowerBoxesBackward(index, node, backward.reading)
        case let gather as Gather: try lowerGather(index, node, gather.axis, isBackward: false)
        case let backward as GatherBackward:
            try lowerGather(index, node, backward.axis, isBackward: true)
        default: return false
        }
        return true
    }

    private func replicates(_ border: Border) -> Int32 { border == .replicate ? 1 : 0 }

    // MARK: - Boxes

    private func lowerBoxes(_ index: Int, _ node: Graph.Node, _ reading: RoIAlign) throws {
        let (x, count) = (shapes[node.inputs[0]], shapes[index][0])
        let rules = boxReading(reading)
        try appendKernel(index, node) { inputs, output, threads in
            checkPositions(inputs[1], count: count, step: 5, below: x[0], of: "a box's picture")
            withUnsafePointer(to: rules) {
                percept_read_boxes(
                    inputs[0], inputs[1], output, count, x[1], Int32(x[2]), Int32(x[3]), $0,
                    threads)
            }
        }
    }

    private func lowerBoxesBackward(_ index: Int, _ node: Graph.Node, _ reading: RoIAlign) throws {
        let (x, count) = (shapes[index], shapes[node.inputs[0]][0])
        let rules = boxReading(reading)
        try appendKernel(index, node) { inputs, output, threads in
            checkPositions(inputs[1], count: count, step: 5, below: x[0], of: "a box's picture")
            withUnsafePointer(to: rules) {
                percept_read_boxes_backward(
                    inputs[0], inputs[1], output, count, x[0], x[1], Int32(x[2]), Int32(x[3]), $0,
                    threads)
            }
        }
    }

    private func boxReading(_ reading: RoIAlign) -> percept_box_reading {
        percept_box_reading(
            cells_down: Int32(reading.outputHeight), cells_across: Int32(reading.outputWidth),
            points: Int32(reading.samplingRatio), scale: reading.spatialScale,
            shift: reading.aligned ? 0.5 : 0,
            // An unaligned box is at least one sample large; an aligned one may be turned inside out.
            least: reading.aligned ? -.infinity : 1)
    }

    // MARK: - Gathers

    private func lowerGather(
        _ index: Int, _ node: Graph.Node, _ axis: Int, isBackward: Bool
    ) throws {
        let whole = shapes[isBackward ? index : node.inputs[0]]
        let count = shapes[node.inputs[1]].count
        let axis = axis < 0 ? axis + whole.rank : axis
        let extent = whole[axis], inner = whole.strides[axis]
        let outer = whole.dimensions[..<axis].reduce(1, *)
        let kernel = isBackward ? percept_gather_backward : percept_gather
        try appendKernel(index, node) {
            checkPositions($0[1], count: count, step: 1, below: extent, of: "a position")
            kernel($0[0], $0[1], $1, outer, extent, inner, count, $2)
        }
    }
}

/// Traps where a value that is used as an index lies outside: kernels would read foreign memory.
func checkPositions(
    _ values: UnsafePointer<Float>, count: Int, step: Int, below extent: Int, of what: String
) {
    for index in 0..<count {
        let value = values[index * step]
        precondition(
            value > -0.5 && value.rounded() < Float(extent),
            "\(what) is \(value), which is outside 0..<\(extent)")
    }
}
