// Sums, means, matrix products and softmax.
import CKernels
import COneDNN
import Graphs
import Tensors

extension Lowering {
    /// Lowers the node if it sums over elements or picks the largest; says whether it was.
    func lowerReduction(_ index: Int, _ node: Graph.Node) throws -> Bool {
        switch node.operation {
        case let sum as Sum: try lowerSum(index, node.inputs[0], sum.over, dnnl_reduction_sum)
        case let mean as Mean: try lowerSum(index, node.inputs[0], mean.over, dnnl_reduction_mean)
        case let maximum as Maximum:
            try lowerSum(index, node.inputs[0], maximum.over, dnnl_reduction_max)
        case is SumLike:
            let rank = shapes[node.inputs[0]].rank
            let target = shapes[index]
            let kept = [Int](repeating: 1, count: rank - target.rank) + target.dimensions
            try reduce(index, node.inputs[0], to: Shape(kept), dnnl_reduction_sum)
        case is ChannelSum:
            try reduce(index, node.inputs[0], to: [1, shapes[index][0], 1, 1], dnnl_reduction_sum)
        case let backward as MaximumBackward:
            try lowerMaximumGradient(index, node, backward.over)
        case let backward as SumBackward:
            try lowerSumBackward(index, node, backward)
        case is Linear: try lowerLinear(index, node)
        case let softmax as Softmax: try lowerSoftmax(index, node, softmax.axis, 0)
        case let softmax as LogSoftmax: try lowerSoftmax(index, node, softmax.axis, 1)
        case let product as MatrixProduct: try lowerProduct(index, node, product)
        default: return false
        }
        return true
    }

    private func lowerSum(
        _ index: Int, _ input: Int, _ over: ReductionAxes, _ kind: dnnl_alg_kind_t
    ) throws {
        let shape = shapes[input]
        let axes = Set((over.axes ?? Array(0..<shape.rank)).map { $0 < 0 ? $0 + shape.rank : $0 })
        let kept = (0..<shape.rank).map { axes.contains($0) ? 1 : shape[$0] }
        try reduce(index, input, to: Shape(kept), kind)
    }

    /// Reduces a value to `kept`, which has its rank, and gives it the shape of node `index`.
    private func reduce(
        _ index: Int, _ input: Int, to kept: Shape, _ kind: dnnl_alg_kind_t
    ) throws {
        let source = try plain(input)
        let target = result(index, Layout(shapes[index], dnnl_f32))
        let view = Region(
            storage: target.storage, byteOffset: target.byteOffset, layout: Layout(kept, dnnl_f32))
        try appendReduction(index, kind, from: source, to: view)
        define(index, at: target)
    }

    private func appendReduction(
        _ index: Int, _ kind: dnnl_alg_kind_t, from source: Region, to target: Region
    ) throws {
        let name = graph.nodes[index].operation.kind
        guard source.layout.shape != target.layout.shape else {
            return try reorder(from: source, to: target, of: name)
        }
        // Only what lies side by side is reduced fast: that first, then the little that is left.
        let (from, to) = (source.layout.shape, target.layout.shape)
        let rest = (0..<to.rank).reversed().prefix { to[$0] == 1 }.last ?? to.rank
        let inner = Shape(
            Array(from.dimensions[..<rest]) + Array(repeating: 1, count: to.rank - rest))
        if inner != from, inner != to {
            let partial = allocate(Layout(inner, dnnl_f32))
            try appendReduction(index, kind, from: source, to: partial)
            return try appendReduction(index, kind, from: partial, to: target)
        }
        if appendMiddleSum(name, kind, from: source, to: target) { return }
        var description: dnnl_primitive_desc_t?
        try PlanError.check(
            percept_reduction(
                &description, Engine.shared.handle, kind, handle(source.layout),
                handle(target.layout), attributes), name)
        append(
            try PrimitiveStep(
                name, description!, reads: [(Int32(DNNL_ARG_SRC), source)],
                writes: [(Int32(DNNL_ARG_DST), target)]))
    }

