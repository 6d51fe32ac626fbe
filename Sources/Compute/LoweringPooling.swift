// Maximum pooling and its gradient as oneDNN primitives.
import COneDNN
import Graphs
import Tensors

/// What both directions of a pooling are told.
private struct PoolingNumbers {
    let kernel: [Int64], geometry: [Int64]

    init(_ g: PoolingGeometry, input: Shape, output: Shape) {
        // Trailing rows that no window reaches must not be declared.
        let bottom = (output[2] - 1) * g.strideY + g.kernelHeight - input[2] - g.paddingTop
        let right = (output[3] - 1) * g.strideX + g.kernelWidth - input[3] - g.paddingLeft
        kernel = [Int64(g.kernelHeight), Int64(g.kernelWidth)]
        geometry = [
            g.strideY, g.strideX, 0, 0, g.paddingTop, g.paddingLeft, bottom, right,
        ].map { Int64($0) }
    }
}

extension Lowering {
    func lowerMaximumPooling(_ index: Int, _ node: Graph.Node, _ geometry: PoolingGeometry) throws {
        let wanted = result(
            index, Layout(shapes[index], type(of: fusion.source[node.inputs[0]]), .blocked))
        let target = try appendPooling(
            node.inputs[0], geometry, into: wanted, output: shapes[index],
            remembers: hasPoolingGradient(node.inputs[0], geometry))
        define(index, at: target)
    }

    /// Pools a value; with `remembers` the places of the largest elements are kept.
    private func appendPooling(
        _ input: Int, _ geometry: PoolingGeometry, into wanted: Region? = nil, output: Shape,
        remembers: Bool
    ) throws -> Region {
        let input = fusion.source[input]
        let numbers = PoolingNumbers(geometry, input: shapes[input], output: output)
        let type = type(of: input)
        let source = try place(input, in: Layout(shapes[input], type, .blocked))
        let target = wanted ?? allocate(Layout(output, type, .blocked))
        let description = try poolingDescription(
            source.layout, target.layout, numbers, remembers: remembers)
        var writes = [(Int32(DNNL_ARG_DST), target)]
        if remembers, let workspace = Layout(workspaceOf: description, shape: output) {
            let region = allocate(workspace)
            poolingWorkspaces.append((input, geometry, region))
            writes.append((Int32(DNNL_ARG_WORKSPACE), region))
        }
        append(
            try PrimitiveStep(
                MaximumPooling.kind, description, reads: [(Int32(DNNL_ARG_SRC), source)],
                writes: writes))
        return target
    }

    private func poolingDescription(
        _ source: Layout, _ target: Layout, _ numbers: PoolingNumbers, remembers: Bool
    ) throws -> dnnl_primitive_desc_t {
        var description: dnnl_primitive_desc_t?
        try PlanError.check(
            percept_pooling_forward(
                &description, Engine.shared.handle, dnnl_pooling_max, handle(source),
                handle(target), numbers.kernel, numbers.geometry, attributes, remembers ? 1 : 0),
            MaximumPooling.kind)
        return description!
    }

    private func hasPoolingGradient(_ input: Int, _ geometry: PoolingGeometry) -> Bool {
        graph.nodes.enumerated().contains { index, node in
            guard let backward = node.operation as? MaximumPoolingBackward else { return false }
            return fusion.uses[index] > 0 && backward.geometry == geometry
                && fusion.source[node.inputs[1]] == fusion.source[input]
        }
    }

    func lowerMaximumPoolingBackward(
        _ index: Int, _ node: Graph.Node, _ geometry: PoolingGeometry
    ) throws {
        let (dy, x) = (fusion.source[node.inputs[0]], fusion.source[node.inputs[1]])
        func known() -> Region? {
            poolingWorkspaces.first { $0.input == x && $0.geometry == geometry }?.region
        }
        if known() == nil {
            // The gradient alone is wanted, or the pooling comes later.
            _ = try appendPooling(x, geometry, output: shapes[dy], remembers: true)
        }
        guard let workspace = known() else {
            throw PlanError(operation: node.operation.kind, reason: "no workspace")
        }
        let numbers = PoolingNumbers(geometry, input: shapes[x], output: shapes[dy])
        let cotangent = try place(dy, in: Layout(shapes[dy], dnnl_f32, .blocked))
        let target = allocate(Layout(shapes[x], dnnl_f32, .blocked))
        let hint = try poolingDescription(
            target.layout, cotangent.layout, numbers, remembers: true)
        defer { dnnl_primitive_desc_destroy(hint) }
        var description: dnnl_primitive_desc_t?
        try PlanError.check(
            percept_pooling_backward(
                &description, Engine.shared.handle, dnnl_pooling_max, handle(target.layout),
                handle(cotangent.layout), numbers.kernel, numbers.geometry, hint, attributes),
            node.operation.kind)
        append(
            try PrimitiveStep(
                node.operation.kind, description!,
                reads: [
                    (Int32(DNNL_ARG_DIFF_DST), cotangent), (Int32(DNNL_ARG_WORKSPACE), workspace),
                ], writes: [(Int32(DNNL_ARG_DIFF_SRC), target)]))
        define(index, at: target)
    }
}
