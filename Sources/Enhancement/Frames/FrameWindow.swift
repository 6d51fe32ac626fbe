// A frame among its neighbours, aligned: what the network sees of it.
import Media
import Motion
import Tensors
import Wavelets

/// A frame and those around it, as far as there are any.
struct FrameWindow {
    private let frames: ArraySlice<PreparedFrame>
    private let centre: Int

    /// The frame at index `centre` of successive frames.
    init(_ frames: [PreparedFrame], centre: Int) {
        self.frames = frames[...]
        self.centre = centre
    }

    /// The frame that the window is about.
    var current: PreparedFrame { frames[centre] }

    /// The frame so many later, or earlier where negative; nil beyond the ends.
    subscript(distance: Int) -> PreparedFrame? {
        frames.indices.contains(centre + distance) ? frames[centre + distance] : nil
    }
}

/// Motion of a frame to each neighbour that the network sees, in the order of
/// ``NetworkChannels/neighbours(frames:)``; nil where there is none, or a cut lies between.
typealias NeighbourMotion = [Flow?]

/// Fills the network's input from a frame and its neighbours.
///
/// Training and inference both go through here, so that they cannot differ.
final class WindowPacker {
    let packing: PlanePacking
    private let neighbours: [(distance: Int, channel: Int)]
    private let estimator: MotionEstimator
    private let cuts = SceneCut()
    private let threads: Int
    private let isAligned: Bool

    /// A packer of windows of `frames` frames of the given luma size into buffers of `layout`.
    ///
    /// - Parameter isAligned: Whether neighbours are warped to the frame; else motion only tells cuts.
    init(
        frames: Int, width: Int, height: Int, layout: PacketLayout,
        normalisation: PacketNormalisation, isAligned: Bool, threads: Int
    ) {
        self.isAligned = isAligned
        neighbours = NetworkChannels.neighbours(frames: frames)
        packing = PlanePacking(
            layout: layout, statistics: normalisation.input(frames: frames))
        estimator = MotionEstimator(width: width, height: height)
        self.threads = threads
    }

    /// Motion from the current frame to its neighbours, never across a cut.
    ///
    /// - Parameter seeds: The motion that the frame before had, to start the search from.
    func motion(in window: FrameWindow, seeds: NeighbourMotion = []) -> NeighbourMotion {
        neighbours.enumerated().map { index, neighbour in
            guard let frame = window[neighbour.distance] else { return nil }
            let current = window.current
            let flow = estimator.estimate(
                from: current.pyramid, to: frame.pyramid,
                seed: seeds.isEmpty ? nil : seeds[index], threads: threads)
            return cuts(current: current.pyramid, previous: frame.pyramid, flow: flow) ? nil : flow
        }
    }

    /// Writes the network's input for the current frame to `base`.
    func pack(
        _ window: FrameWindow, motion: NeighbourMotion, into base: UnsafeMutableRawPointer
    ) {
        let current = window.current
        let luma = current.planes[0]
        func chroma(_ index: Int) -> PacketSource {
            current.sampling == .gray
                ? .constant(128) : .chroma(current.planes[index], current.sampling)
        }
        var sources: [(PacketSource, Int)] = [
            (.luma(luma), NetworkChannels.luma),
            (chroma(1), NetworkChannels.u), (chroma(2), NetworkChannels.v),
            (.map(current.damage.worse), NetworkChannels.damage),
            (.map(current.damage.blind), NetworkChannels.damage + 1),
        ]
        for (index, neighbour) in neighbours.enumerated() {
            // The frame itself stands in for a neighbour that it does not have.
            let seen = motion[index].flatMap { flow in
                window[neighbour.distance].map { (frame: $0, flow: flow) }
            }
            let aligned = seen.map {
                isAligned
                    ? PacketSource.warpedLuma($0.frame.planes[0], x: $0.flow.x, y: $0.flow.y)
                    : .luma($0.frame.planes[0])
            }
            sources.append((aligned ?? .luma(luma), neighbour.channel))
            if neighbours.count > 2 {
                let damage = (seen?.frame ?? current).damage.worse
                sources.append((.map(damage), NetworkChannels.neighbourDamage + index))
            }
        }
        packing.pack(sources, depth: current.depth, into: base, threads: threads)
    }
}
