// Frames in, enhanced frames out, as late as neighbours are seen: the heart of `mwgan enhance`.
import Compute
import Graphs
import Learning
import Media
import Motion
import Quality
import Tensors
import Wavelets

/// How frames are enhanced.
public struct EnhancementOptions: Sendable {
    /// Share of the network's residual that is added: 0 hands back the decoder's samples.
    public var strength: Float
    /// Type of the network's activations.
    public var precision: Precision
    /// Threads for motion, packets and network together.
    public var threads: Int
    /// Bits a sample of the result; nil keeps the source's.
    public var depth: Int?
    /// Side of a tile in luma samples; nil: whole frames, or tiles of 2048 for very large ones.
    public var tile: Int?
    /// Between fidelity and what people see; a model without perceptual weights has fidelity alone.
    public var balance = Balance.automatic
    /// Which frames are left alone; nil: as the model's file says.
    public var gate: DamageGate?
    /// Bits of the coded video per luma pixel, for frames whose decoder exports no quantisers.
    public var bitsPerPixel: Double?
    /// Key frames that are recalled where what they show comes back; nil: nothing is.
    public var memory: ClipMemory?
    /// Called with what is recalled for a frame before it is added, whatever it is worth.
    public var observeRecall: (@Sendable (RecallTrial) -> Void)?
    /// Where compiled networks of the same model wait for the next video; nil: each is compiled anew.
    public var pool: NetworkPool?

    public init(
        strength: Float = 1, precision: Precision = .automatic, threads: Int = 2, depth: Int? = nil
    ) {
        self.strength = strength
        self.precision = precision
        self.threads = threads
        self.depth = depth
    }
}

/// Output that cannot be right: the frame is not written.
public struct EnhancementGuardError: Error, CustomStringConvertible, Equatable {
    /// Which frame, counted from 0, and what is wrong with it.
    public let frame: Int, problem: String

    /// `frame 12: the network returned NaN; try --precision f32`.
    public var description: String { "frame \(frame): \(problem)" }
}

/// Where the time went, in seconds.
public struct EnhancementTimes: Sendable, Equatable {
    /// Pyramids, damage and search; packing and unpacking; the network.
    public var motion = 0.0, packets = 0.0, network = 0.0
    public init() {}
}

/// Enhances a sequence of frames of one size and format with a model.
///
/// Belongs to one thread. Memory does not grow with the number of frames.
public final class FrameEnhancer {
    /// Time spent so far.
    public private(set) var times = EnhancementTimes()
    /// Frames that repeated their predecessor's output.
    public var repeatedCount: Int { window.repeatedCount }
    /// Frames to which something was added that a key frame elsewhere shows.
    public var recalledCount: Int { recall?.count ?? 0 }
    private let recall: FrameRecall?
    private let options: EnhancementOptions
    private let gate: DamageGate
    private let balanced: BalancedNetwork
    private let key: NetworkPool.Key
    private let packer: WindowPacker
    private let unpacking: PlanePacking
    private var window: DistinctFrames<PreparedFrame>
    private var seeds: NeighbourMotion = []

    /// An enhancer for frames of the given luma size.
    ///
    /// - Throws: `PlanError` where the network cannot be compiled.
    public init(
        _ model: EnhancementModel, width: Int, height: Int,
        options: EnhancementOptions = EnhancementOptions()
    ) throws {
        self.options = options
        recall = try options.memory.map { memory in
            precondition(
                memory.width == width && memory.height == height,
                "a memory of \(memory.width)x\(memory.height) for \(width)x\(height)")
            return try FrameRecall(
                memory, threads: options.threads, observe: options.observeRecall)
        }
        gate = options.gate ?? model.gate
        let grid = PlanePacking.gridSize(width: width, height: height)
        let key = NetworkPool.Key(
            width: grid.width, height: grid.height, tile: options.tile.map { ($0 + 1) / 2 },
            precision: options.precision, threads: options.threads, balance: options.balance)
        func compiled() throws -> BalancedNetwork {
            try BalancedNetwork(
                model, balance: key.balance, width: key.width, height: key.height, tile: key.tile,
                precision: key.precision, threads: key.threads)
        }
        self.key = key
        balanced = try options.pool?.network(key, compile: compiled) ?? compiled()
        let network = balanced.network
        window = DistinctFrames(radius: model.generator.shape.surroundings.radius)
        packer = WindowPacker(
            model.generator.shape.surroundings, width: width, height: height,
            layout: network.inputLayout, normalisation: model.normalisation,
            threads: options.threads)
        unpacking = PlanePacking(
            layout: network.outputLayout, statistics: network.outputStatistics)
    }

    deinit { options.pool?.takeBack(balanced, key) }

    /// Takes the next frame in; returns those that are ready, in order.
    ///
    /// - Throws: `EnhancementGuardError`.
    public func push(_ frame: Frame) throws -> [Frame] {
        if options.strength == 0 { return [frame] }
        measure(\.motion) {
            window.append(frame) {
                PreparedFrame($0, estimator: DamageEstimator(), threads: options.threads)
            }
        }
        return try window.finish(finished)
    }

    /// The frames that were still waiting for a successor.
    public func flush() throws -> [Frame] { try window.finish(isEnd: true, finished) }

