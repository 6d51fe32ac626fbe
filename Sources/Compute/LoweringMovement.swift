// Operations that move elements without changing them.
import CKernels
import COneDNN
import Graphs
import Tensors

extension Lowering {
    /// Lowers the node if it only moves elements; says whether it was.
    func lowerMovement(_ index: Int, _ node: Graph.Node) throws -> Bool {
        switch node.operation {
        case is Reshape, is ReshapeLike:
            let region = try plain(node.inputs[0])
            define(index, at: share(region, as: Layout(shapes[index], dnnl_f32)))
        case let transpose as Transpose: try lowerTranspose(index, node, transpose.permutation)
        case is BroadcastLike: define(index, at: try spread(node.inputs[0], to: shapes[index]))
        case let concatenate as Concatenate: try lowerConcatenate(index, node, concatenate.axis)
        case let part as ConcatenatedPart: try lowerPart(index, node, part)
        case let slice as Slice where slice.step == 1: try lowerSlice(index, node, slice)
        case let place as SlicePlace where place.slice.step == 1:
            try lowerSlicePlace(index, node, place.slice)
        case let hot as OneHotLike: try lowerOneHot(index, node, hot.axis)
        case let shuffle as PixelShuffle:
            let (x, r) = (shapes[node.inputs[0]], shuffle.factor)
            try lowerRearrangement(
                index, node, [x[0], x[1] / (r * r), r, r, x[2], x[3]], [0, 1, 4, 2, 5, 3])
        case let shuffle as PixelUnshuffle:
            let (x, r) = (shapes[node.inputs[0]], shuffle.factor)
            try lowerRearrangement(
                index, node, [x[0], x[1], x[2] / r, r, x[3] / r, r], [0, 1, 3, 5, 2, 4])
        default: return false
        }
        return true
    }

    private func lowerTranspose(_ index: Int, _ node: Graph.Node, _ permutation: [Int]) throws {
        try lowerRearrangement(index, node, shapes[node.inputs[0]], permutation)
    }

    /// The value as if it had the shape `parts`, with axes reordered, under its own shape again.
    private func lowerRearrangement(
        _ index: Int, _ node: Graph.Node, _ parts: Shape, _ permutation: [Int]
    ) throws {
        let source = try plain(node.inputs[0])
        let strides = parts.strides
        let reordered = Shape(permutation.map { parts[$0] })
        let view = Layout(reordered, dnnl_f32, strides: permutation.map { strides[$0] })
        let target = result(index, Layout(shapes[index], dnnl_f32))
        try reorder(
            from: Region(storage: source.storage, byteOffset: source.byteOffset, layout: view),
            to: Region(
                storage: target.storage, byteOffset: target.byteOffset,
                layout: Layout(reordered, dnnl_f32)), of: node.operation.kind)
        define(index, at: target)
    }

    private func lowerSlicePlace(_ index: Int, _ node: Graph.Node, _ slice: Slice) throws {
        let shape = shapes[index]
        let axis = slice.axis < 0 ? slice.axis + shape.rank : slice.axis
        let start = slice.start < 0 ? slice.start + shape[axis] : slice.start
        try lowerPlacement(index, node, offset: start * shape.strides[axis])
    }

    /// The first input among zeros, its first element at `offset` elements.
    func lowerPlacement(_ index: Int, _ node: Graph.Node, offset: Int) throws {
        let part = try plain(node.inputs[0])
        let target = allocate(Layout(shapes[index], dnnl_f32))
        append(ZeroStep(target))
        let view = Layout(shapes[node.inputs[0]], dnnl_f32, strides: shapes[index].strides)
        let bytes = offset * MemoryLayout<Float>.stride
        try reorder(
            from: part,
            to: Region(
                storage: target.storage, byteOffset: target.byteOffset + bytes, layout: view),
            of: node.operation.kind)
        define(index, at: target)
    }

    private func lowerOneHot(_ index: Int, _ node: Graph.Node, _ axis: Int) throws {
        let shape = shapes[index]
        let axis = axis < 0 ? axis + shape.rank : axis
        let (extent, inner) = (shape[axis], shape.strides[axis])
        let outer = shape.dimensions[..<axis].reduce(1, *)
        try appendKernel(index, node) {
            checkPositions($0[0], count: outer * inner, step: 1, below: extent, of: "a position")
            percept_one_hot($0[0], $1, outer, extent, inner, $2)
        }
    }

