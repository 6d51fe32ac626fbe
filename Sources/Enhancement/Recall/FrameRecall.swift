// What a clip showed elsewhere, brought to a frame that shows it again.
import Glibc
import Media
import Memory
import Motion
import Quality
import Tensors
import Wavelets

/// Recalls for the frames of one enhancer what other groups show. Belongs to one thread.
///
/// A frame's thumbnail asks an associative memory for the key frame of another group that is most alike; where the very picture was
/// shown before, one of that group's other frames is much nearer still, and stands for it. Where motion leads from
/// one to the other, and what then differs is no more than coding explains, a share of the difference is added to what the network made of
/// the frame: both were coded anew, so their errors differ, and their mean has less of them.
///
/// - SeeAlso: Millidge et al., "Universal Hopfield Networks" (arXiv:2202.04557), for the retrieval.
final class FrameRecall {
    private let memory: ClipMemory
    private let index: AssociativeMemory
    private let estimator: MotionEstimator
    private let packing: PlanePacking
    private let threads: Int
    /// Where frames of groups are read; nil where there is nothing to read.
    private lazy var reader = try? memory.reader()
    /// Groups that were read last, as many as fit.
    private var groups: [(position: Int, frames: [ClipMemory.Sighting])] = []
    /// The key frame whose group is followed, and the motion to it.
    private var followed: (position: Int, flow: Flow)?
    /// Frames until the next search.
    private var pause = 0
    private var decoded: Tensor<Float>, recalled: Tensor<Float>, restored: Tensor<Float>
    /// What `follow` found for the frame it was given last.
    private var weights: RecallWeights?

    /// Frames from one search to the next where nothing is found.
    static let patience = 12
    /// Mean difference of thumbnails up to which motion is looked for, in 8-bit code values.
    static let farthest = 26.0
    /// The same up to which two show the same, and how much nearer than a key frame another one must be: key frames are better coded.
    private static let close: Float = 1.5, nearer: Float = 0.3

    /// Frames to which something was added.
    private(set) var count = 0

    /// Recalls what `memory` keeps.
    ///
    /// - Throws: `MemoryError`.
    init(_ memory: ClipMemory, threads: Int) throws {
        self.memory = memory
        self.threads = threads
        index = try AssociativeMemory(
            memory.thumbnails, similarity: .manhattan, separation: .maximum)
        estimator = MotionEstimator(width: memory.width, height: memory.height)
        let grid = PlanePacking.gridSize(width: memory.width, height: memory.height)
        packing = PlanePacking(
            layout: PacketLayout(
                channels: 4, width: grid.width, height: grid.height, order: .planar),
            statistics: .identity(4))
        decoded = Tensor(shape: [4, grid.height, grid.width])
        (recalled, restored) = (decoded, decoded)
    }

    /// Forgets what was followed: the next frame begins anew, wherever reading began.
    func reset() {
        followed = nil
        pause = 0
        weights = nil
    }

    /// Looks for what a frame shows again.
    ///
    /// - Throws: What the memory throws.
    func follow(_ current: PreparedFrame) throws {
        weights = nil
        if current.frame.isKey { reset() }
        if let followed {
            weights = match(current, at: followed.position, seed: followed.flow)
        } else if pause == 0, let position = try candidate(for: current) {
            weights = match(current, at: position, seed: nil)
        } else if pause > 0 {
            return pause -= 1
        }
        if weights == nil {
            followed = nil
            pause = Self.patience - 1
        }
    }

    /// The key frame of another group that is most like a frame.
    private func candidate(for current: PreparedFrame) throws -> Int? {
        let thumbnail = current.thumbnail
        let own = memory.group(of: current.frame.timestamp)
        let query = Tensor(thumbnail, shape: [1, thumbnail.count])
        // The group's own key frame is one of them at most.
        let found = try index.nearest(to: query, count: 2)[0].first {
            memory.group(of: memory.kept[$0.position].timestamp) != own
        }
        guard let found, found.measure <= Self.farthest * Double(thumbnail.count) else {
            return nil
        }
        return found.position
    }

    /// Weights for a key frame, or another of its group; nil where it shows something else.
    private func match(_ current: PreparedFrame, at position: Int, seed: Flow?) -> RecallWeights? {
        let sighting = sighting(of: current, at: position)
        let flow = estimator.estimate(
            from: current.pyramid, to: sighting.pyramid, seed: seed, threads: threads)
        pack(
            .warpedLuma(sighting.luma, x: flow.x, y: flow.y), depth: sighting.depth,
            into: &recalled)
        pack(.luma(current.planes[0]), depth: current.depth, into: &decoded)
        let found = RecallWeights(
            decoded: decoded, recalled: recalled, error: Self.likelyError(current.damage))
        guard found.difference < RecallWeights.limit else { return nil }
        followed = (position, flow)
        return found
    }

