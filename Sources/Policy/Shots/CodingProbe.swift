// What a shot takes to encode, tried: how many bits pictures need shows before anything is done with them.
import Glibc
import Media

/// Encodes the first frames of a shot at two qualities of x264.
///
/// What is done with a shot changes the bits that it needs by some percent, what it shows by a hundred times: so bits are
/// tried, and only the difference that a model makes is foreseen.
enum CodingProbe {
    /// Frames that are encoded, from the beginning of a shot.
    static let frames = 10
    /// The qualities, as CRF.
    static let qualities = [18.0, 29]

    /// For each quality, bits for a luma pixel; nil where x264 is not there, or does not take such samples. The first frame counts
    /// only where there is no other: it is a key frame, of which a longer shot has few.
    ///
    /// - Parameter frames: The first ones of a shot, one at least.
    /// - Throws: `MediaError`.
    static func bits(of frames: [Frame]) throws -> [Double]? {
        let frames = Array(frames.prefix(Self.frames))
        guard let first = frames.first else { preconditionFailure("no frames") }
        var video = VideoDescription(frame: first, frameRate: Rational(25, 1))
        video.fieldOrder = .progressive
        let settings = EncoderSettings(encoder: "libx264", threads: 1)
        do {
            return try qualities.map { quality in
                let trial = try EncodingTrial(
                    path: "shot.mkv", video: video, settings: settings, crf: quality)
                for frame in frames { try trial.write(frame) }
                let sizes = try trial.finish()
                let counted = sizes.dropFirst(sizes.count > 1 ? 1 : 0)
                return 8 * Double(counted.reduce(0, +))
                    / Double(max(counted.count, 1) * first.width * first.height)
            }
        } catch is OutputError {
            return nil
        }
    }

    /// What they may be where nothing is tried: those of the file, as if its quality were a usual one, less by half for six
    /// steps of CRF.
    ///
    /// - Parameter density: Bits for a pixel that the file has.
    static func guess(_ density: Double) -> [Double] {
        qualities.map { density * exp2((23 - $0) / 6) }
    }
}
