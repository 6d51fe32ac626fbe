// Draws random patches from packed pairs, mirrored at random.
import Networks
import Tensors

/// Draws batches of patches from files of tiles, evenly over tiles.
public struct TileSampler {
    /// Positions each way of one patch.
    public let patchSize: Int
    private let files: [TileFile]
    private let firstTiles: [Int]

    /// Number of tiles.
    public let tileCount: Int

    /// A sampler over the given files of tiles, in their order; a file that is named twice is drawn
    /// from twice as often.
    ///
    /// - Parameter surroundings: What the network sees; the tiles were packed for that.
    /// - Throws: `SafetensorsError` or `TrainingDataError`.
    public init(
        _ paths: [String], patchSize: Int, surroundings: Surroundings = Surroundings()
    ) throws {
        self.patchSize = patchSize
        files = try paths.map { path in
            let file = try TileFile(path, surroundings)
            guard file.tileSize >= patchSize else {
                throw TrainingDataError(
                    item: path,
                    problem: "has tiles of \(2 * file.tileSize) pixels, too small for patches")
            }
            return file
        }
        var first = 0
        firstTiles = files.map { file in
            defer { first += file.count }
            return first
        }
        tileCount = first
        guard tileCount > 0 else {
            throw TrainingDataError(item: "training data", problem: "no packed pairs")
        }
    }

    /// Fills a batch: inputs `[n, inputs, p, p]`, residuals `[n, 6, p, p]`, weights `[n, 1, 1, 1]`.
    ///
    /// - Parameters:
    ///   - random: Where the choices come from; a run that is resumed stores it.
    ///   - isUpright: Whether patches stay as they were filmed.
    public func draw(
        _ count: Int, using random: inout RandomSource, packets: UnsafeMutablePointer<Float>,
        residual: UnsafeMutablePointer<Float>, weights: UnsafeMutablePointer<Float>,
        isUpright: Bool = false
    ) {
        let area = patchSize * patchSize
        for sample in 0..<count {
            let tile = random.index(below: tileCount)
            let fileIndex = firstTiles.lastIndex { $0 <= tile }!
            let room = files[fileIndex].tileSize - patchSize + 1
            let (x, y) = (random.index(below: room), random.index(below: room))
            let bits = isUpright ? 0 : random.next()
            let symmetry = PatchSymmetry(
                mirrorsX: bits & 1 != 0, mirrorsY: bits & 2 != 0, reversesTime: bits & 4 != 0,
                transposes: bits & 8 != 0)
            files[fileIndex].read(
                tile - firstTiles[fileIndex], x: x, y: y, size: patchSize, symmetry,
                packets: packets + sample * files[fileIndex].inputs * area,
                residual: residual + sample * NetworkChannels.outputs * area)
            weights[sample] = files[fileIndex].weights[tile - firstTiles[fileIndex]]
        }
    }
}

extension TileSampler {
    /// Draws patches into tensors "packets", "target" and, where there is one, "weights".
    func draw(
        _ count: Int, using random: inout RandomSource, into inputs: inout [String: Tensor<Float>]
    ) {
        func taken(_ name: String) -> Tensor<Float> {
            // Out of the dictionary, so that writing copies nothing.
            inputs.removeValue(forKey: name) ?? Tensor(repeating: 0, shape: [count])
        }
        let hasWeights = inputs["weights"] != nil
        var (packets, target, weights) = (taken("packets"), taken("target"), taken("weights"))
        packets.withUnsafeMutableBufferPointer { packets in
            target.withUnsafeMutableBufferPointer { target in
                weights.withUnsafeMutableBufferPointer { weights in
                    draw(
                        count, using: &random, packets: packets.baseAddress!,
                        residual: target.baseAddress!, weights: weights.baseAddress!)
                }
            }
        }
        (inputs["packets"], inputs["target"]) = (packets, target)
        if hasWeights { inputs["weights"] = weights }
    }
}

