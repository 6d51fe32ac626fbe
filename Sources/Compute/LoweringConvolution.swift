// Convolution and its two backward forms as oneDNN primitives.
import COneDNN
import Graphs
import Tensors

extension ConvolutionGeometry {
    /// Strides, dilations (0: dense), padding before and after, as oneDNN counts them.
    fileprivate var numbers: [Int64] {
        [
            strideY, strideX, dilationY - 1, dilationX - 1, paddingTop, paddingLeft,
            paddingBottom, paddingRight,
        ].map { Int64($0) }
    }

    /// Weights with the groups as an axis of their own.
    fileprivate func groupedShape(_ weights: Shape) -> Shape {
        groups == 1
            ? weights
            : [groups, weights[0] / groups, weights[1], weights[2], weights[3]]
    }

    /// oneDNN cannot pad or crop beyond what it was told: trailing rows that no output reads.
    fileprivate func fitted(input: Shape, weights: Shape, output: Shape) -> ConvolutionGeometry {
        var fitted = self
        let needY = (output[2] - 1) * strideY + dilationY * (weights[2] - 1) + 1
        let needX = (output[3] - 1) * strideX + dilationX * (weights[3] - 1) + 1
        fitted.paddingBottom = needY - input[2] - paddingTop
        fitted.paddingRight = needX - input[3] - paddingLeft
        return fitted
    }
}

/// Layout choices for the pictures around a convolution, best first.
private let orders: [Layout.Order] = [.blocked, .any]

extension Lowering {
    /// Layout orders to try for a picture of the given channels and what a convolution makes of it: colours come one
    /// plane after another, and oneDNN has kernels for up to three that read them so.
    private func pictureOrders(
        channels: Int
    ) -> [(source: Layout.Order, target: Layout.Order)] {
        let same = orders.map { ($0, $0) }
        return channels <= 3 ? [(.plain, .blocked)] + same : same
    }

    /// Whether a kernel is a plain loop rather than generated code.
    private func isSlow(_ description: dnnl_primitive_desc_t) -> Bool {
        let name = kernelName(description)
        return name.hasPrefix("ref") || name.hasPrefix("gemm")
    }

    // MARK: - Forward

    func lowerConvolution(_ index: Int, result final: Int) throws {
        let node = graph.nodes[index]
        let (x, w) = (fusion.source[node.inputs[0]], fusion.source[node.inputs[1]])
        guard case let operation as Convolution = node.operation else { preconditionFailure() }
        let chain = fusion.absorbed[index] ?? []
        let postOperations = PostOperations(self, chain, convolution: index)
        let geometry = operation.geometry.fitted(
            input: shapes[x], weights: shapes[w], output: shapes[index])
        let weights = try scaledWeights(w, by: postOperations.leadingScale)
        let bias =
            try node.inputs.count == 3
            ? scaledWeights(node.inputs[2], by: postOperations.leadingScale) : nil
        if try lowerByWinograd(index, geometry, weights, bias, final, postOperations.actions) {
            return
        }
        if try lowerDepthwise(index, geometry, weights, bias, final, postOperations.actions) {
            return
        }
        let workType = fusion.convolvesWithConstant(index) ? dnnl_f32 : options.precision.dataType
        let weightsShape = geometry.groupedShape(shapes[w])

        var last: PlanError?
        let orders = pictureOrders(channels: shapes[x][1])
        for (order, type) in orders.flatMap({ order in
            [workType, dnnl_f32].map { (order, $0) }
        }) {
            let source = Layout(shapes[x], type, order.source)
            var target = Layout(shapes[index], self.type(of: final), order.target)
            if order.target == .any, postOperations.readsOperands {
                // Operands need a definite layout: ask what the bare convolution would choose.
                guard let chosen = preferredResult(source, weightsShape, target, geometry) else {
                    continue
                }
                target = chosen
            }
            let post = try postOperations.build(for: target)
            defer { post.destroy() }
            let attributes = try self.attributes(with: post.handle)
            defer { dnnl_primitive_attr_destroy(attributes) }
            var description: dnnl_primitive_desc_t?
            let status = percept_convolution_forward(
                &description, Engine.shared.handle, handle(source),
                handle(Layout(weightsShape, type, .any)),
                bias.map { _ in handle(Layout(shapes[node.inputs[2]], dnnl_f32)) }, handle(target),
                geometry.numbers, attributes, 0)
            do { try PlanError.check(status, "Convolution \(shapes[x]) by \(shapes[w])") } catch let
                error as PlanError
            {
                last = error
                continue
            }
            // Even where it should stand inside a concatenation: a copy costs less than a plain loop.
            if isSlow(description!), order.target == .blocked {
                dnnl_primitive_desc_destroy(description)
                continue
            }
            try emitConvolution(
                description!, x, weights, weightsShape, bias, final, source, target, type, post)
            return
        }
        throw last ?? PlanError(operation: "Convolution", reason: "no kernel")
    }

