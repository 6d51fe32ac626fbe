// Functions of single elements, and arithmetic of two values.
import CKernels
import COneDNN
import Graphs
import Tensors

extension Lowering {
    /// oneDNN's name for an element-wise function, with its two numbers.
    private func elementwise(
        _ operation: any Operation
    ) -> (kind: dnnl_alg_kind_t, alpha: Double, beta: Double)? {
        switch operation {
        case let relu as LeakyReLU: (dnnl_eltwise_relu, relu.slope, 0)
        case let affine as Affine: (dnnl_eltwise_linear, affine.scale, affine.offset)
        case is Sigmoid: (dnnl_eltwise_logistic, 0, 0)
        case is Tanh: (dnnl_eltwise_tanh, 0, 0)
        case is SiLU: (dnnl_eltwise_swish, 1, 0)
        case is GELU: (dnnl_eltwise_gelu_erf, 0, 0)
        case is AbsoluteValue: (dnnl_eltwise_abs, 0, 0)
        case is SquareRoot: (dnnl_eltwise_sqrt, 0, 0)
        case is Exponential: (dnnl_eltwise_exp, 0, 0)
        case is Logarithm: (dnnl_eltwise_log, 0, 0)
        // oneDNN 3 reads alpha as a sharpness: 1 means log(1 + e^x) in both.
        case is Softplus: (dnnl_eltwise_soft_relu, 1, 0)
        case let power as Power: (dnnl_eltwise_pow, 1, power.exponent)
        case let clamp as Clamp: (dnnl_eltwise_clip, clamp.lower, clamp.upper)
        default: nil
        }
    }

    private func arithmetic(_ operation: any Operation) -> dnnl_alg_kind_t? {
        switch operation {
        case is Add: dnnl_binary_add
        case is Subtract: dnnl_binary_sub
        case is Multiply: dnnl_binary_mul
        case is Divide: dnnl_binary_div
        case is MaximumOf: dnnl_binary_max
        case is MinimumOf: dnnl_binary_min
        default: nil
        }
    }

    /// Lowers the node if it is element-wise; says whether it was.
    func lowerElementwise(_ index: Int, _ node: Graph.Node) throws -> Bool {
        if let function = elementwise(node.operation) {
            try lowerFunction(
                index, node.inputs[0], function.kind, Float(function.alpha), Float(function.beta))
            return true
        }
        if let backward = node.operation as? LeakyReLUBackward {
            try lowerRectifierGradient(index, node, Float(backward.slope))
            return true
        }
        if let kind = arithmetic(node.operation) {
            try lowerArithmetic(index, node, kind)
            return true
        }
        return try lowerOwnFunction(index, node)
    }

    /// Lowers what oneDNN has no function for; says whether it did.
    private func lowerOwnFunction(_ index: Int, _ node: Graph.Node) throws -> Bool {
        switch node.operation {
        case is Sign:
            try appendOwn(index, node) { percept_sign($0[0], $1, $2, $3) }
        case is ErrorFunction:
            try appendOwn(index, node) { percept_error_function($0[0], $1, $2, $3) }
        // oneDNN's gradient of a clamp is 0 at the lower bound, where many values lie: ours is 1.
        case let backward as ClampBackward:
            let (lower, upper) = (Float(backward.lower), Float(backward.upper))
            try appendOwn(index, node) {
                percept_clamp_gradient($0[0], $0[1], $1, $2, lower, upper, $3)
            }
        case is SiLUBackward:
            try appendOwn(index, node) { percept_silu_gradient($0[0], $0[1], $1, $2, $3) }
        default: return false
        }
        return true
    }

