// Samples that weights of recalled pictures are fitted to.
import Media
import Networks
import Synchronization
import Tensors

/// Enhances degraded clips in which something returns, and writes what is known of each block that is recalled and what it would be worth.
///
/// `Scripts/fit-recall.py` fits the weights to them.
public struct RecallSampling {
    /// Whose residual is added before anything is recalled.
    public var model: EnhancementModel
    /// How it is used.
    public var options: EnhancementOptions

    /// Samples of a model.
    public init(_ model: EnhancementModel, options: EnhancementOptions) {
        (self.model, self.options) = (model, options)
    }

    private final class Trials: Sendable {
        private let waiting = Mutex<[RecallTrial]>([])
        func append(_ trial: RecallTrial) { waiting.withLock { $0.append(trial) } }
        func first(at timestamp: Int64) -> RecallTrial? {
            waiting.withLock { waiting in
                waiting.first?.timestamp == timestamp ? waiting.removeFirst() : nil
            }
        }
    }

    /// Writes samples of a pair as safetensors.
    ///
    /// - `samples`, `[N, 12]`: of each block the features, then e², e·d and d² (``RecallTrial``).
    /// - `frames`, `[F, 2]`: seconds, and blocks of each frame for which something is recalled.
    ///
    /// - Returns: How many frames these are; where there are none nothing is written.
    /// - Throws: What readers and enhancer throw, `SafetensorsError`.
    public func callAsFunction(_ pair: TrainingPair, to path: String) throws -> Int {
        let degraded = try VideoReader(path: pair.degraded)
        let reference = try VideoReader(path: pair.reference)
        guard degraded.width == reference.width, degraded.height == reference.height else {
            throw TrainingDataError(item: pair.name, problem: "the two clips differ in size")
        }
        var options = options
        options.bitsPerPixel = degraded.bitsPerPixel
        options.memory = try ClipMemory(path: pair.degraded, threads: options.threads)
        guard options.memory != nil else { return 0 }
        let trials = Trials()
        options.observeRecall = { trials.append($0) }
        let enhancer = try FrameEnhancer(
            model, width: degraded.width, height: degraded.height, options: options)
        var samples: [Float] = [], frames: [Float] = []
        func take(_ results: [Frame]) throws {
            for result in results {
                guard let pristine = try reference.next() else { return }
                guard let trial = trials.first(at: result.timestamp) else { continue }
                let rows = trial.samples(
                    pristine: pristine.planes[0], depth: pristine.format.depth,
                    threads: options.threads)
                samples += rows
                frames += [
                    Float(degraded.seconds(result)), Float(rows.count / RecallTrial.width),
                ]
            }
        }
        while let frame = try degraded.next() { try take(try enhancer.push(frame)) }
        try take(try enhancer.flush())
        guard !frames.isEmpty else { return 0 }
        let width = RecallTrial.width
        try Safetensors.write(
            [
                ("frames", Tensor(frames, shape: [frames.count / 2, 2])),
                ("samples", Tensor(samples, shape: [samples.count / width, width])),
            ], metadata: ["clip": pair.name], to: path)
        return frames.count / 2
    }
}
