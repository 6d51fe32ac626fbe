// Pairs of degraded and pristine clips as tiles of packets, ready to be sampled.
import Glibc
import Media
import Networks
import Quality
import Tensors
import Wavelets

/// One degraded clip and the clip it was made from.
public struct TrainingPair: Sendable {
    /// Its name, unique among pairs, and the two files.
    public let name: String, degraded: String, reference: String

    public init(name: String, degraded: String, reference: String) {
        self.name = name
        self.degraded = degraded
        self.reference = reference
    }
}

/// What could not be used for training.
public struct TrainingDataError: Error, CustomStringConvertible, Equatable {
    /// The pair or file, and what is wrong.
    public let item: String, problem: String

    /// What is wrong with a pair or a file.
    public init(item: String, problem: String) { (self.item, self.problem) = (item, problem) }

    /// One line.
    public var description: String { "\(item): \(problem)" }
}

/// Turns a pair into tiles: the input channels as inference fills them, and the 6 of the residual
/// that would make the frame pristine.
public struct PairPacker {
    /// Positions each way of one tile.
    public var tileSize: Int
    /// What the network sees around a frame.
    public var surroundings: Surroundings
    /// Every how manieth frame is used, and how many tiles of one frame at most.
    public var frameStep = 2, tilesPerFrame = 6
    /// Threads for motion and packets.
    public var threads = 1

    /// A packer of tiles of `tileSize` positions each way, half as many as samples.
    public init(tileSize: Int = 48, surroundings: Surroundings = Surroundings()) {
        self.tileSize = tileSize
        self.surroundings = surroundings
    }

    /// Channels of one tile for a network with these surroundings.
    public static func channels(_ surroundings: Surroundings) -> Int {
        surroundings.inputs + NetworkChannels.outputs
    }

    /// Reads both clips and writes tiles to `path` as safetensors: "tiles" `[n, 22, size, size]`,
    /// with more channels where the surroundings have more inputs, and
    /// "weights" `[n]`, the reciprocal of the frame's luma error with a floor.
    ///
    /// - Throws: `TrainingDataError` where the clips do not match, or what the readers throw.
    public func pack(
        _ pair: TrainingPair, to path: String, using random: inout RandomSource
    ) throws {
        let degraded = try VideoReader(MediaSource(path: pair.degraded))
        let reference = try VideoReader(MediaSource(path: pair.reference))
        guard degraded.width == reference.width, degraded.height == reference.height,
            degraded.format.sampling == reference.format.sampling,
            degraded.format.depth == reference.format.depth
        else {
            throw TrainingDataError(item: pair.name, problem: "the two clips differ in format")
        }
        let grid = PlanePacking.gridSize(width: degraded.width, height: degraded.height)
        guard min(grid.width, grid.height) >= tileSize else {
            throw TrainingDataError(
                item: pair.name,
                problem: "smaller than one tile of \(2 * tileSize) x \(2 * tileSize)")
        }
        let work = FramePacker(
            surroundings, width: degraded.width, height: degraded.height, threads: threads)
        var tiles: [Float] = []
        var weights: [Float] = []
        var window: [PreparedFrame] = []
        var pristineFrames: [PreparedFrame] = []
        let radius = surroundings.radius
        // Index in the clip of the window's first frame, and of the next frame that is looked at.
        var first = 0, next = 0
        func use(_ index: Int) {
            let packed = work.pack(
                FrameWindow(window, centre: index - first), pristine: pristineFrames[index - first])
            for _ in 0..<tilesPerFrame {
                let x = random.index(below: grid.width - tileSize + 1)
                let y = random.index(below: grid.height - tileSize + 1)
                packed.appendTile(x, y, size: tileSize, to: &tiles)
                weights.append(packed.weight)
            }
        }
        while let frame = try degraded.next(), let pristine = try reference.next() {
            window.append(PreparedFrame(frame, estimator: DamageEstimator(), threads: threads))
            pristineFrames.append(
                PreparedFrame(pristine, estimator: DamageEstimator(), threads: threads))
            if next + radius < first + window.count {
                if next % frameStep == 0 { use(next) }
                next += 1
            }
            if window.count > 2 * radius {
                window.removeFirst()
                pristineFrames.removeFirst()
                first += 1
            }
        }
        guard !window.isEmpty else {
            throw TrainingDataError(item: pair.name, problem: "no frames")
        }
        while next < first + window.count {
            if next % frameStep == 0 { use(next) }
            next += 1
        }
        let size = self.tileSize, channels = PairPacker.channels(surroundings)
        try Safetensors.write(
            [
                (
                    "tiles",
                    Tensor(tiles, shape: [weights.count, channels, size, size])
                ), ("weights", Tensor(weights, shape: [weights.count])),
            ], metadata: ["pair": pair.name], brain: ["tiles"], to: path)
    }
}

/// Packs single frames with their pristine counterparts.
private final class FramePacker {
    struct Packed {
        let inputs: UnsafeMutablePointer<Float>, residual: UnsafeMutablePointer<Float>
        let inputCount: Int, width: Int, height: Int, weight: Float
        /// The first channels of packets and motion of neighbours that the network aligns.
        let neighbours: [Neighbour]

