// 3x3 convolutions of bf16 pictures by Winograd's F(2x2, 3x3), on a kernel of our own.
import CKernels
import COneDNN
import Graphs
import Tensors

extension Lowering {
    private static let block = 16

    /// Channels of `shape` in whole blocks.
    private func blocks(_ channels: Int) -> Int { (channels + Self.block - 1) / Self.block }

    /// Whether the kernel computes convolution `index`, and faster than oneDNN.
    ///
    /// On a core of Zen 4 it takes 1 / 1.4 of the time at 16 channels, 1 / 1.5 to 1 / 1.9 in a dense
    /// block of 64 to 192, 1 / 1.9 from 128 to 512; below 10x10 samples, or in strips where many
    /// tiles reach over the edge, about as long. The rule must not ask for the number of threads:
    /// results would depend on it. Where oneDNN multiplies matrices as tiles (AMX) it is faster still.
    private func suitsWinograd(_ index: Int, _ geometry: ConvolutionGeometry) -> Bool {
        let inputs = graph.nodes[index].inputs
        let (w, y) = (shapes[inputs[1]], shapes[index])
        let isUnit =
            geometry.strideY == 1 && geometry.strideX == 1 && geometry.dilationY == 1
            && geometry.dilationX == 1 && geometry.groups == 1 && w[2] == 3 && w[3] == 3
            && (0...2).contains(geometry.paddingTop) && (0...2).contains(geometry.paddingLeft)
        guard options.usesWinograd, options.precision.float == .bf16, isUnit,
            Processor.multipliesBF16,
            !Processor.multipliesTiles, percept_winograd_exists() != 0,
            !fusion.convolvesWithConstant(index), !isTraining,
            inputs.dropFirst().allSatisfy(isParameterDerived)
        else { return false }
        // Fewer channels than half a block are not filled up by oneDNN's kernels for the first layer.
        return w[1] >= 8 && y[0] * y[2] * y[3] >= 100 && min(y[2], y[3]) >= 4
    }

    /// Lowers convolution `index` to the kernel, where that pays; `final` is the node whose value it
    /// writes.
    func lowerByWinograd(
        _ index: Int, _ geometry: ConvolutionGeometry, _ weights: Region, _ bias: Region?,
        _ final: Int, _ actions: [PostOperations.Action]
    ) throws -> Bool {
        guard suitsWinograd(index, geometry), !actions.contains(where: \.isSigmoid) else {
            return false
        }
        let inputs = graph.nodes[index].inputs
        let (x, w) = (fusion.source[inputs[0]], shapes[inputs[1]])
        let layout = Layout(shapes[index], type(of: final), .blocked)
        let source = try place(x, in: Layout(shapes[x], dnnl_bf16, .blocked))
        var reads = [source, transformed(weights, outputs: w[0], inputs: w[1])]
        let hasBias = bias != nil
        if let bias { reads.append(filledUp(bias, count: w[0], block: Self.block)) }
        var output: Region?
        for case .add(let node, let inPlace) in actions {
            let operand = try place(node, in: layout)
            reads.append(operand)
            if inPlace { output = operand }
        }
        let target = output ?? result(final, layout)
        let write = Region(
            storage: target.storage, byteOffset: target.byteOffset, layout: layout)
        var shape = percept_winograd()
        (shape.batch, shape.height) = (Int32(shapes[x][0]), Int32(shapes[x][2]))
        shape.width = Int32(shapes[x][3])
        shape.result_height = Int32(shapes[index][2])
        shape.result_width = Int32(shapes[index][3])
        (shape.top, shape.left) = (Int32(geometry.paddingTop), Int32(geometry.paddingLeft))
        (shape.source_blocks, shape.result_blocks) = (Int32(blocks(w[1])), Int32(blocks(w[0])))
        shape.writes_float = layout.type == dnnl_f32 ? 1 : 0
        append(
            WinogradStep(
                shape, reads: reads, hasBias: hasBias, write: write, actions: actions,
                threads: options.threads))
        define(final, at: write)
        return true
    }

    /// Weights as the kernel multiplies with them, made when parameters change.
    private func transformed(_ weights: Region, outputs: Int, inputs: Int) -> Region {
        let key = Layout(
            [16, blocks(outputs) * Self.block, blocks(inputs) * Self.block], dnnl_bf16)
        return derived(from: weights, key: key) { target in
            append(
                KernelStep(
                    "winograd weights", reads: [weights], write: target, threads: options.threads
                ) { reads, write, _ in
                    write.withMemoryRebound(to: UInt16.self, capacity: key.shape.count) {
                        percept_winograd_weights(reads[0], $0, Int32(outputs), Int32(inputs))
                    }
                })
        }
    }
}

/// A convolution on our own kernel, with what rides on it.
final class WinogradStep: Step {
    let name = "Convolution winograd percept"
    let reads: [Region], writes: [Region]
    let scratchByteCount: Int
    private var shape: percept_winograd
    private let hasBias: Bool
    private let actions: [PostOperations.Action]
    private let threads: Int32
    private var addresses: [UnsafeRawPointer] = []
    private var output: UnsafeMutableRawPointer?, scratch: UnsafeMutableRawPointer?

    /// Reads the picture, the transformed weights, the bias if any, and what is added, in order.
    init(
        _ shape: percept_winograd, reads: [Region], hasBias: Bool, write: Region,
        actions: [PostOperations.Action], threads: Int
    ) {
        self.shape = shape
        self.reads = reads
        self.hasBias = hasBias
        writes = [write]
        self.actions = actions
        self.threads = Int32(threads)
        scratchByteCount = withUnsafePointer(to: shape) {
            percept_winograd_scratch($0, Int32(threads))
        }
    }

    func bind(memory: UnsafeMutableRawPointer, scratch: UnsafeMutableRawPointer) throws {
        func address(_ region: Region) -> UnsafeMutableRawPointer {
            memory + region.storage.offset + region.byteOffset
        }
        addresses = reads.map { UnsafeRawPointer(address($0)) }
        output = address(writes[0])
        self.scratch = scratch
        shape.post_count = 0
        var operands = addresses.dropFirst(hasBias ? 3 : 2)
        for action in actions {
            switch action {
            case .rectify(let slope):
                percept_winograd_append(&shape, PERCEPT_WINOGRAD_RELU, slope, nil)
            case .scale(let scale):
                percept_winograd_append(&shape, PERCEPT_WINOGRAD_SCALE, scale, nil)
            case .sigmoid: preconditionFailure("left to oneDNN")
            case .silu: percept_winograd_append(&shape, PERCEPT_WINOGRAD_SILU, 0, nil)
            case .add:
                percept_winograd_append(&shape, PERCEPT_WINOGRAD_ADD, 0, operands.removeFirst())
            }
        }
    }

    func run() throws {
        percept_winograd_run(
            &shape, addresses[0].assumingMemoryBound(to: UInt16.self),
            addresses[1].assumingMemoryBound(to: UInt16.self),
            hasBias ? addresses[2].assumingMemoryBound(to: Float.self) : nil, output, scratch,
            threads)
    }
}
