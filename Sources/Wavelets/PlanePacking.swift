// Planes to the packets a network reads, in one pass, and a network's residual back onto planes.
import CKernels
import Media
import Tensors

/// How packets lie in memory: `channels` values at each of `width` x `height` positions.
public struct PacketLayout: Sendable, Hashable {
    /// Element type of the packets.
    public enum Element: Sendable, Hashable { case float32, bfloat16 }
    /// Order of the elements.
    public enum Order: Sendable, Hashable {
        /// `[C, H, W]`.
        case planar
        /// oneDNN's nChw16c: `[C / 16, H, W, 16]`.
        case blocked16
    }

    /// Number of channels (a multiple of 16 where blocked, at most 64) and positions each way.
    public let channels: Int, width: Int, height: Int
    /// Element type.
    public let element: Element
    /// Order of elements.
    public let order: Order

    /// A contiguous layout.
    public init(
        channels: Int, width: Int, height: Int, element: Element = .float32, order: Order
    ) {
        precondition(channels > 0 && channels <= 64, "\(channels) channels: 1 ... 64 are possible")
        precondition(order == .planar || channels % 16 == 0, "\(channels) is no multiple of 16")
        self.channels = channels
        self.width = width
        self.height = height
        self.element = element
        self.order = order
    }

    /// Bytes that packets of this layout occupy.
    public var byteCount: Int {
        channels * width * height * (element == .bfloat16 ? 2 : 4)
    }

    func kernelLayout(at base: UnsafeMutableRawPointer) -> percept_packet_layout {
        percept_packet_layout(
            base: base, is_bf16: element == .bfloat16 ? 1 : 0,
            is_blocked: order == .blocked16 ? 1 : 0, channels: Int32(channels),
            width: Int32(width), height: Int32(height), row_stride: width,
            plane_stride: width * height * (order == .blocked16 ? 16 : 1))
    }
}

/// Mean and deviation of each channel over the training data, in 8-bit code values.
public struct ChannelStatistics: Sendable, Hashable {
    /// Mean and deviation, one per channel.
    public var means: [Float], deviations: [Float]

    /// Statistics of as many channels as there are means and deviations; no deviation is 0.
    public init(means: [Float], deviations: [Float]) {
        precondition(means.count == deviations.count && !deviations.contains(0))
        self.means = means
        self.deviations = deviations
    }

    /// Mean 0 and deviation 1 for every channel.
    public static func identity(_ channels: Int) -> ChannelStatistics {
        ChannelStatistics(
            means: [Float](repeating: 0, count: channels),
            deviations: [Float](repeating: 1, count: channels))
    }
}

/// What fills one channel, or four consecutive ones, of a network's input.
public enum PacketSource {
    /// LL, HL, LH and HH of a luma plane: four channels.
    case luma(Plane)
    /// The same of another picture's luma, sampled along a flow: displacements in luma samples,
    /// `[h, w]` each, on the grid of packet positions or one 2, 4, 8 ... times coarser.
    case warpedLuma(Plane, x: Tensor<Float>, y: Tensor<Float>, by: Interpolation = .bilinear)
    /// A chroma plane of the given sampling, as its mean over each packet position: one channel.
    case chroma(Plane, ChromaSampling)
    /// A map `[h, w]` on the grid of packet positions or one 2, 4, 8 ... times coarser, bilinear.
    case map(Tensor<Float>)
    /// One value everywhere (chroma of gray pictures: the neutral 128).
    case constant(Float)

    /// How what lies between samples is found.
    public enum Interpolation: Sendable {
        /// Of 2x2 samples: what neighbours of a network are brought by.
        case bilinear
        /// Of 4x4 samples (Keys 1981, a = -1/2), which keeps more of fine detail.
        case cubic
    }

    /// Number of channels it fills.
    public var channelCount: Int {
        switch self {
        case .luma, .warpedLuma: return 4
        case .chroma, .map, .constant: return 1
        }
    }
}

/// Where packets of a residual go: the plane they correct and the first of their channels.
public enum PacketTarget: Sendable {
    /// A luma plane, corrected by the inverse transform of four channels.
    case luma
    /// A chroma plane of the given sampling, corrected by one channel; its details pass untouched.
    case chroma(ChromaSampling)
}

/// Packs planes into a network's input and unpacks a network's residual onto planes.
///
/// Packets of a `W` x `H` picture lie on a grid of ceil(W / 2) x ceil(H / 2) positions; odd edges
/// are repeated. A channel holds `(value - mean) / deviation`, value in 8-bit code values whatever
/// the depth. Calls write whole cache lines, use no heap, and give equal bits for any thread count.
public struct PlanePacking: Sendable {
    /// Layout of the network's buffer.
    public let layout: PacketLayout
    /// Statistics of its channels.
    public let statistics: ChannelStatistics

