// Where one shot ends and the next begins: motion is never followed across.
import CKernels

/// Decides whether two successive frames belong to different shots.
///
/// The main witness is what motion leaves unexplained of the new picture's detail: a quarter at most
/// within the fastest shots, 70 % and more across a cut, whatever a flash does to the brightness.
/// Differing luma histograms support it.
public struct SceneCut: Sendable, Hashable {
    /// What the two witnesses saw.
    public struct Evidence: Sendable, Hashable {
        /// Share of the picture whose luma has no counterpart in the other histogram, 0 ... 1.
        public let histogramDistance: Float
        /// Energy that motion compensation leaves over the energy of the new picture's detail.
        public let unexplained: Float
    }

    /// How much a fully different histogram (a distance of `histogramLimit` or more) adds to the
    /// unexplained share, and the sum from which on there is a cut.
    public var histogramWeight: Float = 0.25, histogramLimit: Float = 0.4, threshold: Float = 0.68

    /// The default thresholds.
    public init() {}

    /// Compares two frames; `flow` leads from `current` to `previous`.
    public static func evidence(
        current: MotionPyramid, previous: MotionPyramid, flow: Flow
    ) -> Evidence {
        let (a, b) = (current.statistics, previous.statistics)
        let total = a.histogram.reduce(0, +)
        var distance: UInt32 = 0
        for (x, y) in zip(a.histogram, b.histogram) where x > y { distance += x - y }
        let left = flow.error.withUnsafeBufferPointer { values in
            values.reduce(0) { $0 + $1 * $1 } / Float(values.count)
        }
        // Two squared steps are coding noise: flat pictures stay explained.
        return Evidence(
            histogramDistance: Float(distance) / Float(max(total, 1)),
            unexplained: left / (current.detail + 2))
    }

    /// Whether the evidence speaks for a cut.
    public func isCut(_ evidence: Evidence) -> Bool {
        let support = histogramWeight * min(evidence.histogramDistance, histogramLimit)
        return evidence.unexplained + support >= threshold
    }

    /// Whether a cut lies between two frames; `flow` leads from `current` to `previous`.
    public func callAsFunction(
        current: MotionPyramid, previous: MotionPyramid, flow: Flow
    ) -> Bool {
        isCut(SceneCut.evidence(current: current, previous: previous, flow: flow))
    }
}

extension MotionPyramid {
    /// Histogram of quarter-size luma (half-size where that is all there is) in 64 bins.
    var statistics: (histogram: [UInt32], detail: Float) {
        statistics(of: levels.count > 1 ? levels[1] : levels[0])
    }

    /// Mean variance of 8x8 blocks of half-size luma, in squared 8-bit steps.
    var detail: Float { statistics(of: levels[0]).detail }

    private func statistics(of level: percept_level) -> (histogram: [UInt32], detail: Float) {
        var histogram = [UInt32](repeating: 0, count: 64)
        let detail = withUnsafePointer(to: level) { percept_level_statistics($0, &histogram) }
        return (histogram, detail)
    }
}
