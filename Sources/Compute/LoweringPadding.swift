// Padding, and slices that skip elements, of any axes; of planes alone, `LoweringPlanes` has something
// faster.
import CKernels
import COneDNN
import Graphs
import Tensors

extension Lowering {
    /// Lowers the node if it pads, slices with steps, or takes either back; says whether it was.
    func lowerPadding(_ index: Int, _ node: Graph.Node) throws -> Bool {
        switch node.operation {
        case let pad as Pad where pad.border == .zero:
            try lowerPlacement(index, node, offset: offset(of: pad, in: shapes[index]))
        case let backward as PadBackward where backward.padding.border == .zero:
            try lowerInside(index, node, backward.padding)
        case let pad as Pad: try lowerBorders(index, node, pad, isBackward: false)
        case let backward as PadBackward:
            try lowerBorders(index, node, backward.padding, isBackward: true)
        case let slice as Slice:
            try lowerSteps(index, node, slice, isBackward: false)
        case let place as SlicePlace:
            try lowerSteps(index, node, place.slice, isBackward: true)
        default: return false
        }
        return true
    }

    /// Elements before the first one inside of a border.
    private func offset(of pad: Pad, in shape: Shape) -> Int {
        zip(pad.before, shape.strides).reduce(0) { $0 + $1.0 * $1.1 }
    }

    /// What lies inside of a border of zeros.
    private func lowerInside(_ index: Int, _ node: Graph.Node, _ pad: Pad) throws {
        let whole = try plain(node.inputs[0])
        let shape = shapes[node.inputs[0]]
        let bytes = offset(of: pad, in: shape) * MemoryLayout<Float>.stride
        let view = Region(
            storage: whole.storage, byteOffset: whole.byteOffset + bytes,
            layout: Layout(shapes[index], dnnl_f32, strides: shape.strides))
        let target = result(index, Layout(shapes[index], dnnl_f32))
        try reorder(from: view, to: target, of: node.operation.kind)
        define(index, at: target)
    }

    /// Borders that repeat elements, one axis after the other.
    private func lowerBorders(
        _ index: Int, _ node: Graph.Node, _ pad: Pad, isBackward: Bool
    ) throws {
        var region = try plain(node.inputs[0])
        for axis in 0..<shapes[index].rank where pad.before[axis] + pad.after[axis] > 0 {
            let other = shapes[index][axis]
            let extent = isBackward ? other : region.layout.shape[axis]
            let positions = pad.positions(along: axis, extent: extent).map { $0! }
            region = appendGather(
                index, region, positions, axis: axis, extent: other, isBackward: isBackward)
        }
        define(index, at: region)
    }

    private func lowerSteps(
        _ index: Int, _ node: Graph.Node, _ slice: Slice, isBackward: Bool
    ) throws {
        let (part, whole) = (shapes[node.inputs[0]], shapes[index])
        let axis = slice.axis < 0 ? slice.axis + whole.rank : slice.axis
        let positions = slice.positions(in: isBackward ? whole[axis] : part[axis])
        define(
            index,
            at: appendGather(
                index, try plain(node.inputs[0]), positions, axis: axis, extent: whole[axis],
                isBackward: isBackward))
    }

    /// Picks positions along an axis, which then has `extent` elements; backward, adds what stands there up
    /// at those positions.
    private func appendGather(
        _ index: Int, _ source: Region, _ positions: [Int], axis: Int, extent: Int,
        isBackward: Bool
    ) -> Region {
        var shape = source.layout.shape
        let inside = isBackward ? extent : shape[axis]
        shape[axis] = extent
        let list = allocate(Layout([positions.count], dnnl_f32), isPersistent: true)
        addConstant(list, Tensor(positions.map { Float($0) }, shape: [positions.count]))
        let target = allocate(Layout(shape, dnnl_f32))
        let outer = shape.dimensions[..<axis].reduce(1, *)
        let (inner, count) = (shape.strides[axis], positions.count)
        let kernel = isBackward ? percept_gather_backward : percept_gather
        append(
            KernelStep(
                graph.nodes[index].operation.kind, reads: [source, list], write: target,
                threads: options.threads
            ) { kernel($0[0], $0[1], $1, outer, inside, inner, count, $2) })
        return target
    }
}