    /// A packing for buffers of `layout`; `statistics` has as many channels.
    public init(layout: PacketLayout, statistics: ChannelStatistics) {
        precondition(
            statistics.means.count == layout.channels,
            "\(statistics.means.count) statistics for \(layout.channels) channels")
        self.layout = layout
        self.statistics = statistics
    }

    /// Positions of the packet grid of a picture.
    public static func gridSize(width: Int, height: Int) -> (width: Int, height: Int) {
        ((width + 1) / 2, (height + 1) / 2)
    }

    /// Fills the buffer at `base`: channels that no source names become 0.
    ///
    /// - Parameters:
    ///   - sources: what to write and its first channel.
    ///   - depth: bits a sample of all planes.
    ///   - base: `layout.byteCount` bytes.
    public func pack(
        _ sources: [(source: PacketSource, channel: Int)], depth: Int,
        into base: UnsafeMutableRawPointer, threads: Int = 0
    ) {
        let unit = 1 / Float(1 << max(depth - 8, 0))
        var kernelSources = sources.map { source, channel in
            kernelSource(source, channel: channel, unit: unit)
        }
        var target = layout.kernelLayout(at: base)
        withExtendedLifetime(sources) {
            percept_pack(&kernelSources, Int32(kernelSources.count), &target, Int32(threads))
        }
    }

    /// Adds packets to a plane: `clip(round(plane + strength * inverse(packet * deviation + mean)))`.
    ///
    /// Strength 0 returns the plane's own samples. A target deeper than the plane keeps the
    /// residual's fractions instead of rounding them to the plane's steps.
    ///
    /// - Parameters:
    ///   - base: the network's residual, `layout.byteCount` bytes.
    ///   - channel: first channel of the residual.
    ///   - plane: the decoded samples of `depth` bits.
    ///   - result: a plane of equal size that nobody else holds yet, of `resultDepth` bits.
    public func add(
        _ base: UnsafeRawPointer, channel: Int, as target: PacketTarget, to plane: Plane,
        depth: Int, into result: Plane, resultDepth: Int, strength: Float = 1, threads: Int = 0
    ) {
        precondition(plane.width == result.width && plane.height == result.height)
        precondition(resultDepth >= depth, "\(depth) bits do not fit into \(resultDepth)")
        write(
            base, channel: channel, as: target, onto: plane, depth: depth, into: result,
            resultDepth: resultDepth, strength: strength, threads: threads)
    }

    /// Makes a plane from packets alone: `clip(round(inverse(packet * deviation + mean)))`.
    public func unpack(
        _ base: UnsafeRawPointer, channel: Int, as target: PacketTarget, into result: Plane,
        depth: Int, threads: Int = 0
    ) {
        write(
            base, channel: channel, as: target, onto: nil, depth: depth, into: result,
            resultDepth: depth, strength: 1, threads: threads)
    }

    private func write(
        _ base: UnsafeRawPointer, channel: Int, as target: PacketTarget, onto plane: Plane?,
        depth: Int, into result: Plane, resultDepth: Int, strength: Float, threads: Int
    ) {
        var sink = percept_packet_sink()
        let steps: (x: Int, y: Int)
        switch target {
        case .luma:
            steps = (2, 2)
            sink.kind = PERCEPT_SINK_HAAR
        case .chroma(let sampling):
            steps = sampling.chromaSteps
            sink.kind = PERCEPT_SINK_MEAN
        }
        precondition(
            layout.width * steps.x >= result.width && layout.height * steps.y >= result.height,
            "packets of \(layout.width)x\(layout.height) do not cover the plane")
        precondition(channel + (sink.kind == PERCEPT_SINK_HAAR ? 4 : 1) <= layout.channels)
        sink.channel = Int32(channel)
        sink.step_x = Int32(steps.x)
        sink.step_y = Int32(steps.y)
        sink.width = Int32(result.width)
        sink.height = Int32(result.height)
        sink.bytes_per_row = result.bytesPerRow
        sink.bytes_per_sample = Int32(result.bytesPerSample)
        sink.maximum = Float((1 << resultDepth) - 1)
        sink.gain = Float(1 << (resultDepth - depth))
        let unit = strength * Float(1 << max(depth - 8, 0))
        forEachLane(channel, sink.kind == PERCEPT_SINK_HAAR ? 4 : 1, &sink.scale, &sink.offset) {
            (statistics.deviations[$0] * unit, statistics.means[$0] * unit)
        }
        let layout = layout.kernelLayout(at: UnsafeMutableRawPointer(mutating: base))
        result.withUnsafeMutableBytes { output in
            sink.base = output
            guard let plane else { return percept_unpack([layout], [sink], 1, Int32(threads)) }
            plane.withUnsafeBytes { input in
                sink.source = plane.kernelSamples(at: input)
                percept_unpack([layout], [sink], 1, Int32(threads))
            }
        }
    }

