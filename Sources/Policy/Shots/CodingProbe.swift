// What a shot takes to encode, tried: how many bits pictures need shows before anything is done with them.
import Glibc
import Media
import Quality

/// Encodes the first frames of a shot at two qualities of x264.
///
/// What is done with a shot changes the bits that it needs by some percent, what it shows by a hundred times: so bits are
/// tried, and only the difference that a model makes is foreseen. The coarser try is kept: what a model gives back of
/// it foresees what it gives back of the shot.
struct CodingProbe {
    /// Frames that are encoded, from the beginning of a shot.
    static let frames = 10
    /// The qualities, as CRF.
    static let qualities = [18.0, 29]

    /// For each quality, bits for a luma pixel. The first frame counts only where there is no other: it is a key frame, of
    /// which a longer shot has few.
    let bits: [Double]
    /// The same of the first frame alone.
    let key: [Double]
    /// The frames as the coarser quality has them; nil where there is no room for a moment's file.
    let coarse: [Frame]?

    /// Tries; nil where x264 is not there, or does not take such samples.
    ///
    /// - Parameter frames: The first ones of a shot, one at least.
    /// - Throws: `MediaError`.
    init?(_ frames: [Frame]) throws {
        let frames = Array(frames.prefix(Self.frames))
        guard let first = frames.first else { preconditionFailure("no frames") }
        var video = VideoDescription(frame: first, frameRate: Rational(25, 1))
        video.fieldOrder = .progressive
        func bits(_ sizes: [Int]) -> Double {
            let counted = sizes.dropFirst(sizes.count > 1 ? 1 : 0)
            return 8 * Double(counted.reduce(0, +))
                / Double(max(counted.count, 1) * first.width * first.height)
        }
        func tried(_ quality: Double) throws -> [Int] {
            let trial = try EncodingTrial(
                path: "shot.mkv", video: video, settings: Self.settings, crf: quality)
            for frame in frames { try trial.write(frame) }
            return try trial.finish()
        }
        do {
            let fine = try tried(Self.qualities[0])
            coarse = Self.coded(frames, video, Self.qualities[1])
            let sizes = try coarse?.map { $0.codedBytes ?? 0 } ?? tried(Self.qualities[1])
            self.bits = [bits(fine), bits(sizes)]
            key = [bits([fine[0]]), bits([sizes[0]])]
        } catch is OutputError {
            return nil
        }
    }

    private static let settings = EncoderSettings(encoder: "libx264", threads: 1)

    /// Frames as they come out of x264; nil where they cannot be written for a moment.
    private static func coded(
        _ frames: [Frame], _ video: VideoDescription, _ quality: Double
    ) -> [Frame]? {
        do {
            let scratch = try ScratchFolder()
            let path = "\(scratch.path)/shot.mkv"
            var settings = settings
            settings.crf = quality
            let writer = try VideoWriter(
                path: path, video: video, settings: settings, overwrite: .replace)
            for frame in frames { try writer.write(frame) }
            try writer.finish()
            let reader = try VideoReader(path: path, options: ReadOptions(threads: 1))
            var coded: [Frame] = []
            while let frame = try reader.next() { coded.append(frame) }
            return coded.count == frames.count ? coded : nil
        } catch {
            return nil
        }
    }

    /// What the error and the gain may be where nothing is tried.
    static let guessedRecovery = [4.0, 0.2]

    /// What they may be where nothing is tried: those of the file, as if its quality were a usual one, less by half for six
    /// steps of CRF.
    ///
    /// - Parameter density: Bits for a pixel that the file has.
    static func guess(_ density: Double) -> [Double] {
        qualities.map { density * exp2((23 - $0) / 6) }
    }
}