        struct Neighbour { let packets: Int, motion: Int }

        func appendTile(_ x: Int, _ y: Int, size: Int, to tiles: inout [Float]) {
            let inputStart = tiles.count
            for (base, channels) in [
                (inputs, inputCount), (residual, NetworkChannels.outputs),
            ] {
                for channel in 0..<channels {
                    for row in 0..<size {
                        let start = base + (channel * height + y + row) * width + x
                        tiles.append(contentsOf: UnsafeBufferPointer(start: start, count: size))
                    }
                }
            }
            for neighbour in neighbours {
                follow(neighbour, x, y, size: size, in: &tiles, from: inputStart)
            }
        }

        /// Cuts a neighbour's tile out where most of the frame's tile moved to, so that little of
        /// what the network looks for lies beyond it; its motion is what remains.
        private func follow(
            _ neighbour: Neighbour, _ x: Int, _ y: Int, size: Int, in tiles: inout [Float],
            from start: Int
        ) {
            let area = size * size
            let shifts = (0..<2).map { axis in
                let first = start + (neighbour.motion + axis) * area
                let mean = tiles[first..<first + area].reduce(0, +) / Float(area)
                let shift = mean.rounded()
                for index in first..<first + area { tiles[index] -= shift }
                return Int(shift)
            }
            var target = start + neighbour.packets * area
            for channel in neighbour.packets..<neighbour.packets + 4 {
                for row in y..<y + size {
                    let line = min(max(row + shifts[1], 0), height - 1)
                    for column in x..<x + size {
                        let place = min(max(column + shifts[0], 0), width - 1)
                        tiles[target] = inputs[(channel * height + line) * width + place]
                        target += 1
                    }
                }
            }
        }
    }

    private let window: WindowPacker
    private let difference: PlanePacking
    private let inputs: UnsafeMutablePointer<Float>, residual: UnsafeMutablePointer<Float>
    private let pristinePackets: UnsafeMutablePointer<Float>
    private let grid: (width: Int, height: Int)
    private let inputCount: Int
    private let neighbours: [Packed.Neighbour]

    init(_ surroundings: Surroundings, width: Int, height: Int, threads: Int) {
        inputCount = surroundings.inputs
        neighbours =
            surroundings.alignment == .features
            ? NetworkChannels.neighbours(frames: surroundings.frames).enumerated().map {
                Packed.Neighbour(
                    packets: $1.channel,
                    motion: NetworkChannels.motion(toNeighbour: $0, frames: surroundings.frames))
            } : []
        grid = PlanePacking.gridSize(width: width, height: height)
        let area = grid.width * grid.height
        let layout = PacketLayout(
            channels: inputCount, width: grid.width, height: grid.height, order: .planar)
        let normalisation = PacketNormalisation.standard
        window = WindowPacker(
            surroundings, width: width, height: height, layout: layout,
            normalisation: normalisation, threads: threads)
        difference = PlanePacking(
            layout: PacketLayout(
                channels: NetworkChannels.outputs, width: grid.width, height: grid.height,
                order: .planar), statistics: normalisation.output.prefix(6))
        inputs = .allocate(capacity: inputCount * area)
        residual = .allocate(capacity: NetworkChannels.outputs * area)
        pristinePackets = .allocate(capacity: NetworkChannels.outputs * area)
    }

    deinit {
        inputs.deallocate()
        residual.deallocate()
        pristinePackets.deallocate()
    }

    func pack(_ view: FrameWindow, pristine: PreparedFrame) -> Packed {
        window.pack(view, motion: window.motion(in: view), into: inputs)
        packets(of: pristine, into: pristinePackets)
        packets(of: view.current, into: residual)
        let area = grid.width * grid.height
        var squares: Float = 0
        for i in 0..<NetworkChannels.outputs * area {
            residual[i] = pristinePackets[i] - residual[i]
        }
        for channel in 0..<4 {
            let deviation = PacketNormalisation.standard.output.deviations[channel]
            for i in channel * area..<(channel + 1) * area {
                squares += residual[i] * residual[i] * deviation * deviation
            }
        }
        // Orthonormal packets: the mean over packets is the mean over pixels. The floor keeps
        // frames that need nothing from drowning the others.
        let error = squares / Float(4 * area)
        return Packed(
            inputs: inputs, residual: residual, inputCount: inputCount, width: grid.width,
            height: grid.height, weight: 1 / (error + 0.5), neighbours: neighbours)
    }

    private func packets(of frame: PreparedFrame, into base: UnsafeMutablePointer<Float>) {
        func chroma(_ index: Int) -> PacketSource {
            frame.sampling == .gray ? .constant(0) : .chroma(frame.planes[index], frame.sampling)
        }
        difference.pack(
            [(.luma(frame.planes[0]), 0), (chroma(1), 4), (chroma(2), 5)], depth: frame.depth,
            into: base)
    }
}

extension ChannelStatistics {
    /// The statistics of the first `count` channels.
    func prefix(_ count: Int) -> ChannelStatistics {
        ChannelStatistics(
            means: Array(means.prefix(count)), deviations: Array(deviations.prefix(count)))
    }
}
