// The network over a frame's packets: at once, or in overlapping tiles where that saves memory.
import Compute
import Graphs
import Networks
import Wavelets

/// Runs a generator from packets of a whole frame to the residual's packets.
///
/// A tile overlaps its neighbours by as much as the network looks around, so that tiles change no bit
/// of the result. Belongs to one thread.
final class PacketNetwork {
    /// How the packets and the residual's packets of the frame lie in memory.
    let inputLayout: PacketLayout, outputLayout: PacketLayout
    /// Statistics of the residual, one for each channel that comes out.
    let outputStatistics: ChannelStatistics
    private let plan: Plan
    private let tiles: Tiles?

    /// Packet positions of the largest frame that is computed at once by default: 4096x2304 samples.
    static let largestWhole = 2048 * 1152
    /// Side of a default tile, in packet positions.
    static let defaultTile = 1024

    /// Compiles the network for frames of `width` x `height` packet positions.
    ///
    /// - Parameter tile: side of a tile in packet positions; nil: whole frames, or default tiles of
    ///   very large ones, unless the network aligns features: motion knows no margin.
    /// - Throws: `PlanError`; ``ModelError`` or ``PrecisionUnavailable`` where int8 or tiles are not
    ///   possible.
    init(
        _ model: EnhancementModel, width: Int, height: Int, tile: Int?, precision: Precision,
        threads: Int
    ) throws {
        try model.require(precision)
        let isBlocked16 = Processor.channelBlock == 16
        let element: PacketLayout.Element =
            isBlocked16 && precision.float == .bf16 ? .bfloat16 : .float32
        let order: PacketLayout.Order = isBlocked16 ? .blocked16 : .planar
        let shape = model.generator.shape
        guard tile == nil || !shape.alignsFeatures else {
            throw ModelError(
                file: model.name,
                problem: "a network that aligns features takes whole frames: no --tile")
        }
        inputLayout = PacketLayout(
            channels: shape.inputs, width: width, height: height, element: element,
            order: order)
        // The residual leaves the network in Float: its last bits are what is added.
        outputLayout = PacketLayout(
            channels: isBlocked16 ? 16 : NetworkChannels.outputs, width: width, height: height,
            element: .float32, order: order)
        outputStatistics =
            isBlocked16
            ? model.normalisation.output
            : model.normalisation.output.prefix(NetworkChannels.outputs)
        let isLarge = width * height > PacketNetwork.largestWhole && !shape.alignsFeatures
        let side = tile ?? (isLarge ? PacketNetwork.defaultTile : max(width, height))
        // One level deeper half a position is too little: the frame's edge is repeated.
        let step = shape.isDeep ? 2 : 1
        func window(_ extent: Int) -> Int {
            let extent = (extent + step - 1) / step * step
            let wanted = min(extent, side + 2 * shape.reach)
            // An aligned rest, so that every window can begin at an aligned position: see `spans`.
            return wanted + (extent - wanted) % shape.alignment
        }
        let (tileWidth, tileHeight) = (window(width), window(height))
        var shapes = Dictionary(
            uniqueKeysWithValues: model.parameters.map { ($0.path, $0.tensor.shape) })
        shapes["packets"] = [1, shape.inputs, tileHeight, tileWidth]
        plan = try Plan(
            model.generator.graph, shapes: shapes,
            options: PlanOptions(
                precision: precision, threads: threads,
                formats: isBlocked16 ? ["packets": .blocked, "residual": .blockedFloat] : [:],
                calibration: model.calibration?.ranges))
        plan.setParameters(model.parameters.values)
        tiles =
            tileWidth == width && tileHeight == height
            ? nil
            : Tiles(
                input: inputLayout, output: outputLayout, width: tileWidth, height: tileHeight,
                margin: shape.reach, alignment: shape.alignment)
    }

    /// Where the packets of the frame go before `run`.
    var packets: UnsafeMutableRawPointer { tiles?.packets ?? plan.input("packets").baseAddress! }

    /// Where the residual's packets stand after `run`.
    var residual: UnsafeBufferPointer<Float> {
        guard let tiles else {
            return plan.output("residual").bindMemory(to: Float.self)
        }
        return UnsafeBufferPointer(
            start: tiles.residual.assumingMemoryBound(to: Float.self),
            count: outputLayout.byteCount / MemoryLayout<Float>.size)
    }

