// Three successive frames, aligned: what the network sees of one of them.
import Media
import Motion
import Tensors
import Wavelets

/// Motion of a frame to its neighbours; nil where there is none, or a cut lies between.
struct NeighbourMotion {
    var previous: Flow?
    var next: Flow?
}

/// Fills the network's input from a frame and its neighbours.
///
/// Training and inference both go through here, so that they cannot differ.
final class WindowPacker {
    let packing: PlanePacking
    private let estimator: MotionEstimator
    private let cuts = SceneCut()
    private let threads: Int

    /// A packer for frames of the given luma size into buffers of `layout`.
    init(
        width: Int, height: Int, layout: PacketLayout, normalisation: PacketNormalisation,
        threads: Int
    ) {
        packing = PlanePacking(layout: layout, statistics: normalisation.input)
        estimator = MotionEstimator(width: width, height: height)
        self.threads = threads
    }

    /// Motion from `current` to its neighbours, never across a cut.
    func motion(
        previous: PreparedFrame?, current: PreparedFrame, next: PreparedFrame?,
        seeds: NeighbourMotion = NeighbourMotion()
    ) -> NeighbourMotion {
        NeighbourMotion(
            previous: flow(current, previous, seed: seeds.previous),
            next: flow(current, next, seed: seeds.next))
    }

    private func flow(
        _ current: PreparedFrame, _ neighbour: PreparedFrame?, seed: Flow?
    ) -> Flow? {
        guard let neighbour else { return nil }
        let flow = estimator.estimate(
            from: current.pyramid, to: neighbour.pyramid, seed: seed, threads: threads)
        return cuts(current: current.pyramid, previous: neighbour.pyramid, flow: flow) ? nil : flow
    }

    /// Writes the network's input for `current` to `base`.
    func pack(
        previous: PreparedFrame?, current: PreparedFrame, next: PreparedFrame?,
        motion: NeighbourMotion, into base: UnsafeMutableRawPointer
    ) {
        let luma = current.planes[0]
        func aligned(_ neighbour: PreparedFrame?, _ flow: Flow?) -> PacketSource {
            guard let neighbour, let flow else { return .luma(luma) }
            return .warpedLuma(neighbour.planes[0], x: flow.x, y: flow.y)
        }
        func chroma(_ index: Int) -> PacketSource {
            current.sampling == .gray
                ? .constant(128) : .chroma(current.planes[index], current.sampling)
        }
        packing.pack(
            [
                (.luma(luma), NetworkChannels.luma),
                (chroma(1), NetworkChannels.u), (chroma(2), NetworkChannels.v),
                (aligned(previous, motion.previous), NetworkChannels.previous),
                (aligned(next, motion.next), NetworkChannels.next),
                (.map(current.damage.worse), NetworkChannels.damage),
                (.map(current.damage.blind), NetworkChannels.damage + 1),
            ], depth: current.depth, into: base, threads: threads)
    }
}