    /// Appends a kernel on Floats in whatever order the operands stand; padding stays zero.
    private func appendOwn(
        _ index: Int, _ node: Graph.Node,
        _ kernel:
            @escaping (
                [UnsafeMutablePointer<Float>], UnsafeMutablePointer<Float>, Int, Int32
            ) -> Void
    ) throws {
        let layout = workingLayout(of: node.inputs[0], for: index)
        let inputs = try node.inputs.map { try place($0, in: layout) }
        let target = targetPlace(index, layout, inPlaceOf: [node.inputs[0]])
        let count = layout.byteCount / MemoryLayout<Float>.stride
        append(
            KernelStep(
                node.operation.kind, reads: inputs, write: target, threads: options.threads
            ) { kernel($0, $1, count, $2) })
        define(index, at: target)
    }

    private func lowerFunction(
        _ index: Int, _ input: Int, _ kind: dnnl_alg_kind_t, _ alpha: Float, _ beta: Float
    ) throws {
        let layout = workingLayout(of: input, for: index)
        let source = try place(input, in: layout)
        let target = targetPlace(index, layout, inPlaceOf: [input])
        var description: dnnl_primitive_desc_t?
        try PlanError.check(
            percept_eltwise_forward(
                &description, Engine.shared.handle, kind, handle(layout), alpha, beta, attributes),
            graph.nodes[index].operation.kind)
        append(
            try PrimitiveStep(
                graph.nodes[index].operation.kind, description!,
                reads: [(Int32(DNNL_ARG_SRC), source)], writes: [(Int32(DNNL_ARG_DST), target)]))
        define(index, at: target)
    }

    /// By a kernel of our own: oneDNN's takes four times as long.
    private func lowerRectifierGradient(_ index: Int, _ node: Graph.Node, _ slope: Float) throws {
        let (dy, y) = (node.inputs[0], node.inputs[1])
        let layout = workingLayout(of: y, for: index)
        let cotangent = try place(dy, in: layout)
        let output = try place(y, in: layout)
        let target = targetPlace(index, layout, inPlaceOf: [dy])
        let count = layout.byteCount / dnnl_data_type_size(layout.type)
        let isBF16: Int32 = layout.type == dnnl_bf16 ? 1 : 0
        append(
            KernelStep(
                node.operation.kind, reads: [cotangent, output], write: target,
                threads: options.threads
            ) {
                percept_rectifier_gradient($0[0], $0[1], $1, count, slope, isBF16, $2)
            })
        define(index, at: target)
    }

    private func lowerArithmetic(
        _ index: Int, _ node: Graph.Node, _ kind: dnnl_alg_kind_t
    ) throws {
        let (a, b) = (fusion.source[node.inputs[0]], fusion.source[node.inputs[1]])
        if shapes[a] == shapes[b] {
            let layout = workingLayout(of: isParameterDerived(a) ? b : a, for: index)
            let first = try place(a, in: layout)
            let second = try place(b, in: layout)
            let target = targetPlace(index, layout, inPlaceOf: a == b ? [] : [a, b])
            try appendBinary(index, kind, first, second, target)
            define(index, at: target)
            return
        }
        // Broadcasting: the full operand first, both row-major and of equal rank.
        let full = Layout(shapes[index], dnnl_f32)
        let commutes = kind != dnnl_binary_sub && kind != dnnl_binary_div
        var (first, second) = (a, b)
        if commutes, shapes[a] != shapes[index] { swap(&first, &second) }
        let left =
            shapes[first] == shapes[index]
            ? try place(first, in: full) : try spread(first, to: shapes[index])
        let right = try aligned(second, to: shapes[index].rank)
        let target = targetPlace(index, full, inPlaceOf: [])
        let merged = mergedShapes(shapes[index], right.layout.shape)
        func view(_ region: Region, _ shape: Shape) -> Region {
            share(region, as: Layout(shape, dnnl_f32))
        }
        try appendBinary(
            index, kind, view(left, merged.full), view(right, merged.small),
            view(target, merged.full))
        define(index, at: target)
    }