    /// A sum or mean over axes in front of others, or over all, by a kernel of our own: oneDNN has only its reference for
    /// that, which takes forty times as long. Says whether it was one.
    private func appendMiddleSum(
        _ name: String, _ kind: dnnl_alg_kind_t, from source: Region, to target: Region
    ) -> Bool {
        guard kind == dnnl_reduction_sum || kind == dnnl_reduction_mean else { return false }
        let (full, small) = mergedShapes(source.layout.shape, target.layout.shape)
        // Runs that are summed and runs that stay take turns, the first is summed.
        let (outer, extent, inner): (Int, Int, Int)
        switch full.rank {
        case 1: (outer, extent, inner) = (1, full[0], 1)
        case 2: (outer, extent, inner) = (1, full[0], full[1])
        case 4 where full[0] == 1: (outer, extent, inner) = (full[1], full[2], full[3])
        default: return false
        }
        guard small.count == outer * inner, inner > 1 || outer == 1 else { return false }
        let scale = kind == dnnl_reduction_mean ? 1 / Double(extent) : 1
        append(
            KernelStep(name, reads: [source], write: target, threads: options.threads) {
                percept_sum_middle($0[0], $1, outer, extent, inner, scale, $2)
            })
        return true
    }

    /// Equal shares for the largest elements: which those are, how many of them, the share of each.
    private func lowerMaximumGradient(
        _ index: Int, _ node: Graph.Node, _ over: ReductionAxes
    ) throws {
        let shape = shapes[index]
        let axes = Set((over.axes ?? Array(0..<shape.rank)).map { $0 < 0 ? $0 + shape.rank : $0 })
        let kept = Shape((0..<shape.rank).map { axes.contains($0) ? 1 : shape[$0] })
        func small(_ input: Int) throws -> Region {
            share(try plain(input), as: Layout(kept, dnnl_f32))
        }
        let (full, few) = mergedShapes(shape, kept)
        func view(_ region: Region, _ shape: Shape) -> Region {
            share(region, as: Layout(shape, dnnl_f32))
        }
        let isLargest = allocate(Layout(shape, dnnl_f32))
        try appendBinary(
            index, dnnl_binary_eq, view(try plain(node.inputs[1]), full),
            view(try small(node.inputs[2]), few), view(isLargest, full))
        let ties = allocate(Layout(kept, dnnl_f32))
        try appendReduction(index, dnnl_reduction_sum, from: isLargest, to: ties)
        let shares = allocate(Layout(kept, dnnl_f32))
        try appendBinary(index, dnnl_binary_div, try small(node.inputs[0]), ties, shares)
        let target = result(index, Layout(shape, dnnl_f32))
        try appendBinary(
            index, dnnl_binary_mul, view(isLargest, full), view(shares, few), view(target, full))
        define(index, at: target)
    }

    private func lowerSumBackward(
        _ index: Int, _ node: Graph.Node, _ backward: SumBackward
    ) throws {
        let shape = shapes[index]
        let axes = Set(
            (backward.over.axes ?? Array(0..<shape.rank)).map { $0 < 0 ? $0 + shape.rank : $0 })
        let kept = Shape((0..<shape.rank).map { axes.contains($0) ? 1 : shape[$0] })
        let small = try plain(node.inputs[0])
        let view = share(small, as: Layout(kept, dnnl_f32))
        let factor = backward.averages ? Double(kept.count) / Double(shape.count) : 1
        // A constant of the full shape times the small value: share and repetition in one step.
        let factors = allocate(Layout(shape, dnnl_f32), isPersistent: true)
        addConstant(factors, Tensor(repeating: Float(factor), shape: shape))
        let target = result(index, Layout(shape, dnnl_f32))
        var description: dnnl_primitive_desc_t?
        try PlanError.check(
            percept_binary(
                &description, Engine.shared.handle, dnnl_binary_mul, handle(factors.layout),
                handle(view.layout), handle(target.layout), attributes), node.operation.kind)
        append(
            try PrimitiveStep(
                node.operation.kind, description!,
                reads: [(Int32(DNNL_ARG_SRC_0), factors), (Int32(DNNL_ARG_SRC_1), view)],
                writes: [(Int32(DNNL_ARG_DST), target)]))
        define(index, at: target)
    }

    private func lowerSoftmax(
        _ index: Int, _ node: Graph.Node, _ axis: Int, _ logarithm: Int32
    ) throws {
        let layout = Layout(shapes[index], dnnl_f32)
        let source = try place(node.inputs[0], in: layout)
        let target = allocate(layout)
        var description: dnnl_primitive_desc_t?
        try PlanError.check(
            percept_softmax_forward(
                &description, Engine.shared.handle, logarithm, handle(layout),
                Int32(axis < 0 ? axis + shapes[index].rank : axis), attributes),
            node.operation.kind)
        append(
            try PrimitiveStep(
                node.operation.kind, description!, reads: [(Int32(DNNL_ARG_SRC), source)],
                writes: [(Int32(DNNL_ARG_DST), target)]))
        define(index, at: target)
    }

