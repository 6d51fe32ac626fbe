// What a generator sees around a frame: how many neighbours, and which.

/// Which frames stand beside the one that is enhanced.
public enum NeighbourChoice: String, Sendable, CaseIterable {
    /// The nearest on either side.
    case nearest
    /// Those that were quantised least among the nearest four on either side; with five frames, the
    /// nearest and beside them the best of the three behind it.
    case best
}

/// How neighbours get to where the frame has what they show.
public enum NeighbourAlignment: Sendable, Hashable {
    /// Their samples are moved before packets are taken.
    case pixels
    /// They come as they are, the motion beside them: the network moves what it makes of them.
    case features
    /// They come as they are; motion only tells cuts.
    case none
}

/// The neighbours of a generator.
public struct Surroundings: Sendable, Hashable {
    /// Frames that it sees, its own included: 3 or 5.
    public var frames = 3
    /// Which neighbours it sees.
    public var choice = NeighbourChoice.nearest
    /// What moves them to where the frame has them.
    public var alignment = NeighbourAlignment.pixels

    /// The nearest of `frames` frames, aligned.
    public init(frames: Int = 3) { self.frames = frames }

    /// Channels of a network's input.
    public var inputs: Int {
        // Motion takes a block of 16 of its own.
        NetworkChannels.inputs(frames: frames) + (alignment == .features ? 16 : 0)
    }

    /// How many frames back and ahead it may look.
    public var radius: Int { choice == .best ? Self.largestRadius : frames / 2 }

    /// Frames on either side that any generator looks at.
    public static let largestRadius = 4

    /// How much finer a frame must be quantised to stand in for one that is a frame nearer: motion
    /// is less certain across more frames.
    static let price: Float = 0.1

    /// Where each neighbour is taken from: the channel of its first packet, and distances from the
    /// frame, the one to try first in front.
    ///
    /// - Parameter step: The mean luma step of the frame at a distance; nil where there is no such
    ///   frame or nobody knows.
    func candidates(_ step: (Int) -> Float?) -> [(distances: [Int], channel: Int)] {
        NetworkChannels.neighbours(frames: frames).map { nearest, channel in
            // With five frames the first on either side stay what they are.
            guard choice == .best, abs(nearest) > 1 || frames == 3 else {
                return ([nearest], channel)
            }
            let direction = nearest.signum()
            var found = (distance: nearest, cost: step(nearest) ?? 0)
            if found.cost > 0 {
                for far in abs(nearest) + 1...Self.largestRadius {
                    guard let value = step(direction * far) else { break }
                    let cost = value * (1 + Self.price * Float(far - abs(nearest)))
                    if cost < found.cost { found = (direction * far, cost) }
                }
            }
            return (found.distance == nearest ? [nearest] : [found.distance, nearest], channel)
        }
    }
}
