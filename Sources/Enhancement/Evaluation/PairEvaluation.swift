// A model's gain on pairs of degraded and pristine clips.
import Media
import Quality

/// What a model did to one clip.
public struct PairGain: Sendable {
    /// The pair's name, and frames measured.
    public let name: String, frames: Int
    /// Mean PSNR of Y, U, V before; gain of the enhanced frames, and of the delivered file.
    public let before: [Double], gain: [Double], delivered: [Double]?
    /// Video bits of the delivered file over those of the degraded clip.
    public let bitsRatio: Double?
    /// Mean gain in luma of the worst hundredth of the frames, one at least.
    public let worst: Double
    /// Mean luma step and gain in luma of each frame whose decoder or headers tell quantisers.
    public let steps: [(step: Float, gain: Double)]
    /// What people see, where it was asked for.
    public let seen: SeenGain?
    /// Gain of luma in decibels.
    public var lumaGain: Double? { gain.first }
}

/// What people see of one clip, before and after.
public struct SeenGain: Sendable {
    /// Means over the measured frames.
    public var before = PerceptualFigures(), after = PerceptualFigures()
    /// Finest detail and harm, over the same frames.
    public var detail = DetailFigures(), harm = HarmFigures()
    /// Frames measured.
    public var frames = 0
    /// Similarity of luma and restlessness of all frames, before and after.
    public var structureBefore = StructureFigures(), structureAfter = StructureFigures()
}

/// Means over all frames of a clip; nil where frames are too small or too few.
public struct StructureFigures: Sendable, Hashable {
    /// SSIM and MS-SSIM of luma.
    public var ssim: Double?, multiScale: Double?
    /// Netflix's VMAF.
    public var vmaf: Double?
    /// Change from frame to frame beside the original's, in 8-bit steps: see ``flicker(reference:test:depth:)``.
    public var flicker: Double?

    /// Nothing measured.
    public init() {}

    init(_ comparison: Comparison) {
        let luma = comparison.mean(plane: 0)
        ssim = luma?.ssim
        multiScale = luma?.multiScaleSSIM
        flicker = comparison.meanFlicker
    }
}

/// Measures a model, or a filter of others, on pairs.
public struct PairEvaluation {
    private let model: (any RestorationModel)?
    /// How frames are enhanced.
    public var options: EnhancementOptions
    /// Whether key frames are recalled.
    public var recallsKeyFrames = false
    /// At most so many frames of each clip; nil: all.
    public var frameLimit: Int?
    /// Whether the file that `enhance` writes at default options is measured too.
    public var measuresDelivered = false
    /// What is measured beside PSNR, on every 12th frame; nil: nothing.
    public var measures: PerceptualMeasures?
    /// Where a picture of each pair goes, `NAME.png`: compressed, restored and original side by side;
    /// nil: nowhere.
    public var pictureFolder: String?
    /// What takes the model's place; nil: the model.
    public var filter: FilterPeer?
    /// Called after each frame.
    public var observe: () -> Void = {}

    /// An evaluation of `model`.
    public init(_ model: (any RestorationModel)?, options: EnhancementOptions) {
        self.model = model
        self.options = options
    }

