// What else people use against compression: filters of FFmpeg, run as a person would run them.
import Media
import Quality

/// A filter of the ffmpeg program with its settings.
public struct FilterPeer: Sendable, Hashable {
    /// The filter's name, and the whole text for `-vf`.
    public let name: String, setting: String

    /// Whether the ffmpeg program is on PATH.
    public static var isAvailable: Bool { ExternalProgram.isAvailable("ffmpeg") }

    /// The filters that restore compressed video, or pretend to, each with the settings that are tried.
    public static let grids: [(name: String, settings: [String])] = [
        (
            "deblock",
            [0.05, 0.1, 0.2].flatMap { strength in
                [4, 8].map {
                    "deblock=filter=strong:block=\($0):alpha=\(strength):beta=\(strength / 2)"
                }
            }
        ),
        ("pp7", [2, 4, 8, 16].map { "pp7=qp=\($0):mode=medium" }),
        ("spp", [2, 4, 8, 16].map { "spp=quality=4:qp=\($0)" }),
        ("uspp", [2, 4, 8, 16].map { "uspp=quality=3:qp=\($0)" }),
        ("hqdn3d", ["0.5", "1", "2", "4"].map { "hqdn3d=\($0)" }),
        ("nlmeans", ["1", "1.5", "2", "3"].map { "nlmeans=s=\($0):p=5:r=9" }),
        ("unsharp", ["0.1", "0.2", "0.5", "1"].map { "unsharp=5:5:\($0)" }),
    ]

    /// A filter of the given name and text.
    public init(name: String, setting: String) {
        self.name = name
        self.setting = setting
    }

    /// The setting that gains most luma PSNR on pairs that are used for nothing else.
    ///
    /// - Parameters:
    ///   - frames: Frames of each pair that are looked at.
    ///   - observe: Called after each trial.
    /// - Returns: The filter, and its mean gain in decibels; nil where no setting runs.
    public static func best(
        _ name: String, of settings: [String], on pairs: [TrainingPair], frames: Int, threads: Int,
        observe: () -> Void = {}
    ) -> (filter: FilterPeer, gain: Double)? {
        var best: (filter: FilterPeer, gain: Double)?
        for setting in settings {
            let filter = FilterPeer(name: name, setting: setting)
            var evaluation = PairEvaluation(
                nil, options: EnhancementOptions(threads: threads))
            evaluation.filter = filter
            evaluation.frameLimit = frames
            let gains = pairs.compactMap { try? evaluation($0).gain.first }
            observe()
            guard gains.count == pairs.count, !gains.isEmpty else { continue }
            let mean = gains.reduce(0, +) / Double(gains.count)
            if mean > best?.gain ?? -.infinity { best = (filter, mean) }
        }
        return best
    }

    /// The filtered frames of a clip in place of the frames that come in.
    ///
    /// - Parameter frames: How many are wanted; nil: all.
    /// - Throws: ``TrainingDataError`` where ffmpeg fails, `MediaError` of what it wrote.
    func stage(on clip: String, frames: Int?) throws -> any FrameStage {
        try FilteredFrames(self, clip, frames)
    }
}

/// Hands out the frames of a clip that ffmpeg filtered, one for each that comes in.
private final class FilteredFrames: FrameStage {
    let times = EnhancementTimes()
    let repeatedCount = 0
    private let folder: ScratchFolder, path: String
    private let reader: VideoReader

    init(_ filter: FilterPeer, _ clip: String, _ frames: Int?) throws {
        folder = try ScratchFolder()
        // Raw, for lossless encoders want limited range and make ffmpeg change the samples of JPEG.
        path = folder.path + "/filtered.nut"
        let limit = frames.map { ["-frames:v", "\($0)"] } ?? []
        let words =
            ["ffmpeg", "-v", "error", "-nostdin", "-i", "file:" + clip, "-an", "-sn", "-vf"]
            + [filter.setting, "-fps_mode", "passthrough"] + limit + ["-c:v", "rawvideo", path]
        guard ExternalProgram.output(of: words) != nil else {
            throw TrainingDataError(item: clip, problem: "ffmpeg failed at -vf \(filter.setting)")
        }
        reader = try VideoReader(path: path)
    }

    func push(_ frame: Frame) throws -> [Frame] {
        guard let filtered = try reader.next() else {
            throw TrainingDataError(item: path, problem: "ffmpeg wrote fewer frames than it read")
        }
        guard filtered.format.sampling == frame.format.sampling,
            filtered.format.depth == frame.format.depth
        else { throw TrainingDataError(item: path, problem: "the filter changes the format") }
        return [filtered.atTime(of: frame)]
    }

    func flush() -> [Frame] { [] }
}
