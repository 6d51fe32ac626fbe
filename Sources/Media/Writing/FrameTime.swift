// When a frame is shown, apart from what it shows.

/// Time and duration of a frame, in units of a time base.
public struct FrameTime: Sendable, Hashable {
    /// When it is shown, and for how long; 0 where that is unknown.
    public var timestamp: Int64, duration: Int64
    /// The unit in seconds.
    public var timeBase: Rational

    /// A time in units of `timeBase`.
    public init(timestamp: Int64, duration: Int64, timeBase: Rational) {
        self.timestamp = timestamp
        self.duration = duration
        self.timeBase = timeBase
    }

    /// When `frame` is shown.
    public init(_ frame: Frame) {
        self.init(
            timestamp: frame.timestamp, duration: frame.duration, timeBase: frame.timeBase)
    }
}
