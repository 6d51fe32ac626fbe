// How much one kind of variant gains on another.
import Tensors

/// How much better one kind of variant is than another on unseen combinations, and how sure that is.
public struct StudyDifference: Sendable, Equatable {
    /// Over seeds, each with itself.
    public let seeds: MeanInterval
    /// From the 2.5th to the 97.5th of a hundred means over combinations drawn anew from those that were asked for,
    /// averaged over seeds; nil where there are fewer than two.
    public let combinations: ClosedRange<Double>?

    /// The first less the second.
    public init(_ a: PredicateStudy.Tested, _ b: PredicateStudy.Tested, draws: Int = 2000) {
        seeds = MeanInterval(zip(a.outcomes, b.outcomes).map { $0.unseen - $1.unseen })
        func means(_ tested: PredicateStudy.Tested) -> [String: Double] {
            var sums: [String: Double] = [:]
            for outcome in tested.outcomes { sums.merge(outcome.combinations, uniquingKeysWith: +) }
            return sums.mapValues { $0 / Double(tested.outcomes.count) }
        }
        let (first, second) = (means(a), means(b))
        let differences = first.keys.sorted().compactMap { name in
            second[name].map { first[name]! - $0 }
        }
        guard differences.count > 1 else {
            combinations = nil
            return
        }
        var random = RandomSource(seed: 1)
        let drawn = (0..<draws).map { _ in
            differences.indices.reduce(0) { sum, _ in
                sum + differences[random.index(below: differences.count)]
            } / Double(differences.count)
        }.sorted()
        func quantile(_ share: Double) -> Double {
            drawn[Int((share * Double(draws - 1)).rounded())]
        }
        combinations = quantile(0.025)...quantile(0.975)
    }
}
