// How surely somebody does what was taught: from how alike looks are to a probability.
import Glibc
import Interaction

/// Logistic regression of evidence, for each of some counts of examples: one photograph says less than ten.
///
/// - SeeAlso: Platt, "Probabilistic outputs for support vector machines" (1999).
public struct TeachingCalibration: Sendable, Hashable, CustomStringConvertible {
    /// For so many examples: what evidence counts, and what is added.
    struct Line: Sendable, Hashable {
        var examples: Int, slope: Double, offset: Double
    }
    /// By number of examples.
    let lines: [Line]

    /// The given lines, at least one.
    init(_ lines: [Line]) {
        precondition(!lines.isEmpty, "a calibration of nothing")
        self.lines = lines.sorted { $0.examples < $1.examples }
    }

    /// The most likely lines for evidence of what is so and what is not, by number of examples.
    init(fitting samples: [Int: [(evidence: Double, isSo: Bool)]]) {
        self.init(
            samples.map { examples, some in
                // The fusion of two branches, of which one says nothing.
                let fusion = BranchFusion(
                    fitting: some.map {
                        .init(geometry: $0.evidence / Self.unit, appearance: 0, isSo: $0.isSo)
                    })
                return Line(
                    examples: examples, slope: fusion.geometry / Self.unit, offset: fusion.offset)
            })
    }

    /// Evidence of this much is 1 where it is fitted: logits beyond 8 are bounded there.
    private static let unit = 2.0

    /// The probability that evidence from so many examples speaks for, 0 to 1: by the line of the largest number of
    /// examples that is not larger.
    func probability(_ evidence: Double, examples: Int) -> Double {
        let line = lines.last { $0.examples <= examples } ?? lines[0]
        let bound = Self.unit * 8
        return 1 / (1 + exp(-line.slope * min(max(evidence, -bound), bound) - line.offset))
    }

    /// `1 0.8 -1.2, 5 1.1 -0.7`
    public var description: String {
        lines.map { "\($0.examples) \($0.slope) \($0.offset)" }.joined(separator: ", ")
    }

    /// The lines that ``description`` writes; nil for anything else.
    init?(_ description: String) {
        let parts = description.split(separator: ",")
        let lines = parts.compactMap { part -> Line? in
            let words = part.split(separator: " ")
            guard words.count == 3, let examples = Int(words[0]), examples > 0,
                let slope = Double(words[1]), let offset = Double(words[2]), slope.isFinite,
                offset.isFinite
            else { return nil }
            return Line(examples: examples, slope: slope, offset: offset)
        }
        guard !lines.isEmpty, lines.count == parts.count else { return nil }
        self.init(lines)
    }
}
