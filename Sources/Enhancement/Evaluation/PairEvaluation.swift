// A model's gain on pairs of degraded and pristine clips.
import Glibc
import Media

/// What a model did to one clip.
public struct PairGain: Sendable {
    /// The pair's name, and frames measured.
    public let name: String, frames: Int
    /// Mean PSNR of Y, U, V before; gain of the enhanced frames, and of the delivered file.
    public let before: [Double], gain: [Double], delivered: [Double]?
    /// Video bits of the delivered file over those of the degraded clip.
    public let bitsRatio: Double?
}

/// Measures a model on pairs.
public struct PairEvaluation {
    private let model: EnhancementModel
    /// How frames are enhanced.
    public var options: EnhancementOptions
    /// At most so many frames of each clip; nil: all.
    public var frameLimit: Int?
    /// Whether the file that `enhance` writes at default options is measured too.
    public var measuresDelivered = false
    /// Called after each frame.
    public var observe: () -> Void = {}

    /// An evaluation of `model`.
    public init(_ model: EnhancementModel, options: EnhancementOptions) {
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
        let enhancer = try FrameEnhancer(
            model, width: degraded.width, height: degraded.height, options: options)
        var originals: [Frame] = []
        func measure(_ results: [Frame]) throws {
            for (original, result) in zip(originals, results) {
                try meter.add(original: original, enhanced: result)
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
        let ratio = measuresDelivered ? try deliver(pair, meter) : nil
        return PairGain(
            name: pair.name, frames: meter.input.frameCount, before: meter.input.means,
            gain: meter.gain(of: meter.enhanced),
            delivered: measuresDelivered ? meter.gain(of: meter.delivered) : nil, bitsRatio: ratio)
    }

    /// Writes the clip as `enhance` would, measures the file, and returns the ratio of bits.
    private func deliver(_ pair: TrainingPair, _ meter: GainMeter) throws -> Double? {
        var template = Array("/tmp/mwgan-evaluate-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw MediaError.cannotCreate(
                path: "/tmp", reason: String(cString: strerror(errno)))
        }
        let folder = String(
            decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let output = folder + "/delivered.mkv"
        defer {
            unlink(output)
            rmdir(folder)
        }
        var request = VideoJobRequest(input: pair.degraded, output: output)
        request.enhancement = options
        _ = try VideoJob(request).run(model)
        try meter.measureDelivered(output)
        let (before, after) = (
            try PacketScan(path: pair.degraded), try PacketScan(path: output)
        )
        return before.videoBytes > 0 ? Double(after.videoBytes) / Double(before.videoBytes) : nil
    }
}
