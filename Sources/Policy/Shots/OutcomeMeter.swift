// Tries everything that can be done with a shot, and measures it against the original.
import Enhancement
import Glibc
import Media
import Networks
import Quality
import Terminal

/// Measures what comes of each choice for a shot, at each of a few qualities of the encoder.
public struct OutcomeMeter {
    /// Qualities of x264 that every choice is coded at.
    public static let qualities: [Double] = [14, 18, 23, 29, 36]
    /// Shares of the correction.
    public static let strengths: [Float] = [1, 0.5]
    /// Every how manieth frame deep features are compared of.
    private static let featureStep = 4, firstFeature = 3
    /// Frames of a shot that are tried.
    public static let frameLimit = 10

    private let models: [any RestorationModel]
    private let weights: Parameters?
    private let threads: Int
    private let probe: CorrectionProbe?
    /// Compiled networks of each model.
    private let pools: [NetworkPool]

    /// A meter of these models.
    ///
    /// - Parameter weights: Of the backbone whose features are compared; nil: they are not.
    public init(_ models: [any RestorationModel], features weights: Parameters?, threads: Int) {
        (self.models, self.weights, self.threads) = (models, weights, threads)
        pools = models.map { _ in NetworkPool() }
        probe = (models.first { $0.name == "live" } ?? models.first).map {
            CorrectionProbe($0, options: EnhancementOptions(threads: threads))
        }
    }

    /// All outcomes of a pair's frames.
    ///
    /// - Throws: What reading, enhancing and writing throw; `TrainingDataError` of a pair without frames.
    public func callAsFunction(
        _ pair: TrainingPair, clip: String, set: String
    ) throws -> ShotOutcomes {
        let reader = try VideoReader(path: pair.degraded)
        let degraded = try Self.frames(of: reader, atMost: Self.frameLimit)
        let pristine = try Self.frames(
            of: try VideoReader(path: pair.reference), atMost: Self.frameLimit)
        guard degraded.count == pristine.count, let first = degraded.first else {
            throw TrainingDataError(
                item: pair.name,
                problem: "\(degraded.count) frames, and \(pristine.count) of the original")
        }
        let state = try state(of: degraded, reader)
        // Whatever shape the compressed file says its samples have, the original's counts.
        let shown = pristine[0].upright()
        let distance = try weights.map {
            try DeepFeatureDistance(
                weights: $0, width: shown.width, height: shown.height, threads: threads)
        }
        let scratch = try ScratchFolder()
        var description = VideoDescription(frame: first, frameRate: reader.frameRate)
        description.fieldOrder = .progressive
        let input = try measure(degraded, pristine, distance)
        var outcomes: [Outcome] = []
        func encode(_ frames: [Frame], _ choice: ShotChoice, _ seconds: Double) throws {
            for quality in Self.qualities {
                let path = "\(scratch.path)/shot.mkv"
                let writer = try VideoWriter(
                    path: path, video: description,
                    settings: EncoderSettings(encoder: "libx264", crf: quality, threads: 1),
                    overwrite: .replace)
                for frame in frames { try writer.write(frame) }
                try writer.finish()
                let delivered = try Self.frames(of: try VideoReader(path: path))
                let figures = try measure(delivered, pristine, distance)
                // The first frame is a key frame, of which a longer shot has few.
                let counted = delivered.dropFirst(delivered.count > 1 ? 1 : 0)
                let bytes = counted.reduce(0) { $0 + ($1.codedBytes ?? 0) }
                outcomes.append(
                    Outcome(
                        choice: choice, quality: quality, nearness: figures,
                        bits: 8 * Double(bytes)
                            / Double(counted.count * first.width * first.height),
                        seconds: seconds))
            }
        }
        try encode(degraded, .skip, 0)
        for (model, pool) in zip(models, pools) {
            for balance in model.isBalanced ? [Balance.fixed(0), .automatic] : [.fixed(0)] {
                let (frames, seconds) = try enhanced(
                    degraded, model, pool, balance, reader.bitsPerPixel)
                for strength in Self.strengths {
                    try encode(
                        strength == 1
                            ? frames
                            : zip(degraded, frames).map { $0.mixed(with: $1, share: strength) },
                        ShotChoice(model: model.name, strength: strength, balance: balance),
                        seconds)
                }
            }
        }
        return ShotOutcomes(
            name: pair.name, clip: clip, set: set,
            state: state, input: input,
            outcomes: outcomes)
    }

    /// What is known of a pair's frames without the original.
    ///
    /// - Throws: What reading and enhancing throw.
    public func state(of pair: TrainingPair) throws -> ShotState {
        let reader = try VideoReader(path: pair.degraded)
        return try state(of: Self.frames(of: reader, atMost: Self.frameLimit), reader)
    }

    private func state(of frames: [Frame], _ reader: VideoReader) throws -> ShotState {
        var observer = ShotObserver(probe, codec: reader.codec)
        for frame in frames { observer.add(frame, threads: threads) }
        guard let state = try observer.state(bitsPerPixel: reader.bitsPerPixel) else {
            throw MediaError.noFrames(path: reader.source.path)
        }
        return state
    }

    private static func frames(
        of reader: VideoReader, atMost limit: Int = .max
    ) throws -> [Frame] {
        var frames: [Frame] = []
        while frames.count < limit, let frame = try reader.next() { frames.append(frame) }
        return frames
    }

    /// Frames as a model makes them, and seconds of a core for a pixel.
    private func enhanced(
        _ frames: [Frame], _ model: any RestorationModel, _ pool: NetworkPool, _ balance: Balance,
        _ bits: Double?
    ) throws -> ([Frame], Double) {
        var options = EnhancementOptions(
            precision: model.automaticPrecision(at: balance), threads: threads)
        (options.balance, options.bitsPerPixel, options.pool) = (balance, bits, pool)
        let stage = try model.stage(
            width: frames[0].width, height: frames[0].height, options: options)
        let start = processorSeconds()
        var results: [Frame] = []
        for frame in frames { results += try stage.push(frame) }
        results += try stage.flush()
        let pixels = frames.count * frames[0].width * frames[0].height
        return (results, (processorSeconds() - start) / Double(pixels))
    }

    /// Mean PSNR of luma, and mean distance of deep features of a few frames.
    private func measure(
        _ frames: [Frame], _ pristine: [Frame], _ distance: DeepFeatureDistance?
    ) throws -> Nearness {
        var psnr = MeanPSNR()
        var features = 0.0, count = 0
        for (index, (frame, original)) in zip(frames, pristine).enumerated() {
            try psnr.add(reference: original, test: frame, threads: threads, path: "the original")
            let isLooked =
                index % Self.featureStep == Self.firstFeature || frames.count <= Self.firstFeature
            if let distance, isLooked {
                features += try distance(
                    original.upright(), frame.shown(like: original).upright())
                count += 1
            }
        }
        return Nearness(
            psnr: psnr.means[0], distance: count > 0 ? features / Double(count) : nil)
    }
}

extension Frame {
    /// These samples moved a share of the way to those of another frame of the same kind.
    func mixed(with other: Frame, share: Float) -> Frame {
        replacingPlanes(
            zip(planes, other.planes).map { a, b in
                let result = Plane(
                    width: a.width, height: a.height, bytesPerSample: a.bytesPerSample)
                for y in 0..<a.height {
                    for x in 0..<a.width {
                        let (from, to) = (Float(a[x, y]), Float(b[x, y]))
                        result.store(Int((from + share * (to - from)).rounded()), x, y)
                    }
                }
                return result
            })
    }
}