    // MARK: - Matrix products

    private func lowerLinear(_ index: Int, _ node: Graph.Node) throws {
        let (x, w) = (shapes[node.inputs[0]], shapes[node.inputs[1]])
        let rows = x.count / max(x[-1], 1)
        let source = try plain(node.inputs[0])
        let weights = try plain(node.inputs[1])
        let bias = node.inputs.count == 3 ? try plain(node.inputs[2]) : nil
        let target = result(index, Layout(shapes[index], dnnl_f32))
        let output: Shape = [rows, w[0]]
        try appendProduct(
            index,
            share(source, as: Layout([rows, x[-1]], dnnl_f32)),
            share(weights, as: Layout([x[-1], w[0]], dnnl_f32, strides: [1, x[-1]])),
            bias.map { share($0, as: Layout([1, w[0]], dnnl_f32)) },
            Region(
                storage: target.storage, byteOffset: target.byteOffset,
                layout: Layout(output, dnnl_f32)))
        define(index, at: target)
    }

    private func lowerProduct(
        _ index: Int, _ node: Graph.Node, _ product: MatrixProduct
    ) throws {
        let target = result(index, Layout(shapes[index], dnnl_f32))
        let (a, b) = (shapes[node.inputs[0]], shapes[node.inputs[1]])
        if !product.transposesFirst, a.rank > b.rank, b.rank == 2 {
            // One matrix for a whole stack: the stack is a single taller matrix.
            let rows = a.count / max(a[-1], 1)
            try appendProduct(
                index, share(try plain(node.inputs[0]), as: Layout([rows, a[-1]], dnnl_f32)),
                try factor(node.inputs[1], product.transposesSecond), nil,
                Region(
                    storage: target.storage, byteOffset: target.byteOffset,
                    layout: Layout([rows, shapes[index][-1]], dnnl_f32)))
        } else {
            let rank = shapes[index].rank
            try appendProduct(
                index, try operand(node.inputs[0], rank: rank, product.transposesFirst),
                rank == 2
                    ? try factor(node.inputs[1], product.transposesSecond)
                    : try operand(node.inputs[1], rank: rank, product.transposesSecond),
                nil, target)
        }
        define(index, at: target)
    }

    /// The second matrix of a product. One of weights is put in order once where that pays: products with one that stands
    /// column by column take seven tenths of the time.
    private func factor(_ input: Int, _ isTransposed: Bool) throws -> Region {
        let region = try operand(input, rank: 2, isTransposed)
        let shape = shapes[input]
        guard options.isRepeated, isParameterDerived(input), !isTransposed, shape.rank == 2,
            shape.count >= 4096
        else { return region }
        let columns = Layout(shape, dnnl_f32, strides: [1, shape[0]])
        return try derived(from: region, key: columns) { target in
            try reorder(from: region, to: target, of: "weights")
        }
    }

    /// A stack of matrices, transposed where asked, with leading axes of extent 1 up to `rank`.
    private func operand(_ input: Int, rank: Int, _ isTransposed: Bool) throws -> Region {
        let region = try aligned(input, to: rank)
        guard isTransposed else { return region }
        var (shape, strides) = (region.layout.shape.dimensions, region.layout.shape.strides)
        shape.swapAt(rank - 1, rank - 2)
        strides.swapAt(rank - 1, rank - 2)
        return share(region, as: Layout(Shape(shape), dnnl_f32, strides: strides))
    }

    private func appendProduct(
        _ index: Int, _ a: Region, _ b: Region, _ bias: Region?, _ target: Region
    ) throws {
        var description: dnnl_primitive_desc_t?
        try PlanError.check(
            percept_matmul(
                &description, Engine.shared.handle, handle(a.layout), handle(b.layout),
                bias.map { handle($0.layout) }, handle(target.layout), attributes),
            graph.nodes[index].operation.kind)
        var reads = [(Int32(DNNL_ARG_SRC), a), (Int32(DNNL_ARG_WEIGHTS), b)]
        if let bias { reads.append((Int32(DNNL_ARG_BIAS), bias)) }
        append(
            try PrimitiveStep(
                graph.nodes[index].operation.kind, description!, reads: reads,
                writes: [(Int32(DNNL_ARG_DST), target)]))
    }
}
