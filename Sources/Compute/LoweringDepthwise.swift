// 3x3 convolutions of each channel by itself with SiLU behind, on a kernel of our own.
import CKernels
import COneDNN
import Graphs
import Tensors

extension Lowering {
    /// Lowers convolution `index` to the kernel, where it is one of each channel by itself and nothing but SiLU rides on
    /// it; `final` is the node whose value it writes.
    ///
    /// oneDNN computes the exponential of its SiLU in about twice the time that the convolution takes, and ours in the same
    /// time: 1 / 1.8 in all.
    func lowerDepthwise(
        _ index: Int, _ geometry: ConvolutionGeometry, _ weights: Region, _ bias: Region?,
        _ final: Int, _ actions: [PostOperations.Action]
    ) throws -> Bool {
        guard suitsDepthwise(index, geometry, actions) else { return false }
        let inputs = graph.nodes[index].inputs
        let x = fusion.source[inputs[0]]
        let (channels, block) = (shapes[x][1], Processor.channelBlock)
        let blocks = (channels + block - 1) / block
        var shape = percept_depthwise()
        (shape.batch, shape.blocks, shape.block) = (
            Int64(shapes[x][0]), Int64(blocks), Int32(block)
        )
        (shape.height, shape.width) = (Int32(shapes[x][2]), Int32(shapes[x][3]))
        (shape.result_height, shape.result_width) = (
            Int32(shapes[index][2]), Int32(shapes[index][3])
        )
        shape.stride = Int32(geometry.strideY)
        (shape.top, shape.left) = (Int32(geometry.paddingTop), Int32(geometry.paddingLeft))
        let source = try place(x, in: Layout(shapes[x], dnnl_f32, .blocked))
        let target = result(final, Layout(shapes[index], dnnl_f32, .blocked))
        var reads = [source, depthwiseWeights(weights, shape, channels)]
        if let bias { reads.append(filledUp(bias, count: channels, block: block)) }
        append(
            KernelStep(
                "Convolution depthwise", reads: reads, write: target, threads: options.threads
            ) { reads, write, threads in
                withUnsafePointer(to: shape) {
                    percept_depthwise_silu(
                        $0, reads[0], reads[1], reads.count > 2 ? reads[2] : nil, write, threads)
                }
            })
        define(final, at: target)
        return true
    }

    private func suitsDepthwise(
        _ index: Int, _ geometry: ConvolutionGeometry, _ actions: [PostOperations.Action]
    ) -> Bool {
        guard case .silu? = actions.first, actions.count == 1 else { return false }
        let inputs = graph.nodes[index].inputs
        let (x, w) = (shapes[inputs[0]], shapes[inputs[1]])
        return geometry.groups == x[1] && w[0] == x[1] && w[2] == 3 && w[3] == 3
            && geometry.strideY == geometry.strideX && (1...2).contains(geometry.strideY)
            && geometry.dilationY == 1 && geometry.dilationX == 1
            && (0...1).contains(geometry.paddingTop) && (0...1).contains(geometry.paddingLeft)
            && options.precision.float == .f32
            && inputs.dropFirst().allSatisfy(isParameterDerived)
    }

    /// Weights as the kernel reads them, made when parameters change.
    private func depthwiseWeights(
        _ weights: Region, _ shape: percept_depthwise, _ channels: Int
    ) -> Region {
        let key = Layout([Int(shape.blocks), 9, Int(shape.block)], dnnl_f32)
        return derived(from: weights, key: key) { target in
            append(
                KernelStep(
                    "depthwise weights", reads: [weights], write: target, threads: options.threads
                ) { reads, write, _ in
                    withUnsafePointer(to: shape) {
                        percept_depthwise_weights($0, reads[0], write, channels)
                    }
                })
        }
    }
}