    /// Enhances the degraded clip and measures it against the pristine one.
    ///
    /// - Throws: What reader, enhancer and writer throw; `TrainingDataError` for a pair without frames.
    public func callAsFunction(_ pair: TrainingPair) throws -> PairGain {
        let degraded = try VideoReader(path: pair.degraded)
        let meter = try GainMeter(
            reference: pair.reference, start: nil, end: nil, threads: options.threads)
        var options = options
        options.bitsPerPixel = degraded.bitsPerPixel
        if recallsKeyFrames, model?.recallsKeyFrames == true {
            options.memory = try ClipMemory(path: pair.degraded, threads: options.threads)
        }
        let enhancer: any FrameStage
        if let filter {
            enhancer = try filter.stage(on: pair.degraded, frames: frameLimit)
        } else if let model {
            enhancer = try model.stage(
                width: degraded.width, height: degraded.height, options: options)
        } else {
            preconditionFailure("neither a model nor a filter")
        }
        var originals: [Frame] = []
        let perceptual = measures.map { PerceptualMeter($0) }
        var seen = SeenGain(), index = 0, gains: [Double] = []
        var steps: [(step: Float, gain: Double)] = []
        var before = Comparison(), after = Comparison()
        // Clips that it cannot be given are not measured with it.
        var vmaf = measures?.vmaf.flatMap { try? VMAFMeter($0) }
        var change = LargestChange()
        func measure(_ results: [Frame]) throws {
            for (original, result) in zip(originals, results) {
                let pristine = try meter.add(original: original, enhanced: result)
                if pictureFolder != nil {
                    change.add(
                        original: original, enhanced: result, pristine: pristine,
                        threads: options.threads)
                }
                if let gain = zip(meter.enhanced.last, meter.input.last).map({ $0 - $1 }).first,
                    pristine != nil
                {
                    gains.append(gain)
                    if let step = original.quantisers?.meanLumaStep { steps.append((step, gain)) }
                }
                if perceptual != nil, let pristine,
                    pristine.format.depth == result.format.depth,
                    pristine.format.depth == original.format.depth
                {
                    try before.add(
                        reference: pristine, test: original, threads: options.threads)
                    try after.add(
                        reference: pristine, test: result, threads: options.threads)
                    do {
                        try vmaf?.add(reference: pristine, before: original, after: result)
                    } catch { vmaf = nil }
                }
                if let perceptual, let pristine, index % 12 == 6 {
                    try seen.add(pristine, original, result, perceptual)
                }
                index += 1
                observe()
            }
            originals.removeFirst(results.count)
        }
        var count = 0
        while count < frameLimit ?? .max, let frame = try degraded.next() {
            originals.append(frame)
            count += 1
            try measure(try enhancer.push(frame))
        }
        try measure(try enhancer.flush())
        guard meter.input.frameCount > 0 else {
            throw TrainingDataError(item: pair.name, problem: "no frames")
        }
        let ratio = measuresDelivered && model != nil ? try deliver(pair, meter) : nil
        seen.structureBefore = StructureFigures(before)
        seen.structureAfter = StructureFigures(after)
        let scores = try? vmaf?.finish(threads: options.threads)
        (seen.structureBefore.vmaf, seen.structureAfter.vmaf) = (scores?.before, scores?.after)
        if let pictureFolder { try change.write(to: "\(pictureFolder)/\(pair.name).png") }
        let worst = gains.sorted().prefix(max(1, gains.count / 100))
        return PairGain(
            name: pair.name, frames: meter.input.frameCount, before: meter.input.means,
            gain: meter.gain(of: meter.enhanced),
            delivered: measuresDelivered ? meter.gain(of: meter.delivered) : nil, bitsRatio: ratio,
            worst: worst.reduce(0, +) / Double(max(worst.count, 1)), steps: steps,
            seen: seen.frames > 0 ? seen.mean : nil)
    }

    /// Writes the clip as `enhance` would, measures the file, and returns the ratio of bits.
    private func deliver(_ pair: TrainingPair, _ meter: GainMeter) throws -> Double? {
        let folder = try ScratchFolder()
        let output = folder.path + "/delivered.mkv"
        var request = VideoJobRequest(input: pair.degraded, output: output)
        request.enhancement = options
        request.recallsKeyFrames = recallsKeyFrames
        _ = try VideoJob(request).run(model)
        try meter.measureDelivered(output)
        let (before, after) = (
            try PacketScan(path: pair.degraded), try PacketScan(path: output)
        )
        return before.videoBytes > 0 ? Double(after.videoBytes) / Double(before.videoBytes) : nil
    }
}

extension SeenGain {
    /// Takes in a frame; sums until ``mean``.
    fileprivate mutating func add(
        _ pristine: Frame, _ original: Frame, _ enhanced: Frame, _ meter: PerceptualMeter
    ) throws {
        let picture = pristine.upright()
        let (a, b) = (
            try meter(picture, original.shown(like: pristine).upright()),
            try meter(picture, enhanced.shown(like: pristine).upright())
        )
        (before, after) = frames == 0 ? (a, b) : (before + a, after + b)
        // An output of more bits than the input is compared elsewhere.
        if pristine.format.depth == enhanced.format.depth,
            pristine.format.depth == original.format.depth
        {
            let planes = [pristine, original, enhanced].map { $0.planes[0] }
            detail.add(planes[0], planes[1], planes[2])
            harm.add(planes[0], planes[1], planes[2], depth: pristine.format.depth)
        }
        frames += 1
    }

    /// Means in place of sums.
    fileprivate var mean: SeenGain {
        var result = self
        (result.before, result.after) = (before / Double(frames), after / Double(frames))
        return result
    }
}