    /// The frame to recall of a key frame's group.
    private func sighting(of current: PreparedFrame, at position: Int) -> ClipMemory.Sighting {
        Self.sighting(of: current.thumbnail, memory.kept[position]) {
            frames(of: position).filter {
                !memory.areNeighbours($0.timestamp, current.frame.timestamp)
            }
        }
    }

    /// The very picture where others of a group show it, else the key frame.
    ///
    /// - Parameter others: Asked for where the key frame shows something else.
    static func sighting(
        of thumbnail: [Float], _ key: ClipMemory.Sighting, others: () -> [ClipMemory.Sighting]
    ) -> ClipMemory.Sighting {
        let close = Self.close * Float(thumbnail.count)
        let distance = key.distance(to: thumbnail)
        guard distance > close else { return key }
        let nearest = others().map { ($0, $0.distance(to: thumbnail)) }.min { $0.1 < $1.1 }
        guard let nearest, nearest.1 < min(close, Self.nearer * distance) else { return key }
        return nearest.0
    }

    /// The frames of a group; of one that cannot be read, the key frame that is kept.
    private func frames(of position: Int) -> [ClipMemory.Sighting] {
        if let known = groups.first(where: { $0.position == position }) { return known.frames }
        let read = reader.flatMap {
            try? memory.frames(of: position, from: $0, threads: threads)
        }
        let frames = read ?? [memory.kept[position]]
        groups.append((position, frames))
        let sizes = groups.map { $0.frames.reduce(0) { $0 + $1.byteCount } }
        if sizes.reduce(0, +) > 2 * ClipMemory.largestGroup { groups.removeFirst() }
        return frames
    }

    /// The squared error that a frame quantised with such steps is likely to have, in 8-bit code values: as much as the step.
    ///
    /// Of x264 and x265 at constant quality and bit rate, steps of 20 to 230, it was 5.1 (step² / 12)^0.485, 1.5 times the step, within a
    /// factor of 1.6 for two frames in three. Who takes it for too large believes too much.
    static func likelyError(_ damage: DamageMap) -> Float {
        let levels = damage.worse.elements
        return levels.reduce(Float(0)) { $0 + exp2f(3 * ($1 + 1)) } / Float(max(levels.count, 1))
    }

    private func pack(_ source: PacketSource, depth: Int, into packets: inout Tensor<Float>) {
        packets.withUnsafeMutableBufferPointer {
            packing.pack([(source, 0)], depth: depth, into: $0.baseAddress!, threads: threads)
        }
    }

    /// The luma that the network made of the frame that was followed last, with what is recalled; as it is where nothing is.
    ///
    /// - Parameters:
    ///   - depth: Bits a sample of it.
    ///   - strength: How much of that is added.
    func refined(_ luma: Plane, depth: Int, strength: Float) -> Plane {
        guard let weights, strength > 0 else { return luma }
        count += 1
        pack(.luma(luma), depth: depth, into: &restored)
        Self.weigh(recalled, weights.values, against: &restored)
        let result = Plane(
            width: luma.width, height: luma.height, bytesPerSample: luma.bytesPerSample)
        restored.withUnsafeBufferPointer {
            packing.add(
                $0.baseAddress!, channel: 0, as: .luma, to: luma, depth: depth, into: result,
                resultDepth: depth, strength: strength, threads: threads)
        }
        return result
    }

    /// Replaces packets by their weighted difference to others; weights stand at the centres of blocks, bilinear in between.
    private static func weigh(
        _ others: Tensor<Float>, _ weights: Tensor<Float>, against packets: inout Tensor<Float>
    ) {
        let (height, width) = (packets.shape[1], packets.shape[2])
        let (rows, columns) = (weights.shape[0], weights.shape[1])
        let size = Float(RecallWeights.block)
        func place(_ index: Int, _ count: Int) -> (low: Int, high: Int, share: Float) {
            let at = max((Float(index) + 0.5) / size - 0.5, 0)
            let low = min(Int(at), count - 1)
            return (low, min(low + 1, count - 1), at - Float(Int(at)))
        }
        let across = (0..<width).map { place($0, columns) }
        var line = [Float](repeating: 0, count: columns)
        packets.withUnsafeMutableBufferPointer { packets in
            others.withUnsafeBufferPointer { others in
                weights.withUnsafeBufferPointer { weights in
                    for y in 0..<height {
                        let down = place(y, rows)
                        for column in 0..<columns {
                            let above = weights[down.low * columns + column]
                            let below = weights[down.high * columns + column]
                            line[column] = above + down.share * (below - above)
                        }
                        for x in 0..<width {
                            let at = across[x]
                            let weight = line[at.low] + at.share * (line[at.high] - line[at.low])
                            for channel in 0..<4 {
                                let index = (channel * height + y) * width + x
                                packets[index] = weight * (others[index] - packets[index])
                            }
                        }
                    }
                }
            }
        }
    }
}

extension PreparedFrame {
    /// As ``ClipMemory`` keeps them.
    fileprivate var thumbnail: [Float] {
        pyramid.thumbnail(columns: ClipMemory.columns, rows: ClipMemory.rows)
    }
}
