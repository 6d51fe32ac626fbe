// When a video is worked in parts, and how long those are.
import Enhancement

/// When a video is worked in parts: `auto`, `off`, or every so many seconds of video.
public enum PartLength: Sendable, Hashable, CustomStringConvertible {
    /// From about a minute of work on; parts that are worked in order from ten seconds of video on, if a size was named.
    case automatic
    /// Never.
    case off
    /// Every so many seconds of video.
    case seconds(Double)

    /// What somebody typed; nil for other texts.
    public init?(_ text: String) {
        switch text {
        case "auto": self = .automatic
        case "off": self = .off
        default:
            guard let value = Double(text), value.isFinite, value > 0 else { return nil }
            self = .seconds(value)
        }
    }

    /// As one types it.
    public var description: String {
        switch self {
        case .automatic: "auto"
        case .off: "off"
        case .seconds(let value): value == value.rounded() ? "\(Int(value))" : "\(value)"
        }
    }

    /// Work that is done in one piece, and work of one part, in seconds.
    static let shortWork = 60.0, partWork = 30.0
    /// Seconds of video from which on a named size is kept by parts, of which there are then so many at least: what one
    /// takes too much or too little the next ones make up for, where one encoder would have to be held back.
    static let shortVideo = 10.0, partCount = 12

    /// How many frames a part has at least; nil where the job stays in one piece.
    ///
    /// - Parameters:
    ///   - isOrdered: Whether each is worked after those before it.
    ///   - isBegun: Whether parts of it are there already.
    public func frames(
        of job: VideoJob, _ model: (any RestorationModel)?, threads: Int, isOrdered: Bool = false,
        isBegun: Bool
    ) -> Int? {
        guard self != .off, job.canBeSegmented else { return nil }
        if case .seconds(let value) = self {
            return max(1, Int((value * max(1, job.source.frameRate.value)).rounded()))
        }
        let frame = WorkEstimate.secondsOfFrame(
            width: job.source.width, height: job.source.height, model, threads: threads)
        let work = Int((Self.partWork / frame).rounded(.up))
        let keepsSize =
            isOrdered && job.request.encoding.size.isNamed
            && job.duration.map { $0 >= Self.shortVideo } ?? false
        guard
            isBegun || keepsSize
                || (job.frameCount.map { Double($0) * frame > Self.shortWork } ?? false)
        else { return nil }
        let most = keepsSize ? (job.frameCount ?? work) / Self.partCount : work
        return max(24, min(work, most))
    }
}