    private func measure<Result>(
        _ part: WritableKeyPath<EnhancementTimes, Double>, _ body: () throws -> Result
    ) rethrows -> Result {
        let start = monotonicSeconds()
        defer { times[keyPath: part] += monotonicSeconds() - start }
        return try body()
    }

    /// The enhanced frame of the window whose turn it is.
    ///
    /// What comes of it does not depend on how far back the video was read: the search for its motion goes on from the
    /// frame before no further back than the last key frame.
    private func finished(
        _ frames: [PreparedFrame], _ turn: WindowTurn
    ) throws -> Frame {
        let current = frames[turn.index]
        let share = gate.share(
            quantisers: current.frame.quantisers, blindStep: current.damage.meanBlindStep,
            bitsPerPixel: options.bitsPerPixel)
        if current.frame.isKey || share == 0 { forgetMotion() }
        let view = FrameWindow(frames, centre: turn.index)
        if share > 0, turn.isWanted {
            try estimateResidual(in: view, share: share)
            try checkResidual(turn.number)
        } else if share > 0 {
            // Frames that are wanted need the motion of others at most.
            _ = motion(in: view)
        }
        if share > 0 { try measure(\.motion) { try recall?.follow(current) } }
        var planes = measure(\.packets) {
            current.planes.indices.map {
                addResidual(
                    to: current, plane: $0, depth: resultDepth(of: current),
                    strength: turn.isWanted ? share * options.strength : 0)
            }
        }
        if share > 0, turn.isWanted, let recall {
            planes[0] = measure(\.packets) {
                recall.refined(
                    planes[0], depth: resultDepth(of: current),
                    strength: share * options.strength)
            }
        }
        if turn.isRepeatedByKey { forgetMotion() }
        return result(planes, like: current.frame)
    }

    /// Runs the network on a frame and its neighbours.
    ///
    /// - Parameter share: How much of the correction the whole frame gets.
    private func estimateResidual(in view: FrameWindow, share: Float) throws {
        let motion = motion(in: view)
        measure(\.packets) { packer.pack(view, motion: motion, into: balanced.network.packets) }
        let content = measure(\.motion) { contentMap(of: view.current) }
        let map =
            balanced.isMapped
            ? BalanceMap(damage: view.current.damage, content: content) : nil
        let drawn = CorrectionMap.drawn.share(
            quantisers: view.current.frame.quantisers, bitsPerPixel: nil)
        try measure(\.network) {
            try balanced.run(map)
            balanced.withhold(
                CorrectionMap(content: content, drawnShare: min(1, drawn / share)))
        }
    }

    private func motion(in view: FrameWindow) -> NeighbourMotion {
        seeds = measure(\.motion) { packer.motion(in: view, seeds: seeds) }
        return seeds
    }

    private func forgetMotion() {
        seeds = []
        recall?.reset()
    }

    private func contentMap(of current: PreparedFrame) -> ContentMap {
        let planes = current.sampling == .gray ? [current.planes[0]] : current.planes
        return ContentMap(planes, depth: current.depth, threads: options.threads)
    }

    private func addResidual(
        to current: PreparedFrame, plane index: Int, depth: Int, strength: Float
    ) -> Plane {
        let plane = current.planes[index]
        let target = Plane(
            width: plane.width, height: plane.height, bytesPerSample: depth > 8 ? 2 : 1)
        balanced.withResidual { residual in
            unpacking.add(
                residual.baseAddress!, channel: index == 0 ? 0 : 3 + index,
                as: index == 0 ? .luma : .chroma(current.sampling), to: plane,
                depth: current.depth, into: target, resultDepth: depth, strength: strength,
                threads: options.threads)
        }
        return target
    }

    private func resultDepth(of current: PreparedFrame) -> Int {
        max(current.depth, current.frame.format.sampling == .rgb ? 0 : options.depth ?? 0)
    }

    private func result(_ planes: [Plane], like frame: Frame) -> Frame {
        let depth = max(options.depth ?? 0, frame.format.depth)
        var format = frame.format
        format.depth = depth
        var result = Frame(
            width: frame.width, height: frame.height, format: format,
            planes: NativeColour.restored(planes, like: frame, depth: depth))
        result = result.atTime(of: frame)
        return result
    }

    // MARK: - The guard

    private func checkResidual(_ number: Int) throws {
        try balanced.withResidual { try checkResidual($0, number) }
    }

    private func checkResidual(_ values: UnsafeBufferPointer<Float>, _ number: Int) throws {
        var largest: Float = 0
        // Every 61st value: NaN spreads over whole neighbourhoods, so a sample finds it.
        for index in Swift.stride(from: 0, to: values.count, by: 61) {
            let value = abs(values[index])
            guard value.isFinite else {
                throw EnhancementGuardError(
                    frame: number, problem: "the network returned NaN; try --precision f32")
            }
            largest = max(largest, value)
        }
        if largest > 60 {
            throw EnhancementGuardError(
                frame: number,
                problem: "the network's result has nothing to do with the picture; "
                    + "check the weights or use --strength 0")
        }
    }
}

extension Frame {
    /// These samples at the time, and with the tags, of another frame.
    func atTime(of other: Frame) -> Frame {
        var result = other
        result.planes = planes
        result.format = format
        return result
    }
}
