// What a clip showed elsewhere, brought to a frame that shows it again.
import CKernels
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
    private let observe: (@Sendable (RecallTrial) -> Void)?
    /// Where frames of groups are read; nil where there is nothing to read.
    private lazy var reader = try? memory.reader()
    /// Groups that were read last, as many as fit.
    private var groups: [(position: Int, frames: [ClipMemory.Sighting])] = []
    /// The key frame whose group is followed, the frame of that which was recalled, and the motion to it.
    private var followed: (position: Int, sighting: ClipMemory.Sighting, flow: Flow)?
    /// A flow that nobody needs any more, to be written over.
    private var spare: Flow?
    /// The likely error of the frame that was recalled last.
    private var known: (timestamp: Int64, error: Float)?
    /// Frames until what was refused is looked at again, and how far it was, as thumbnails sum up.
    private var pause = 0, refused = Double.infinity
    private var decoded: Tensor<Float>, recalled: Tensor<Float>, restored: Tensor<Float>
    /// What `follow` found for the frame it was given last.
    private var weights: RecallWeights?
    private var observed: (features: RecallFeatures, timestamp: Int64)?

    /// Frames from one search to the next where nothing is found, and how much nearer than what was refused something must be
    /// to be looked at sooner.
    static let patience = 12
    private static let nearerAgain = 0.85
    /// Mean difference of thumbnails up to which motion is looked for, in 8-bit code values.
    static let farthest = 26.0
    /// The same up to which two show the same, and how much nearer than a key frame another one must be: key frames are better coded.
    private static let close: Float = 1.5, nearer: Float = 0.3, worthTrying: Float = 0.85

    /// Frames to which something was added.
    private(set) var count = 0

    /// Recalls what `memory` keeps.
    ///
    /// - Parameter observe: Called with what is recalled before it is added, whatever it is worth.
    /// - Throws: `MemoryError`.
    init(
        _ memory: ClipMemory, threads: Int, observe: (@Sendable (RecallTrial) -> Void)? = nil
    ) throws {
        self.memory = memory
        self.threads = threads
        self.observe = observe
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
        (pause, refused) = (0, .infinity)
        weights = nil
    }

    /// Looks for what a frame shows again.
    ///
    /// - Throws: What the memory throws.
    func follow(_ current: PreparedFrame) throws {
        weights = nil
        if current.frame.isKey { reset() }
        if let (position, _, flow) = followed {
            weights = match(current, at: position, seed: flow)
            if weights == nil { (followed, pause, refused) = (nil, Self.patience, .infinity) }
            return
        }
        pause = max(pause - 1, 0)
        guard let found = try candidate(for: current),
            pause == 0 || found.measure < Self.nearerAgain * refused
        else { return }
        weights = match(current, at: found.position, seed: nil)
        if weights == nil { (pause, refused) = (Self.patience, found.measure) }
    }

    /// The key frame of another group that is most like a frame.
    private func candidate(for current: PreparedFrame) throws -> AssociativeMemory.Match? {
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
        return found
    }

    /// Weights for a key frame, or another of its group; nil where it shows something else.
    private func match(_ current: PreparedFrame, at position: Int, seed: Flow?) -> RecallWeights? {
        let (first, second) = choice(for: current, at: position)
        pack(.luma(current.planes[0]), depth: current.depth, into: &decoded)
        var trial = trial(of: first, for: current, seed: seed)
        if !trial.weights.isWorthIt, let second {
            trial = self.trial(of: second, for: current, seed: nil)
        }
        guard trial.weights.isWorthIt || observe != nil && trial.features.isKnown else {
            return nil
        }
        spare = followed?.flow
        followed = (position, trial.sighting, trial.flow)
        if observe != nil { observed = (trial.features, current.frame.timestamp) }
        return trial.weights
    }

    /// What is known of a frame that may be recalled, which `recalled` then holds, moved.
    private typealias Trial = (
        sighting: ClipMemory.Sighting, flow: Flow, features: RecallFeatures, weights: RecallWeights
    )

    private func trial(
        of sighting: ClipMemory.Sighting, for current: PreparedFrame, seed: Flow?
    ) -> Trial {
        var flow = spare ?? Flow(width: memory.width, height: memory.height)
        spare = nil
        estimator.estimate(
            from: current.pyramid, to: sighting.pyramid, into: &flow, seed: seed, threads: threads)
        pack(
            .warpedLuma(sighting.luma, x: flow.x, y: flow.y, by: .cubic),
            depth: sighting.depth, into: &recalled)
        let features = RecallFeatures(
            decoded: decoded, recalled: recalled,
            from: .init(
                flow: flow, error: Self.likelyError(current.damage),
                recalledError: likelyError(of: sighting),
                distance: sighting.distance(to: current.thumbnail)
                    / Float(sighting.thumbnail.count)), threads: threads)
        return (sighting, flow, features, RecallWeights(features, threads: threads))
    }

    /// The frame to recall of a key frame's group, and one for where that shows something else.
    private func choice(for current: PreparedFrame, at position: Int) -> Choice {
        Self.choice(
            for: current.thumbnail, key: memory.kept[position],
            followed: followed?.position == position ? followed?.sighting : nil
        ) {
            frames(of: position).filter {
                !memory.areNeighbours($0.timestamp, current.frame.timestamp)
            }
        }
    }

    typealias Choice = (first: ClipMemory.Sighting, second: ClipMemory.Sighting?)

    /// The very picture where others of a group show it; else the one that was followed; else the key frame, which is better
    /// coded, and then the one that is most alike.
    ///
    /// - Parameter others: Asked for where the key frame shows something else.
    static func choice(
        for thumbnail: [Float], key: ClipMemory.Sighting, followed: ClipMemory.Sighting?,
        others: () -> [ClipMemory.Sighting]
    ) -> Choice {
        let close = Self.close * Float(thumbnail.count)
        let distance = key.distance(to: thumbnail)
        guard distance > close else { return (key, nil) }
        let nearest = others().map { ($0, $0.distance(to: thumbnail)) }.min { $0.1 < $1.1 }
        guard let nearest else { return (followed ?? key, nil) }
        if nearest.1 < min(close, Self.nearer * distance) { return (nearest.0, nil) }
        if let followed { return (followed, nil) }
        return (key, nearest.1 < Self.worthTrying * distance ? nearest.0 : nil)
    }

    /// The frames of a group; of one that cannot be read, the key frame that is kept.
    private func frames(of position: Int) -> [ClipMemory.Sighting] {
        if let known = groups.first(where: { $0.position == position }) { return known.frames }
        // On one thread: others would wait for the decoder again and again, and waiting takes their time.
        let read = reader.flatMap { try? memory.frames(of: position, from: $0, threads: 1) }
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

    private func likelyError(of sighting: ClipMemory.Sighting) -> Float {
        if let known, known.timestamp == sighting.timestamp { return known.error }
        let error = Self.likelyError(sighting.damage(threads: threads))
        known = (sighting.timestamp, error)
        return error
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
        if let observed {
            observe?(
                RecallTrial(
                    timestamp: observed.timestamp, features: observed.features,
                    restored: restored, recalled: recalled, packing: packing))
        }
        let (height, width) = (restored.shape[1], restored.shape[2])
        restored.withUnsafeMutableBufferPointer { packets in
            recalled.withUnsafeBufferPointer { others in
                weights.values.withUnsafeBufferPointer {
                    percept_recall_blend(
                        others.baseAddress!, $0.baseAddress!, Int32(width),
                        Int32(height), packets.baseAddress!, Int32(threads))
                }
            }
        }
        let result = Plane(
            width: luma.width, height: luma.height, bytesPerSample: luma.bytesPerSample)
        restored.withUnsafeBufferPointer {
            packing.add(
                $0.baseAddress!, channel: 0, as: .luma, to: luma, depth: depth, into: result,
                resultDepth: depth, strength: strength, threads: threads)
        }
        return result
    }
}

extension PreparedFrame {
    /// As ``ClipMemory`` keeps them.
    fileprivate var thumbnail: [Float] {
        pyramid.thumbnail(columns: ClipMemory.columns, rows: ClipMemory.rows)
    }
}
