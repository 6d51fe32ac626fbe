// mwgan enhance in parts: long videos whose finished parts outlive whatever stops the work.
import Batch
import Enhancement
import Media
import Terminal

/// When a video is worked in parts: `auto`, `off`, or every so many seconds of video.
enum PartLength: Equatable, CustomStringConvertible {
    case automatic, off
    case seconds(Double)

    init?(_ text: String) {
        switch text {
        case "auto": self = .automatic
        case "off": self = .off
        default:
            guard let value = Double(text), value.isFinite, value > 0 else { return nil }
            self = .seconds(value)
        }
    }

    var description: String {
        switch self {
        case .automatic: "auto"
        case .off: "off"
        case .seconds(let value): fixed(value, decimals: 1)
        }
    }

    /// Work that is done in one piece, and work of one part, in seconds.
    static let shortWork = 60.0, partWork = 30.0

    /// How many frames a part has at least; nil where the job stays in one piece.
    ///
    /// - Parameter isBegun: Whether parts of it are there already.
    func frames(
        of job: VideoJob, _ model: (any RestorationModel)?, threads: Int, isBegun: Bool
    ) -> Int? {
        guard self != .off, job.canBeSegmented else { return nil }
        if case .seconds(let value) = self {
            return max(1, Int((value * max(1, job.source.frameRate.value)).rounded()))
        }
        let frame = Self.work(job, model, threads: threads)
        guard isBegun || (job.frameCount.map { Double($0) * frame > Self.shortWork } ?? false)
        else { return nil }
        return max(24, Int((Self.partWork / frame).rounded(.up)))
    }

    /// About how many seconds a frame takes: at 50 billion products a second and thread, and what comes beside the
    /// network.
    private static func work(
        _ job: VideoJob, _ model: (any RestorationModel)?, threads: Int
    ) -> Double {
        let pixels = Double(job.source.width * job.source.height)
        let products = Double(model?.executedProducts ?? 0)
        return pixels * (2 * products / 50e9 + 40e-9) / Double(max(1, threads))
    }
}

extension EnhanceCommand {
    static let segment = Option<PartLength>(
        "segment", placeholder: "auto|off|SECONDS", fallback: .automatic, defaultText: "auto",
        expectation: "auto, off or a number of seconds",
        help: "Work long videos in parts of so many seconds, kept in OUT.part/ until all are "
            + "done: the same command goes on after a crash or Ctrl-C. auto: from about a minute "
            + "of work on.",
        group: "Output", completion: .words(["auto", "off"])
    ) { text, _ in PartLength(text) }
    static let keepPartial = Option.flag(
        "keep-partial",
        help: "Work no more: join the parts that are finished, as far as none is missing.",
        group: "Output")
}
