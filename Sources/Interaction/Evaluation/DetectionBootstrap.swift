// How sure a detector's average precision is, and how it compares with another's on the same pictures.
import Tensors

/// A figure and the interval that it would stay in, had the pictures been others like these.
public struct Estimate: Sendable, Hashable {
    /// The figure on the pictures as they are.
    public let value: Double
    /// From the 2.5th to the 97.5th of a hundred figures on pictures drawn anew from them.
    public let interval: ClosedRange<Double>
}

/// Average precisions at an overlap of a half, each with its 95 % interval, of one detector or of two side by side.
///
/// Pictures are drawn with replacement as often as there are, a thousand times; both detectors get the same draws.
///
/// - SeeAlso: Efron and Tibshirani, "An introduction to the bootstrap" (1993), section 13.3.
public struct DetectionBootstrap {
    private let truth: [[TrueBox]]
    private let found: [[[Detection]]]
    private let draws: [[Int]]

    /// Draws pictures.
    ///
    /// - Parameters:
    ///   - truth: What is in each picture.
    ///   - found: What each detector found there.
    public init(
        truth: [[TrueBox]], found: [[[Detection]]], draws count: Int = 1000, seed: UInt64 = 1
    ) {
        for list in found { precondition(list.count == truth.count, "other pictures") }
        (self.truth, self.found) = (truth, found)
        var random = RandomSource(seed: seed)
        draws = (0..<count).map { _ in
            var times = [Int](repeating: 0, count: truth.count)
            for _ in truth.indices { times[random.index(below: truth.count)] += 1 }
            return times
        }
    }

    /// Each detector's mean average precision over kinds of things, then the ratios of all to the first.
    ///
    /// - Parameter categories: The kinds; those that no drawn picture shows are left out of that draw's mean.
    /// - Returns: nil for figures that do not exist, as where no picture shows any of the kinds.
    public func precision(
        of categories: [Int]
    ) -> (figures: [Estimate?], ratios: [Estimate?]) {
        let lists = found.map { found in
            categories.map { category in
                RankedOutcomes(
                    zip(truth, found).map { things, detections in
                        PictureMatching(
                            truth: things.filter { $0.category == category },
                            detections: detections.filter { $0.category == category }
                        ).matched(area: DetectionAccuracy.areas[0])
                    }, overlap: 0)
            }
        }
        func means(_ times: [Int]) -> [Double?] {
            lists.map { list in
                let values = list.compactMap { $0.averagePrecision(times: times) }
                return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
            }
        }
        let whole = means(truth.map { _ in 1 })
        let drawn = draws.map(means)
        func estimate(_ figure: ([Double?]) -> Double?) -> Estimate? {
            guard let value = figure(whole) else { return nil }
            let sorted = drawn.compactMap(figure).sorted()
            guard let last = sorted.indices.last else { return nil }
            func quantile(_ share: Double) -> Double {
                sorted[Int((share * Double(last)).rounded())]
            }
            return Estimate(value: value, interval: quantile(0.025)...quantile(0.975))
        }
        let figures = lists.indices.map { index in estimate { $0[index] } }
        let ratios = lists.indices.map { index in
            estimate { means in
                guard let own = means[index], let first = means[0], first > 0 else { return nil }
                return own / first
            }
        }
        return (figures, ratios)
    }
}