    /// Computes with other weights of equal shapes from now on.
    func use(_ parameters: Parameters) { plan.setParameters(parameters.values) }

    /// Computes the residual of the frame.
    func run() throws {
        guard let tiles else { return try plan.run() }
        try tiles.forEach { tile in
            tiles.load(tile, into: plan.input("packets").baseAddress!)
            try plan.run()
            tiles.store(tile, from: plan.output("residual").baseAddress!)
        }
    }
}

/// A frame's packets cut into overlapping windows of one size.
private final class Tiles {
    /// Where a window begins, and the part of the frame that it answers for.
    struct Tile {
        let x: Int, y: Int
        let columns: Range<Int>, rows: Range<Int>
    }

    let packets: UnsafeMutableRawPointer, residual: UnsafeMutableRawPointer
    private let input: Grid, output: Grid
    private let width: Int, height: Int, margin: Int, alignment: Int

    /// Rows of a layout: `planes` planes of `positionBytes` bytes a position.
    private struct Grid {
        let planes: Int, positionBytes: Int, width: Int, height: Int

        init(_ layout: PacketLayout) {
            let group = layout.order == .blocked16 ? 16 : 1
            planes = layout.channels / group
            positionBytes = group * (layout.element == .bfloat16 ? 2 : 4)
            width = layout.width
            height = layout.height
        }
    }

    init(
        input: PacketLayout, output: PacketLayout, width: Int, height: Int, margin: Int,
        alignment: Int
    ) {
        self.alignment = alignment
        self.input = Grid(input)
        self.output = Grid(output)
        self.width = width
        self.height = height
        self.margin = margin
        packets = .allocate(byteCount: input.byteCount, alignment: 64)
        residual = .allocate(byteCount: output.byteCount, alignment: 64)
    }

    deinit {
        packets.deallocate()
        residual.deallocate()
    }

    func forEach(_ body: (Tile) throws -> Void) rethrows {
        for rows in spans(input.height, window: height) {
            for columns in spans(input.width, window: width) {
                try body(
                    Tile(
                        x: columns.start, y: rows.start, columns: columns.answered,
                        rows: rows.answered))
            }
        }
    }

    /// Windows along one axis, each answering for what lies at least a margin inside of it. They begin
    /// at even positions of each level: kernels that compute two results at once (Winograd's) round
    /// the first and the second differently, and tiles must change no bit. The last may look
    /// beyond the frame.
    private func spans(_ extent: Int, window: Int) -> [(start: Int, answered: Range<Int>)] {
        guard window < extent else { return [(0, 0..<extent)] }
        var spans: [(start: Int, answered: Range<Int>)] = []
        var done = 0
        while done < extent {
            let last = (extent - window + alignment - 1) / alignment * alignment
            let start = min(max(0, done - margin) / alignment * alignment, last)
            let end = start + window >= extent ? extent : start + window - margin
            spans.append((start, done..<end))
            done = end
        }
        return spans
    }

    func load(_ tile: Tile, into target: UnsafeMutableRawPointer) {
        let bytes = input.positionBytes
        let inside = min(width, input.width - tile.x)
        for plane in 0..<input.planes {
            for y in 0..<height {
                let row = min(tile.y + y, input.height - 1)
                let from = packets + ((plane * input.height + row) * input.width + tile.x) * bytes
                let to = target + (plane * height + y) * width * bytes
                to.copyMemory(from: from, byteCount: inside * bytes)
                for x in inside..<width {
                    (to + x * bytes).copyMemory(from: from + (inside - 1) * bytes, byteCount: bytes)
                }
            }
        }
    }

    func store(_ tile: Tile, from source: UnsafeRawPointer) {
        let byteCount = tile.columns.count * output.positionBytes
        for plane in 0..<output.planes {
            for y in tile.rows {
                let from =
                    ((plane * height + y - tile.y) * width + tile.columns.lowerBound - tile.x)
                    * output.positionBytes
                let to =
                    ((plane * output.height + y) * output.width + tile.columns.lowerBound)
                    * output.positionBytes
                (residual + to).copyMemory(from: source + from, byteCount: byteCount)
            }
        }
    }
}
