// Residual blocks in 8 bits, on a kernel of our own.
import CKernels
import COneDNN
import Graphs
import Tensors

extension Lowering {
    /// Lowers a calibrated block to one step.
    func lowerResidualBlock(_ block: ResidualBlock8) throws {
        guard let calibration = options.calibration, let first = calibration[block.firstPath],
            let second = calibration[block.secondPath]
        else { preconditionFailure("\(block.firstPath) is not calibrated") }
        let shape = shapes[block.input]
        let source = try place(
            block.input,
            in: Layout(shape, anyPlace(block.input, type: dnnl_bf16).layout.type, .blocked16))
        let middle = ActivationScale(second)
        let input = ActivationScale(first)
        let reads = try [
            source, quantised(block.first, input, next: middle),
            quantised(block.second, middle, next: nil),
        ]
        let layout = Layout(shape, type(of: block.result), .blocked16)
        let target = result(block.result, layout)
        append(Residual8Step(shape, reads: reads, write: target, input, options.threads))
        define(block.result, at: target)
    }

    /// A convolution's weights as the kernel wants them, made when parameters change.
    ///
    /// - Parameter next: What its sums become; nil: numbers.
    private func quantised(
        _ convolution: Int, _ activations: ActivationScale, next: ActivationScale?
    ) throws -> Region {
        let inputs = graph.nodes[convolution].inputs
        let parts = try [plain(inputs[1]), plain(inputs[2])]
        let channels = shapes[inputs[1]][0]
        return fixedAs(inputs[1]) {
            let target = allocate(Layout([Residual8Weights.floatCount(channels)], dnnl_f32))
            append(
                KernelStep("weights in 8 bits", reads: parts, write: target, threads: 1) {
                    reads, write, _ in
                    let weights = QuantisedWeights(
                        reads[0], channels: channels, activations: activations)
                    Residual8Weights(at: write, channels: channels).fill(
                        weights, bias: reads[1], activations: activations, next: next)
                })
            return target
        }
    }
}

/// Where the kernel finds what belongs to one convolution, in one run of memory.
struct Residual8Weights {
    let weights: UnsafeMutableRawPointer, starts: UnsafeMutablePointer<Int32>
    let factor: UnsafeMutablePointer<Float>, offset: UnsafeMutablePointer<Float>

    private static func byteCount(_ channels: Int) -> Int {
        channels * channels * QuantisedWeights.positions * QuantisedWeights.taps
    }

    /// Floats that take as much memory.
    static func floatCount(_ channels: Int) -> Int {
        byteCount(channels) / 4 + (QuantisedWeights.positions + 2) * channels
    }

    init(at base: UnsafeMutableRawPointer, channels: Int) {
        weights = base
        starts = (base + Self.byteCount(channels)).assumingMemoryBound(to: Int32.self)
        let numbers = UnsafeMutableRawPointer(starts + QuantisedWeights.positions * channels)
        factor = numbers.assumingMemoryBound(to: Float.self)
        offset = factor + channels
    }

    /// Writes weights, and the numbers that make activations, or results, of sums.
    func fill(
        _ values: QuantisedWeights, bias: UnsafePointer<Float>, activations: ActivationScale,
        next: ActivationScale?
    ) {
        let channels = values.channels, blocks = Int32(channels / 16)
        for position in 0..<QuantisedWeights.positions {
            for tap in 0..<QuantisedWeights.taps {
                for output in 0..<channels {
                    for input in 0..<channels {
                        let offset = percept_residual8_weight(
                            Int32(position), Int32(tap), Int32(output), Int32(input), blocks)
                        weights.storeBytes(
                            of: Int8(values.value(position, tap, output, input)),
                            toByteOffset: offset, as: Int8.self)
                    }
                }
            }
        }
        starts.update(from: values.starts(zero: activations.zero), count: 4 * channels)
        for channel in 0..<channels {
            let step = next?.scale[channel] ?? 1
            factor[channel] = values.scale[channel] / step
            offset[channel] = bias[channel] / step
        }
    }

    /// As the kernel takes it.
    var convolution: percept_convolution8 {
        percept_convolution8(
            weights: weights.assumingMemoryBound(to: Int8.self), starts: starts, factor: factor,
            offset: offset)
    }
}

/// A residual block on our own kernel; reads the picture and the two convolutions' weights.
final class Residual8Step: Step {
    let name = "ResidualBlock 8 bits percept"
    let reads: [Region], writes: [Region]
    let scratchByteCount: Int
    private var kernel = percept_residual8()
    private let batch: Int, channels: Int
    private let threads: Int32
    private let numbers: UnsafeMutablePointer<Float>, pad: UnsafeMutablePointer<UInt8>
    private var source: UnsafeRawPointer?, target: UnsafeMutableRawPointer?
    private var scratch: UnsafeMutableRawPointer?

    init(
        _ shape: Shape, reads: [Region], write: Region, _ input: ActivationScale, _ threads: Int
    ) {
        self.reads = reads
        writes = [write]
        self.threads = Int32(threads)
        (batch, channels) = (shape[0], shape[1])
        numbers = .allocate(capacity: 2 * channels)
        pad = .allocate(capacity: channels)
        for channel in 0..<channels {
            numbers[channel] = 1 / input.scale[channel]
            numbers[channels + channel] = Float(input.zero[channel])
            pad[channel] = UInt8(input.zero[channel])
        }
        kernel.height = Int32(shape[2])
        kernel.width = Int32(shape[3])
        kernel.blocks = Int32(channels / 16)
        kernel.reads_float = reads[0].layout.type == dnnl_f32 ? 1 : 0
        kernel.writes_float = write.layout.type == dnnl_f32 ? 1 : 0
        kernel.scale = UnsafePointer(numbers)
        kernel.zero = UnsafePointer(numbers + channels)
        kernel.pad = UnsafePointer(pad)
        kernel.uses_vnni = Processor.hasVNNI && percept_residual8_has_vnni() != 0 ? 1 : 0
        scratchByteCount = percept_residual8_scratch(&kernel, self.threads)
    }

    deinit {
        numbers.deallocate()
        pad.deallocate()
    }

    func bind(memory: UnsafeMutableRawPointer, scratch: UnsafeMutableRawPointer) throws {
        func address(_ region: Region) -> UnsafeMutableRawPointer {
            memory + region.storage.offset + region.byteOffset
        }
        kernel.first = Residual8Weights(at: address(reads[1]), channels: channels).convolution
        kernel.second = Residual8Weights(at: address(reads[2]), channels: channels).convolution
        source = UnsafeRawPointer(address(reads[0]))
        target = address(writes[0])
        self.scratch = scratch
    }

    func run() throws {
        let (readBytes, writeBytes) = (
            reads[0].layout.byteCount / batch, writes[0].layout.byteCount / batch
        )
        for picture in 0..<batch {
            percept_residual8_run(
                &kernel, source! + picture * readBytes, target! + picture * writeBytes, scratch,
                threads)
        }
    }
}
