// What a network would change in a shot: for one that aims at fidelity, how much error it would remove.
import Enhancement
import Glibc
import Media
import Quality

/// Runs a model on two frames of a shot, and measures how far it moves them.
///
/// The best estimate of a picture by squared error is its mean given what was decoded; the error that it removes is then,
/// on average, the square of what it changes. So the size of a correction foresees its gain, and no original is needed.
public final class CorrectionProbe {
    /// Frames that are looked at, from the beginning of a shot.
    public static let frames = 6
    /// The two of them that are corrected, the others stand around them.
    private static let corrected = 3...4

    private let model: any RestorationModel
    private var options: EnhancementOptions
    private let pool = NetworkPool(limit: 2)

    /// A probe with a model at balance 0.
    public init(_ model: any RestorationModel, options: EnhancementOptions) {
        self.model = model
        self.options = options
        self.options.balance = .fixed(0)
        self.options.strength = 1
        (self.options.memory, self.options.depth) = (nil, nil)
        self.options.precision = model.automaticPrecision(at: .fixed(0))
        self.options.pool = pool
    }

    /// Mean square of what the model changes in luma, in 8-bit steps; of the last frame where there are few.
    ///
    /// - Parameter frames: The first ones of a shot, one at least.
    /// - Throws: `PlanError`, `EnhancementGuardError`.
    public func correction(of frames: [Frame]) throws -> Double {
        let results = try corrected(frames)
        return mean(results.map { error($0.frame, frames[$0.index]) })
    }

    /// The error of frames that were coded once more, and how many decibels of it the model takes back.
    ///
    /// - Parameter original: What was coded, as many frames.
    /// - Throws: As ``correction(of:)``.
    func recovery(of coded: [Frame], original: [Frame]) throws -> (error: Double, gain: Double) {
        let results = try corrected(coded)
        let before = mean(results.map { error(coded[$0.index], original[$0.index]) })
        let after = mean(results.map { error($0.frame, original[$0.index]) })
        return (before, 10 * log10((before + Self.invisible) / (after + Self.invisible)))
    }

    /// An error that nobody sees: that of 48 dB.
    private static let invisible = 1.0

    /// The frames in question as the model makes them, and their numbers.
    private func corrected(_ frames: [Frame]) throws -> [(index: Int, frame: Frame)] {
        precondition(!frames.isEmpty, "no frames")
        let frames = Array(frames.prefix(Self.frames))
        let wanted = Self.corrected.clamped(to: 0...frames.count - 1)
        let stage = try model.stage(
            width: frames[0].width, height: frames[0].height, options: options)
        var results: [Frame] = []
        for (index, frame) in frames.enumerated() {
            var frame = frame
            frame.isContext = !wanted.contains(index)
            results += try stage.push(frame)
        }
        results += try stage.flush()
        return wanted.map { ($0, results[$0]) }
    }

    private func mean(_ values: [Double]) -> Double {
        values.reduce(0, +) / Double(values.count)
    }

    /// The mean squared difference of luma, in 8-bit steps.
    private func error(_ a: Frame, _ b: Frame) -> Double {
        let depth = b.format.depth
        let error = PlaneError(
            reference: b.planes[0], test: a.planes[0], depth: depth, threads: options.threads)
        return error.meanSquared / Double((1 << (depth - 8)) * (1 << (depth - 8)))
    }
}
