// What happens in a video, from when to when.

/// Somebody does something for a while.
public struct InteractionEvent: Sendable, Hashable {
    /// What is done.
    public var triplet: Triplet
    /// Seconds from the start of the video.
    public var start: Double, end: Double
    /// The best score of it.
    public var score: Double
    /// How many people do it at once, at most.
    public var people: Int
    /// Frames that show it.
    public var frames: Int
}

/// Merges what neighbouring frames of a video show.
struct EventMerger {
    private struct Open {
        var event: InteractionEvent
        /// The last frame that showed it.
        var last: Int
    }

    /// Times of the frames that were looked at.
    private var times: [Double] = []
    private var open: [Triplet: Open] = [:]
    private var closed: [InteractionEvent] = []
    /// An event goes on where so many frames in between do not show it.
    private static let gap = 1

    /// Adds what a frame shows, in order of time.
    mutating func add(_ findings: [Finding], at time: Double) {
        let index = times.count
        times.append(time)
        for (triplet, all) in Dictionary(grouping: findings, by: \.triplet) {
            let people = Set(all.map(\.human)).count
            let score = all.map(\.score).max()!
            if var known = open[triplet], index - known.last <= Self.gap + 1 {
                known.last = index
                known.event.score = max(known.event.score, score)
                known.event.people = max(known.event.people, people)
                known.event.frames += 1
                open[triplet] = known
                continue
            }
            close(triplet)
            open[triplet] = Open(
                event: InteractionEvent(
                    triplet: triplet, start: time, end: time, score: score, people: people,
                    frames: 1), last: index)
        }
    }

    private mutating func close(_ triplet: Triplet, end: Double? = nil) {
        guard var known = open.removeValue(forKey: triplet) else { return }
        // What one frame shows lasts until the next one.
        let next = known.last + 1
        let step = times.count > 1 ? (times.last! - times[0]) / Double(times.count - 1) : 0
        known.event.end =
            next < times.count ? times[next] : end ?? times[known.last] + step
        closed.append(known.event)
    }

    /// All events by their start.
    ///
    /// - Parameter end: Where the video ends, in seconds; nil where nobody knows.
    mutating func finish(at end: Double? = nil) -> [InteractionEvent] {
        for triplet in open.keys { close(triplet, end: end) }
        return closed.sorted { ($0.start, $0.triplet.phrase) < ($1.start, $1.triplet.phrase) }
    }
}
