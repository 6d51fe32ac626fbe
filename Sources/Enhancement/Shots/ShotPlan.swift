// What is done with a video, shot by shot.

/// The choices for the shots of a video, in order of time.
public struct ShotPlan: Sendable, Hashable {
    /// A shot, up to where the next begins.
    public struct Shot: Sendable, Hashable {
        /// When it begins, in seconds from the file's first timestamp.
        public var start: Double
        /// What is done with it.
        public var choice: ShotChoice

        /// A shot from `start` on.
        public init(start: Double, choice: ShotChoice) {
            (self.start, self.choice) = (start, choice)
        }
    }

    /// The shots; the first also holds for what comes before it.
    public let shots: [Shot]

    /// A plan of at least one shot; nil where they do not follow one another.
    public init?(_ shots: [Shot]) {
        guard !shots.isEmpty, shots.allSatisfy(\.start.isFinite),
            zip(shots, shots.dropFirst()).allSatisfy({ $0.start < $1.start })
        else { return nil }
        self.shots = shots
    }

    /// Frames are shown at times that are rounded to the file's unit.
    private static let tolerance = 0.0005

    /// What is done with a frame that is shown at so many seconds from the file's first timestamp.
    public func choice(at seconds: Double) -> ShotChoice {
        var (low, high) = (0, shots.count)
        while low < high {
            let middle = (low + high) / 2
            if shots[middle].start <= seconds + Self.tolerance {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return shots[max(0, low - 1)].choice
    }

    /// The models that are wanted, by name.
    public var models: Set<String> {
        Set(shots.compactMap { $0.choice.strength > 0 ? $0.choice.model : nil })
    }

    /// Whether some shots are coded coarser than others.
    public var variesQuality: Bool { shots.contains { $0.choice.coarser != 0 } }
}
