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

/// A neighbour that the network sees: how many frames away, and the motion to it.
struct Neighbour {
    let distance: Int, flow: Flow
}

/// The neighbours of a frame in the order of ``NetworkChannels/neighbours(frames:)``; nil where there is
/// none, or a cut lies between.
typealias NeighbourMotion = [Neighbour?]

/// Fills the network's input from a frame and its neighbours.
///
/// Training and inference both go through here, so that they cannot differ.
final class WindowPacker {
    let packing: PlanePacking
    private let surroundings: Surroundings
    private let estimator: MotionEstimator
    private let cuts = SceneCut()
    private let threads: Int

    /// A packer of frames of the given luma size, with what surrounds them, into buffers of `layout`.
    init(
        _ surroundings: Surroundings, width: Int, height: Int, layout: PacketLayout,
        normalisation: PacketNormalisation, threads: Int
    ) {
        self.surroundings = surroundings
        packing = PlanePacking(
            layout: layout, statistics: normalisation.input(surroundings))
        estimator = MotionEstimator(width: width, height: height)
        self.threads = threads
    }

    /// Motion from the current frame to its neighbours, never across a cut.
    ///
    /// - Parameter seeds: The motion that the frame before had, to start the search from.
    func motion(in window: FrameWindow, seeds: NeighbourMotion = []) -> NeighbourMotion {
        let candidates = surroundings.candidates { window[$0]?.frame.quantisers?.meanLumaStep }
        return candidates.enumerated().map { index, neighbour in
            // Where the best lies beyond a cut, the nearest may not.
            for distance in neighbour.distances {
                guard let frame = window[distance] else { continue }
                let current = window.current
                let seed = seeds.isEmpty ? nil : seeds[index]
                let flow = estimator.estimate(
                    from: current.pyramid, to: frame.pyramid,
                    seed: seed?.distance == distance ? seed?.flow : nil, threads: threads)
                if !cuts(current: current.pyramid, previous: frame.pyramid, flow: flow) {
                    return Neighbour(distance: distance, flow: flow)
                }
            }
            return nil
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
        let channels = NetworkChannels.neighbours(frames: surroundings.frames)
        for (index, neighbour) in channels.enumerated() {
            // The frame itself stands in for a neighbour that it does not have.
            let seen = motion[index].flatMap { neighbour in
                window[neighbour.distance].map { (frame: $0, flow: neighbour.flow) }
            }
            let packets = seen.map {
                surroundings.alignment == .pixels
                    ? PacketSource.warpedLuma($0.frame.planes[0], x: $0.flow.x, y: $0.flow.y)
                    : .luma($0.frame.planes[0])
            }
            sources.append((packets ?? .luma(luma), neighbour.channel))
            if surroundings.alignment == .features, let flow = seen?.flow {
                let channel = NetworkChannels.motion(
                    toNeighbour: index, frames: surroundings.frames)
                sources += [(.map(flow.x), channel), (.map(flow.y), channel + 1)]
            }
            if channels.count > 2 {
                let damage = (seen?.frame ?? current).damage.worse
                sources.append((.map(damage), NetworkChannels.neighbourDamage + index))
            }
        }
        packing.pack(sources, depth: current.depth, into: base, threads: threads)
    }
}