    private func preferredResult(
        _ source: Layout, _ weights: Shape, _ target: Layout, _ geometry: ConvolutionGeometry
    ) -> Layout? {
        var description: dnnl_primitive_desc_t?
        let status = percept_convolution_forward(
            &description, Engine.shared.handle, handle(source),
            handle(Layout(weights, source.type, .any)), nil, handle(target), geometry.numbers,
            attributes, 0)
        guard status == dnnl_success else { return nil }
        defer { dnnl_primitive_desc_destroy(description) }
        return Layout(description, dnnl_query_dst_md, shape: target.shape, type: target.type)
    }

    private func emitConvolution(
        _ description: dnnl_primitive_desc_t, _ x: Int, _ weights: Region, _ weightsShape: Shape,
        _ bias: Region?, _ final: Int, _ source: Layout, _ target: Layout,
        _ type: dnnl_data_type_t, _ post: PostOperations.Built
    ) throws {
        let input = try place(
            x, in: Layout(description, dnnl_query_src_md, shape: source.shape, type: type))
        let kernel = try packed(
            weights,
            Layout(description, dnnl_query_weights_md, shape: weightsShape, type: type))
        let layout = Layout(description, dnnl_query_dst_md, shape: target.shape, type: target.type)
        var reads = [(Int32(DNNL_ARG_SRC), input), (Int32(DNNL_ARG_WEIGHTS), kernel)]
        if let bias { reads.append((Int32(DNNL_ARG_BIAS), bias)) }
        for operand in post.operands {
            let other = try place(operand.node, in: operand.layout ?? layout)
            let position = Int32(DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE) * (operand.position + 1)
            reads.append((position | Int32(DNNL_ARG_SRC_1), other))
        }
        var output: Region
        if let accumulator = post.accumulator {
            // The sum is made where its other operand stands, which nobody reads afterwards.
            output = try place(accumulator, in: layout)
        } else {
            output = result(final, layout)
        }
        output = Region(storage: output.storage, byteOffset: output.byteOffset, layout: layout)
        append(
            try PrimitiveStep(
                "Convolution", description, reads: reads,
                writes: [(Int32(DNNL_ARG_DST), output)]))
        define(final, at: output)
    }

    /// Weights in the order that a kernel wants, made when parameters change.
    private func packed(_ weights: Region, _ layout: Layout) throws -> Region {
        let origin = Region(
            storage: weights.storage, byteOffset: weights.byteOffset,
            layout: Layout(layout.shape, dnnl_f32))
        return try derived(from: weights, key: layout) { target in
            try reorder(from: origin, to: target, of: "weights")
        }
    }

    /// A bias with zeros for the channels that fill up the last block.
    func filledUp(_ bias: Region, count: Int, block: Int) -> Region {
        let whole = (count + block - 1) / block * block
        guard count < whole else { return bias }
        return derived(from: bias, key: Layout([whole], dnnl_f32)) { target in
            append(
                KernelStep("bias", reads: [bias], write: target, threads: options.threads) {
                    reads, write, _ in
                    write.update(repeating: 0, count: whole)
                    write.update(from: reads[0], count: count)
                })
        }
    }

    /// A parameter times a number: the scale of a residual goes into the weights.
    private func scaledWeights(_ index: Int, by scale: Double) throws -> Region {
        let weights = try plain(index)
        guard scale != 1 else { return weights }
        return try fixedAs(index) {
            let target = allocate(weights.layout)
            var description: dnnl_primitive_desc_t?
            try PlanError.check(
                percept_eltwise_forward(
                    &description, Engine.shared.handle, dnnl_eltwise_linear, handle(weights.layout),
                    Float(scale), 0, attributes), "scaled weights")
            append(
                try PrimitiveStep(
                    "scale", description!, reads: [(Int32(DNNL_ARG_SRC), weights)],
                    writes: [(Int32(DNNL_ARG_DST), target)]))
            return target
        }
    }

    // MARK: - Backward

    private func forwardHint(
        _ x: Layout, _ w: Layout, _ y: Layout, _ geometry: ConvolutionGeometry
    ) throws -> dnnl_primitive_desc_t {
        var hint: dnnl_primitive_desc_t?
        try PlanError.check(
            percept_convolution_forward(
                &hint, Engine.shared.handle, handle(x), handle(w), nil, handle(y), geometry.numbers,
                attributes, 1), "Convolution (hint)")
        return hint!
    }

