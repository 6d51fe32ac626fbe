// Batch norm of training, on kernels of our own: oneDNN's reductions over channels are its reference.
import CKernels
import COneDNN
import Graphs
import Tensors

extension Lowering {
    /// Lowers the node if it is a part of batch norm; says whether it was.
    func lowerBatchNorm(_ index: Int, _ node: Graph.Node) throws -> Bool {
        switch node.operation {
        case is ChannelMoments:
            let (x, channels) = try channels(of: node.inputs[0])
            try appendSmall(index, node, [x]) { inputs, result, threads in
                withUnsafePointer(to: channels) {
                    percept_channel_moments($0, inputs[0], result, threads)
                }
            }
        case let sums as BatchNormSums:
            let epsilon = Float(sums.epsilon)
            let (x, channels) = try channels(of: node.inputs[1])
            let dy = try place(node.inputs[0], in: x.layout)
            try appendSmall(index, node, [dy, x, plain(node.inputs[2])]) {
                inputs, result, threads in
                withUnsafePointer(to: channels) {
                    percept_batch_norm_sums(
                        $0, inputs[0], inputs[1], inputs[2], epsilon, result, threads)
                }
            }
        case let norm as BatchNormalise:
            let epsilon = Float(norm.epsilon)
            let (x, channels) = try channels(of: node.inputs[0])
            let small = try node.inputs[1...].map { try plain($0) }
            try appendLarge(index, node, [x] + small, of: node.inputs[0]) {
                inputs, result, threads in
                withUnsafePointer(to: channels) {
                    percept_batch_normalise(
                        $0, inputs[0], inputs[1], inputs[2], inputs[3], epsilon, result, threads)
                }
            }
        case let backward as BatchNormBackward:
            let epsilon = Float(backward.epsilon)
            let (x, channels) = try channels(of: node.inputs[1])
            let dy = try place(node.inputs[0], in: x.layout)
            let small = try node.inputs[2...].map { try plain($0) }
            try appendLarge(index, node, [dy, x] + small, of: node.inputs[0]) {
                inputs, result, threads in
                withUnsafePointer(to: channels) {
                    percept_batch_norm_gradient(
                        $0, inputs[0], inputs[1], inputs[2], inputs[3], inputs[4], epsilon, result,
                        threads)
                }
            }
        default: return false
        }
        return true
    }

    /// A picture in Floats, blocked if it stands so, else row-major; and what the kernels call that.
    private func channels(of input: Int) throws -> (Region, percept_channels) {
        let shape = shapes[input]
        let blocked = Layout(shape, dnnl_f32, .blocked)
        let stands = anyPlace(input, type: dnnl_f32).layout
        let isBlocked = stands == blocked || (stands.type != dnnl_f32 && !stands.isPlain)
        let region = try place(input, in: isBlocked ? blocked : Layout(shape, dnnl_f32))
        return (
            region,
            percept_channels(
                batch: shape[0], channels: shape[1], area: shape[2] * shape[3],
                block: isBlocked ? Int32(Processor.channelBlock) : 1)
        )
    }

    private func appendSmall(
        _ index: Int, _ node: Graph.Node, _ reads: [Region], _ body: @escaping KernelStep.Body
    ) throws {
        let target = result(index, Layout(shapes[index], dnnl_f32))
        append(
            KernelStep(
                node.operation.kind, reads: reads, write: target, threads: options.threads,
                body: body))
        define(index, at: target)
    }

    private func appendLarge(
        _ index: Int, _ node: Graph.Node, _ reads: [Region], of input: Int,
        _ body: @escaping KernelStep.Body
    ) throws {
        let target = targetPlace(index, reads[0].layout, inPlaceOf: [input])
        append(
            KernelStep(
                node.operation.kind, reads: reads, write: target, threads: options.threads,
                body: body))
        define(index, at: target)
    }
}