    private func kernelSource(
        _ source: PacketSource, channel: Int, unit: Float
    ) -> percept_packet_source {
        precondition(
            channel >= 0 && channel + source.channelCount <= layout.channels,
            "channel \(channel) and its \(source.channelCount) are outside \(layout.channels)")
        var result = percept_packet_source()
        result.channel = Int32(channel)
        result.step_x = 1
        result.step_y = 1
        var unit = unit
        var constant: Float = 0
        switch source {
        case .luma(let plane):
            result.kind = PERCEPT_SOURCE_HAAR
            result.samples = covering(plane, stepX: 2, stepY: 2)
        case .warpedLuma(let plane, let x, let y, let interpolation):
            precondition(x.shape == y.shape, "\(x.shape) and \(y.shape) are no flow")
            result.kind =
                interpolation == .cubic ? PERCEPT_SOURCE_CUBIC : PERCEPT_SOURCE_WARPED
            result.samples = covering(plane, stepX: 2, stepY: 2)
            setGrid(x, y, in: &result)
        case .chroma(let plane, let sampling):
            let steps = sampling.chromaSteps
            result.kind = PERCEPT_SOURCE_MEAN
            result.step_x = Int32(steps.x)
            result.step_y = Int32(steps.y)
            result.samples = covering(plane, stepX: steps.x, stepY: steps.y)
        case .map(let values):
            result.kind = PERCEPT_SOURCE_GRID
            setGrid(values, values, in: &result)
            unit = 1
        case .constant(let value):
            result.kind = PERCEPT_SOURCE_CONSTANT
            constant = value
        }
        forEachLane(channel, source.channelCount, &result.scale, &result.offset) {
            let deviation = statistics.deviations[$0]
            return (unit / deviation, (constant - statistics.means[$0]) / deviation)
        }
        return result
    }

    private func setGrid(
        _ x: Tensor<Float>, _ y: Tensor<Float>, in source: inout percept_packet_source
    ) {
        precondition(x.shape.rank == 2, "\(x.shape) is not [h, w]")
        let (height, width) = (x.shape[0], x.shape[1])
        let shift = (0..<16).first {
            let cell = 1 << $0
            return (layout.width + cell - 1) / cell == width
                && (layout.height + cell - 1) / cell == height
        }
        guard let shift else {
            preconditionFailure("\(x.shape) is no grid of \(layout.height)x\(layout.width)")
        }
        source.grid_width = Int32(width)
        source.grid_height = Int32(height)
        source.grid_shift = Int32(shift)
        source.grid_stride = width
        // The caller keeps the tensors alive until the kernel returns; tensors never move.
        source.grid_x = x.withUnsafeBufferPointer { $0.baseAddress }
        source.grid_y = y.withUnsafeBufferPointer { $0.baseAddress }
    }

    private func covering(_ plane: Plane, stepX: Int, stepY: Int) -> percept_samples {
        precondition(
            (plane.width + stepX - 1) / stepX == layout.width
                && (plane.height + stepY - 1) / stepY == layout.height,
            "a plane of \(plane.width)x\(plane.height) does not fill \(layout)")
        return plane.withUnsafeBytes { plane.kernelSamples(at: $0) }
    }
}

private typealias Lanes = (Float, Float, Float, Float)

private func forEachLane(
    _ channel: Int, _ count: Int, _ scale: inout Lanes, _ offset: inout Lanes,
    _ body: (Int) -> (scale: Float, offset: Float)
) {
    withUnsafeMutableBytes(of: &scale) { scales in
        withUnsafeMutableBytes(of: &offset) { offsets in
            for lane in 0..<count {
                let values = body(channel + lane)
                scales.storeBytes(of: values.scale, toByteOffset: 4 * lane, as: Float.self)
                offsets.storeBytes(of: values.offset, toByteOffset: 4 * lane, as: Float.self)
            }
        }
    }
}

extension ChromaSampling {
    /// Chroma samples for each packet position.
    var chromaSteps: (x: Int, y: Int) {
        switch self {
        case .yuv420, .gray: return (1, 1)
        case .yuv422: return (1, 2)
        case .yuv444, .rgb: return (2, 2)
        }
    }
}

extension Plane {
    func kernelSamples(at base: UnsafeRawPointer) -> percept_samples {
        percept_samples(
            base: base, bytes_per_row: bytesPerRow, width: Int32(width), height: Int32(height),
            bytes_per_sample: Int32(bytesPerSample))
    }
}