/// A symmetry of pictures, as it acts on packets: transposed first, then mirrored.
package struct PatchSymmetry {
    let mirrorsX: Bool, mirrorsY: Bool, reversesTime: Bool, transposes: Bool

    package init(mirrorsX: Bool, mirrorsY: Bool, reversesTime: Bool, transposes: Bool = false) {
        self.mirrorsX = mirrorsX
        self.mirrorsY = mirrorsY
        self.reversesTime = reversesTime
        self.transposes = transposes
    }

    /// The subband (LL, HL, LH, HH) that becomes `subband`: a transposed picture has its horizontal
    /// differences where the vertical ones were.
    package func source(ofSubband subband: Int) -> Int {
        transposes && (subband == 1 || subband == 2) ? 3 - subband : subband
    }

    /// Source channel and sign of a channel among groups of four packets, the first at `first`.
    private func packet(_ channel: Int, from first: Int) -> (channel: Int, sign: Float) {
        let subband = (channel - first) % 4
        return (channel - subband + source(ofSubband: subband), sign(ofSubband: subband))
    }

    /// Sign of packet `subband` (LL, HL, LH, HH) in the mirrored picture: differences change sign
    /// along the mirrored direction.
    package func sign(ofSubband subband: Int) -> Float {
        let horizontal = subband == 1 || subband == 3
        let vertical = subband == 2 || subband == 3
        return ((mirrorsX && horizontal) != (mirrorsY && vertical)) ? -1 : 1
    }

    /// Source channel and sign of a channel among pairs of motion to neighbours, right and down.
    package func motion(_ channel: Int) -> (channel: Int, sign: Float) {
        let (neighbour, axis) = (channel / 2, channel % 2)
        let source = reversesTime ? neighbour ^ 1 : neighbour
        let turns = axis == 0 ? mirrorsX : mirrorsY
        return (2 * source + (transposes ? 1 - axis : axis), turns ? -1 : 1)
    }

    /// Source channel and sign of an input channel, those of motion left out.
    package func input(_ channel: Int) -> (channel: Int, sign: Float) {
        switch channel {
        case NetworkChannels.luma..<NetworkChannels.u:
            return packet(channel, from: NetworkChannels.luma)
        case NetworkChannels.previous..<NetworkChannels.damage:
            let (source, sign) = packet(channel, from: NetworkChannels.previous)
            return (swapped(source, NetworkChannels.previous, 4), sign)
        case NetworkChannels.secondPrevious..<NetworkChannels.neighbourDamage:
            let (source, sign) = packet(channel, from: NetworkChannels.secondPrevious)
            return (swapped(source, NetworkChannels.secondPrevious, 4), sign)
        case NetworkChannels.neighbourDamage..<NetworkChannels.neighbourDamage + 4:
            let pair = (channel - NetworkChannels.neighbourDamage) / 2 * 2
            return (swapped(channel, NetworkChannels.neighbourDamage + pair, 1), 1)
        default: return (channel, 1)
        }
    }

    /// Where time is reversed, the channel in the other of two neighbouring groups of `count`.
    private func swapped(_ channel: Int, _ first: Int, _ count: Int) -> Int {
        guard reversesTime else { return channel }
        return channel < first + count ? channel + count : channel - count
    }

    /// Source channel and sign of a residual channel.
    package func residual(_ channel: Int) -> (channel: Int, sign: Float) {
        channel < 4 ? packet(channel, from: 0) : (channel, 1)
    }
}

/// One file of tiles, mapped into memory.
private struct TileFile {
    let count: Int, tileSize: Int, inputs: Int
    /// Inputs in front of those that hold motion.
    private let packetInputs: Int
    let weights: [Float]
    private let file: Safetensors
    private let elements: UnsafePointer<UInt16>

    init(_ path: String, _ surroundings: Surroundings) throws {
        inputs = surroundings.inputs
        packetInputs = NetworkChannels.inputs(frames: surroundings.frames)
        file = try Safetensors(contentsOf: path)
        weights = try file.tensor("weights").elements
        count = weights.count
        guard let entry = file.entry("tiles"), entry.type == .bfloat16, entry.shape.count == 4,
            entry.shape
                == [count, PairPacker.channels(surroundings), entry.shape[2], entry.shape[2]]
        else {
            throw TrainingDataError(
                item: path,
                problem: "not a file of pairs packed for \(surroundings.frames) frames")
        }
        tileSize = entry.shape[2]
        elements = file.withBytes(of: entry) { $0.assumingMemoryBound(to: UInt16.self) }
    }

    func read(
        _ tile: Int, x: Int, y: Int, size: Int, _ symmetry: PatchSymmetry,
        packets: UnsafeMutablePointer<Float>, residual: UnsafeMutablePointer<Float>
    ) {
        let base = elements + tile * (inputs + NetworkChannels.outputs) * tileSize * tileSize
        func copy(_ source: Int, _ sign: Float, _ target: UnsafeMutablePointer<Float>) {
            let plane = base + source * tileSize * tileSize
            for row in 0..<size {
                let line = symmetry.mirrorsY ? size - 1 - row : row
                let to = target + row * size
                if symmetry.transposes {
                    var from = plane + y * tileSize + x + line
                    for i in 0..<size {
                        to[symmetry.mirrorsX ? size - 1 - i : i] = sign * float(from[0])
                        from += tileSize
                    }
                    continue
                }
                let from = plane + (y + line) * tileSize + x
                if symmetry.mirrorsX {
                    for i in 0..<size { to[i] = sign * float(from[size - 1 - i]) }
                } else {
                    for i in 0..<size { to[i] = sign * float(from[i]) }
                }
            }
        }
        for channel in 0..<packetInputs {
            let (source, sign) = symmetry.input(channel)
            copy(source, sign, packets + channel * size * size)
        }
        for channel in 0..<inputs - packetInputs {
            let (source, sign) = symmetry.motion(channel)
            copy(packetInputs + source, sign, packets + (packetInputs + channel) * size * size)
        }
        for channel in 0..<NetworkChannels.outputs {
            let (source, sign) = symmetry.residual(channel)
            copy(inputs + source, sign, residual + channel * size * size)
        }
    }

    @inline(__always) private func float(_ bits: UInt16) -> Float {
        Float(bitPattern: UInt32(bits) << 16)
    }
}