    /// Both shapes with runs of axes that are all repeated, or all not, made one.
    ///
    /// A leading run that is not repeated becomes the second axis: oneDNN has fast kernels for one
    /// number for everything and for one number per channel, and no others.
    func mergedShapes(_ full: Shape, _ small: Shape) -> (full: Shape, small: Shape) {
        var extents: [(extent: Int, isRepeated: Bool)] = []
        for (extent, other) in zip(full.dimensions, small.dimensions) where extent != 1 {
            let isRepeated = other == 1
            if let last = extents.last, last.isRepeated == isRepeated {
                extents[extents.count - 1].extent *= extent
            } else {
                extents.append((extent, isRepeated))
            }
        }
        if extents.first?.isRepeated != true { extents.insert((1, true), at: 0) }
        return (
            Shape(extents.map(\.extent)), Shape(extents.map { $0.isRepeated ? 1 : $0.extent })
        )
    }

    func appendBinary(
        _ index: Int, _ kind: dnnl_alg_kind_t, _ a: Region, _ b: Region, _ target: Region
    ) throws {
        var description: dnnl_primitive_desc_t?
        try PlanError.check(
            percept_binary(
                &description, Engine.shared.handle, kind, handle(a.layout), handle(b.layout),
                handle(target.layout), attributes), graph.nodes[index].operation.kind)
        append(
            try PrimitiveStep(
                graph.nodes[index].operation.kind, description!,
                reads: [(Int32(DNNL_ARG_SRC_0), a), (Int32(DNNL_ARG_SRC_1), b)],
                writes: [(Int32(DNNL_ARG_DST), target)]))
    }

    /// A value row-major, with leading axes of extent 1 up to `rank`.
    func aligned(_ index: Int, to rank: Int) throws -> Region {
        let region = try plain(index)
        let shape = shapes[index]
        let padded = [Int](repeating: 1, count: max(rank, 1) - shape.rank) + shape.dimensions
        return share(region, as: Layout(Shape(padded), dnnl_f32))
    }

    /// A value repeated to a larger shape: zeros of that shape plus the value.
    func spread(_ index: Int, to shape: Shape) throws -> Region {
        let small = try aligned(index, to: shape.rank)
        let zeros = allocate(Layout(shape, dnnl_f32), isPersistent: true)
        addConstant(zeros, Tensor(repeating: 0, shape: shape))
        let target = allocate(Layout(shape, dnnl_f32))
        try appendBinary(index, dnnl_binary_add, zeros, small, target)
        return target
    }

    /// The order in which the value of `input` stands, in the element type of node `index`.
    func workingLayout(of input: Int, for index: Int) -> Layout {
        if hasHome(index) { return Layout(shapes[index], type(of: index), .blocked) }
        let type = type(of: index)
        let layout = anyPlace(input, type: type).layout.converted(to: type)
        if !layout.isPlain, shapes[index].rank == 4, !keepsPaddingZero(index) {
            return Layout(shapes[index], type)
        }
        return layout
    }

    /// Whether channels that only fill up a block stay zero, as kernels that sum over whole blocks
    /// expect: 0 / 0 there would make NaN of every sum.
    func keepsPaddingZero(_ index: Int) -> Bool {
        if shapes[index][1] % Processor.channelBlock == 0 { return true }
        switch graph.nodes[index].operation {
        case let affine as Affine: return affine.offset == 0
        case let power as Power: return power.exponent > 0
        case let clamp as Clamp: return clamp.lower <= 0 && clamp.upper >= 0
        case is Divide, is Exponential, is Logarithm, is Sigmoid, is Softplus: return false
        default: return true
        }
    }

    /// A place for an element-wise result: in the place of an operand that dies here, if any.
    func targetPlace(_ index: Int, _ layout: Layout, inPlaceOf inputs: [Int]) -> Region {
        guard !hasHome(index) else { return result(index, layout) }
        for input in inputs where isLastUse(input) && !isParameterDerived(input) {
            let source = fusion.source[input]
            guard !(graph.nodes[source].operation is any SourceOperation), !hasHome(source),
                !isShared(source), fusion.uses[source] > 0
            else { continue }
            let region = anyPlace(source, type: layout.type)
            if region.layout == layout, !region.storage.isPersistent { return region }
        }
        return result(index, layout)
    }
}