    func lowerConvolutionBackwardData(_ index: Int, _ geometry: ConvolutionGeometry) throws {
        let node = graph.nodes[index]
        let (dy, w) = (fusion.source[node.inputs[0]], fusion.source[node.inputs[1]])
        let fitted = geometry.fitted(input: shapes[index], weights: shapes[w], output: shapes[dy])
        let weightsShape = fitted.groupedShape(shapes[w])
        let weights = try plain(w)
        let workType = fusion.convolvesWithConstant(index) ? dnnl_f32 : options.precision.dataType
        var last: PlanError?
        for (order, type) in orders.flatMap({ o in [workType, dnnl_f32].map { (o, $0) } }) {
            let diffDst = Layout(shapes[dy], type, order)
            let any = Layout(weightsShape, type, .any)
            let diffSrc = Layout(shapes[index], self.type(of: index), order)
            let source = Layout(shapes[index], type, order)
            do {
                let hint = try forwardHint(source, any, diffDst, fitted)
                defer { dnnl_primitive_desc_destroy(hint) }
                var description: dnnl_primitive_desc_t?
                try PlanError.check(
                    percept_convolution_backward_data(
                        &description, Engine.shared.handle, handle(diffSrc), handle(any),
                        handle(diffDst), fitted.numbers, hint, attributes),
                    "ConvolutionBackwardData \(shapes[index]) by \(shapes[w])")
                if isSlow(description!), order == .blocked {
                    dnnl_primitive_desc_destroy(description)
                    continue
                }
                let cotangent = try place(
                    dy,
                    in: Layout(
                        description, dnnl_query_diff_dst_md, shape: shapes[dy], type: type))
                let kernel = try packed(
                    weights,
                    Layout(description, dnnl_query_weights_md, shape: weightsShape, type: type))
                let output = result(
                    index,
                    Layout(
                        description, dnnl_query_diff_src_md, shape: shapes[index],
                        type: diffSrc.type))
                append(
                    try PrimitiveStep(
                        node.operation.kind, description!,
                        reads: [
                            (Int32(DNNL_ARG_DIFF_DST), cotangent),
                            (Int32(DNNL_ARG_WEIGHTS), kernel),
                        ], writes: [(Int32(DNNL_ARG_DIFF_SRC), output)]))
                define(index, at: output)
                return
            } catch let error as PlanError { last = error }
        }
        throw last ?? PlanError(operation: node.operation.kind, reason: "no kernel")
    }

    func lowerConvolutionBackwardWeights(_ index: Int, _ geometry: ConvolutionGeometry) throws {
        let node = graph.nodes[index]
        let (dy, x) = (fusion.source[node.inputs[0]], fusion.source[node.inputs[1]])
        let fitted = geometry.fitted(input: shapes[x], weights: shapes[index], output: shapes[dy])
        let weightsShape = fitted.groupedShape(shapes[index])
        let biasIndex = biasGradient(of: index)
        var last: PlanError?
        for (order, type) in orders.flatMap({ o in
            [options.precision.dataType, dnnl_f32].map { (o, $0) }
        }) {
            let source = Layout(shapes[x], type, order)
            let diffDst = Layout(shapes[dy], type, order)
            let any = Layout(weightsShape, dnnl_f32, .any)
            do {
                let hint = try forwardHint(
                    source, Layout(weightsShape, type, .any), diffDst, fitted)
                defer { dnnl_primitive_desc_destroy(hint) }
                let bias = biasIndex.map { Layout(shapes[$0], dnnl_f32) }
                var description: dnnl_primitive_desc_t?
                try PlanError.check(
                    percept_convolution_backward_weights(
                        &description, Engine.shared.handle, handle(source), handle(any),
                        bias.map { handle($0) }, handle(diffDst), fitted.numbers, hint, attributes),
                    "ConvolutionBackwardWeights \(shapes[x]) by \(shapes[index])")
                if isSlow(description!), order == .blocked {
                    dnnl_primitive_desc_destroy(description)
                    continue
                }
                let input = try place(
                    x, in: Layout(description, dnnl_query_src_md, shape: shapes[x], type: type))
                let cotangent = try place(
                    dy,
                    in: Layout(description, dnnl_query_diff_dst_md, shape: shapes[dy], type: type))
                let gradient = allocate(
                    Layout(
                        description, dnnl_query_diff_weights_md, shape: weightsShape,
                        type: dnnl_f32))
                var writes = [(Int32(DNNL_ARG_DIFF_WEIGHTS), gradient)]
                if let bias, let biasIndex {
                    let region = allocate(bias)
                    writes.append((Int32(DNNL_ARG_DIFF_BIAS), region))
                    define(biasIndex, at: region)
                }
                append(
                    try PrimitiveStep(
                        node.operation.kind, description!,
                        reads: [
                            (Int32(DNNL_ARG_SRC), input), (Int32(DNNL_ARG_DIFF_DST), cotangent),
                        ],
                        writes: writes))
                let ordered = allocate(Layout(weightsShape, dnnl_f32))
                try reorder(from: gradient, to: ordered, of: "weight gradient")
                define(
                    index,
                    at: Region(
                        storage: ordered.storage, layout: Layout(shapes[index], dnnl_f32)))
                return
            } catch let error as PlanError { last = error }
        }
        throw last ?? PlanError(operation: node.operation.kind, reason: "no kernel")
    }
}
