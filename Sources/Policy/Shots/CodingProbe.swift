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
    /// The frames as the coarser quality has them.
    let coarse: [Frame]

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
        do {
            let trial = try EncodingTrial(
                path: "shot.mkv", video: video,
                settings: EncoderSettings(encoder: "libx264", threads: 1), crf: Self.qualities[0])
            for frame in frames { try trial.write(frame) }
            let fine = try trial.finish()
            let scratch = try ScratchFolder()
            let path = "\(scratch.path)/shot.mkv"
            let writer = try VideoWriter(
                path: path, video: video,
                settings: EncoderSettings(
                    encoder: "libx264", crf: Self.qualities[1], threads: 1), overwrite: .replace)
            for frame in frames { try writer.write(frame) }
            try writer.finish()
            let reader = try VideoReader(path: path, options: ReadOptions(threads: 1))
            var coarse: [Frame] = []
            while let frame = try reader.next() { coarse.append(frame) }
            guard coarse.count == frames.count else { return nil }
            self.bits = [bits(fine), bits(coarse.map { $0.codedBytes ?? 0 })]
            self.coarse = coarse
        } catch is OutputError {
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