    private func lowerConcatenate(_ index: Int, _ node: Graph.Node, _ axis: Int) throws {
        let inputs = node.inputs.map { fusion.source[$0] }
        if let home = fusion.home[index], inputs.allSatisfy({ fusion.home[$0] != nil }) {
            // Every part was written where it belongs, or is copied there: the whole is there then.
            for input in inputs {
                let own = Layout(shapes[input], self.type(of: input), .blocked)
                try bring(input, to: result(input, own))
            }
            if home.concatenation != index {
                define(index, at: result(index, Layout(shapes[index], type(of: index), .blocked)))
            }
            return
        }
        if !isParameterDerived(index),
            inputs.contains(where: { fusion.plainHome[$0]?.concatenation == index })
        {
            // One part behind another; those that could not be written there are copied.
            let whole = plainConcatenation(index)
            var offset = whole.byteOffset
            for input in inputs {
                let own = Layout(shapes[input], dnnl_f32)
                try bring(
                    input, to: Region(storage: whole.storage, byteOffset: offset, layout: own))
                offset += own.byteCount
            }
            define(index, at: whole)
            return
        }
        let type = type(of: index)
        let axis = axis < 0 ? axis + shapes[index].rank : axis
        let block = Processor.channelBlock
        let staysBlocked =
            shapes[index].rank == 4
            && (axis != 1 || inputs.allSatisfy { shapes[$0][1] % block == 0 })
        let order: Layout.Order = staysBlocked && type == dnnl_bf16 ? .blocked : .plain
        let parts = try inputs.map { try place($0, in: Layout(shapes[$0], type, order)) }
        let target = result(index, Layout(shapes[index], type, order))
        var description: dnnl_primitive_desc_t?
        try PlanError.check(
            percept_concat(
                &description, Engine.shared.handle, handle(target.layout), Int32(parts.count),
                Int32(axis), parts.map { handle($0.layout) }, attributes), node.operation.kind)
        append(
            try PrimitiveStep(
                node.operation.kind, description!,
                reads: parts.enumerated().map {
                    (Int32(DNNL_ARG_MULTIPLE_SRC) + Int32($0.offset), $0.element)
                }, writes: [(Int32(DNNL_ARG_DST), target)]))
        define(index, at: target)
    }

    private func lowerPart(_ index: Int, _ node: Graph.Node, _ part: ConcatenatedPart) throws {
        let axis = part.axis < 0 ? part.axis + shapes[index].rank : part.axis
        let before = node.inputs[1...(part.index + 1)].dropLast().reduce(0) {
            $0 + shapes[$1][axis]
        }
        try lowerRegion(index, node.inputs[0], axis: axis, start: before)
    }

    private func lowerSlice(_ index: Int, _ node: Graph.Node, _ slice: Slice) throws {
        let shape = shapes[node.inputs[0]]
        let axis = slice.axis < 0 ? slice.axis + shape.rank : slice.axis
        let start = slice.start < 0 ? slice.start + shape[axis] : slice.start
        try lowerRegion(index, node.inputs[0], axis: axis, start: start)
    }

    /// The part of `input` that starts at `start` along `axis` and has the shape of node `index`.
    private func lowerRegion(_ index: Int, _ input: Int, axis: Int, start: Int) throws {
        var offset = [Int](repeating: 0, count: shapes[index].rank)
        offset[axis] = start
        let type = type(of: index)
        let existing = anyPlace(input, type: type)
        if existing.layout.type == type, !existing.layout.isPlain,
            let view = existing.layout.region(shapes[index], offset: offset)
        {
            let target = result(index, Layout(shapes[index], type, .blocked))
            try reorder(
                from: Region(
                    storage: existing.storage, byteOffset: existing.byteOffset, layout: view),
                to: target, of: graph.nodes[index].operation.kind)
            define(index, at: target)
            return
        }
        let source = try place(input, in: Layout(shapes[input], type))
        let strides = shapes[input].strides
        let bytes = start * strides[axis] * dnnl_data_type_size(type)
        let view = Layout(shapes[index], type, strides: strides)
        let target = result(
            index, Layout(shapes[index], type, hasHome(index) ? .blocked : .plain))
        try reorder(
            from: Region(
                storage: source.storage, byteOffset: source.byteOffset + bytes, layout: view),
            to: target, of: graph.nodes[index].operation.kind)
        define(index, at: target)
    }
}
