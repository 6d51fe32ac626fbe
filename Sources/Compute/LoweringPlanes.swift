// Operations on picture planes: resizing, padding, wavelet packets.
import CKernels
import COneDNN
import Graphs
import Tensors

extension Resize {
    /// Whether each pixel of the result is a pixel of the input, and each of these is there equally often.
    var repeatsPixels: Bool {
        interpolation == .nearest && scaleY.down == 1 && scaleX.down == 1
    }
}

/// For each row (or column) of a result, what it reads.
private typealias Taps = [[(source: Int, weight: Double)]]

extension Lowering {
    /// Lowers the node if it works on planes `[N, C, H, W]`; says whether it was.
    func lowerPlanes(_ index: Int, _ node: Graph.Node) throws -> Bool {
        guard shapes[index].rank == 4, let first = node.inputs.first, shapes[first].rank == 4
        else { return false }
        let (x, y) = (shapes[first], shapes[index])
        switch node.operation {
        case is HaarPackets:
            try appendKernel(index, node) {
                percept_haar($0[0], $1, x[0], x[1], x[2], x[3], $2)
            }
        case is InverseHaarPackets:
            try appendKernel(index, node) {
                percept_haar_inverse($0[0], $1, y[0], y[1], y[2], y[3], $2)
            }
        case let pooling as MaximumPooling:
            try lowerMaximumPooling(index, node, pooling.geometry)
        case let backward as MaximumPoolingBackward:
            try lowerMaximumPoolingBackward(index, node, backward.geometry)
        case let resize as Resize where resize.repeatsPixels && isBlocked(first, for: index):
            try lowerRepetition(index, node)
        default:
            guard x[3] <= Int(PERCEPT_WIDEST_PLANE), let taps = planeTaps(node.operation, x, y)
            else { return false }
            let (rows, columns) = (PlaneTaps(taps.rows), PlaneTaps(taps.columns))
            try appendKernel(index, node) { inputs, output, threads in
                rows.withTaps { rows in
                    columns.withTaps { columns in
                        withUnsafePointer(to: rows) { rows in
                            withUnsafePointer(to: columns) { columns in
                                percept_map_planes(
                                    inputs[0], output, x[0] * x[1], Int32(x[2]), Int32(x[3]),
                                    rows, columns, threads)
                            }
                        }
                    }
                }
            }
        }
        return true
    }

    /// Whether node `index` is better computed channel-blocked, as its input stands or as it is wanted.
    private func isBlocked(_ input: Int, for index: Int) -> Bool {
        let isPlain = anyPlace(input, type: type(of: index)).layout.isPlain
        return hasHome(index) || type(of: index) == dnnl_bf16 || !isPlain
    }

    /// Each pixel several times, all channels of a block at once.
    private func lowerRepetition(_ index: Int, _ node: Graph.Node) throws {
        let input = fusion.source[node.inputs[0]]
        let type = type(of: index)
        let source = try place(input, in: Layout(shapes[input], type, .blocked))
        let target = result(index, Layout(shapes[index], type, .blocked))
        var description: dnnl_primitive_desc_t?
        try PlanError.check(
            percept_resampling_forward(
                &description, Engine.shared.handle, dnnl_resampling_nearest,
                handle(source.layout), handle(target.layout), attributes), node.operation.kind)
        append(
            try PrimitiveStep(
                node.operation.kind, description!, reads: [(Int32(DNNL_ARG_SRC), source)],
                writes: [(Int32(DNNL_ARG_DST), target)]))
        define(index, at: target)
    }

    /// Appends a kernel of our own that reads the node's inputs row-major in Float and writes its value so.
    func appendKernel(
        _ index: Int, _ node: Graph.Node, _ body: @escaping KernelStep.Body
    ) throws {
        let inputs = try fusion.valueInputs(index).map { try plain($0) }
        let output = allocate(Layout(shapes[index], dnnl_f32))
        append(
            KernelStep(
                node.operation.kind, reads: inputs, write: output, threads: options.threads,
                body: body))
        define(index, at: output)
    }

    // MARK: - Maps that treat rows and columns apart

    private func planeTaps(
        _ operation: any Operation, _ x: Shape, _ y: Shape
    ) -> (rows: Taps, columns: Taps)? {
        func apart(_ taps: (Int) -> Taps?) -> (rows: Taps, columns: Taps)? {
            guard let rows = taps(2), let columns = taps(3) else { return nil }
            return (rows, columns)
        }
        func transposed(_ taps: (rows: Taps, columns: Taps)?) -> (rows: Taps, columns: Taps)? {
            taps.map {
                (
                    PlaneTaps.transposed($0.rows, extent: y[2]),
                    PlaneTaps.transposed($0.columns, extent: y[3])
                )
            }
        }
        switch operation {
        case let resize as Resize:
            return taps(ResizeTaps(resize.interpolation, x, y, resize.scaleY, resize.scaleX))
        case let resize as ResizeLike: return taps(ResizeTaps(resize.interpolation, x, y))
        case let resize as ResizeBackward:
            return transposed(
                taps(ResizeTaps(resize.interpolation, y, x, resize.scaleY, resize.scaleX)))
        case let pad as Pad:
            return apart { self.taps(pad, x, axis: $0) }
        case let backward as PadBackward:
            return transposed(apart { self.taps(backward.padding, y, axis: $0) })
        case let pooling as AveragePooling: return apart { self.taps(pooling, x, y, axis: $0) }
        case let backward as AveragePoolingBackward:
            return transposed(apart { self.taps(backward.pooling, y, x, axis: $0) })
        case let slice as Slice:
            let axis = slice.axis < 0 ? slice.axis + 4 : slice.axis
            guard axis >= 2 else { return nil }
            return apart { self.taps(slice, x, axis: $0) }
        case let place as SlicePlace:
            let axis = place.slice.axis < 0 ? place.slice.axis + 4 : place.slice.axis
            guard axis >= 2 else { return nil }
            return transposed(apart { self.taps(place.slice, y, axis: $0) })
        default: return nil
        }
    }

    private func taps(_ resize: ResizeTaps) -> (rows: Taps, columns: Taps) {
        func taps(_ pairs: [(first: Int, second: Int, weight: Double)]) -> Taps {
            pairs.map { [($0.first, 1 - $0.weight), ($0.second, $0.weight)] }
        }
        return (taps(resize.rows), taps(resize.columns))
    }

    private func taps(_ pad: Pad, _ x: Shape, axis: Int) -> Taps? {
        guard pad.before[0] + pad.before[1] + pad.after[0] + pad.after[1] == 0 else { return nil }
        let extent = x[axis]
        return PlaneTaps.positions(pad.positions(along: axis, extent: extent))
    }

    private func taps(_ pooling: AveragePooling, _ x: Shape, _ y: Shape, axis: Int) -> Taps {
        let g = pooling.geometry
        let (kernel, stride, before) =
            axis == 2
            ? (g.kernelHeight, g.strideY, g.paddingTop) : (g.kernelWidth, g.strideX, g.paddingLeft)
        return (0..<y[axis]).map { position in
            let start = position * stride - before
            let inside = max(start, 0)..<min(start + kernel, x[axis])
            let weight = 1 / Double(pooling.countsPadding ? kernel : inside.count)
            return inside.map { ($0, weight) }
        }
    }

    private func taps(_ slice: Slice, _ x: Shape, axis: Int) -> Taps {
        let own = slice.axis < 0 ? slice.axis + 4 : slice.axis
        guard axis == own else { return PlaneTaps.positions((0..<x[axis]).map { $0 }) }
        return PlaneTaps.positions(slice.positions(in: x[axis]))
    }
}
