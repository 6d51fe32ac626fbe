// Which frames of a video are looked at.

/// How frames of a video are chosen.
public enum FrameChoice: Sendable, Hashable {
    /// About two a second.
    case automatic
    /// The first of every so many.
    case every(Int)
    /// Those that the encoder made decodable by themselves.
    case keyFrames

    /// How many frames there are to each that is looked at.
    ///
    /// - Parameter rate: Frames a second; 0 where nobody knows.
    func step(rate: Double) -> Int {
        switch self {
        case .automatic: rate > 0 ? max(1, Int((rate / 2).rounded())) : 12
        case .every(let count): count
        case .keyFrames: 1
        }
    }
}
