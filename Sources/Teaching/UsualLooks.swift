// What people usually look like, as centres of codes: what the study compares means of known doings with.
import Glibc
import Tensors

/// A softmax of taught means among centres of everybody's codes, each of which counts for many people.
struct UsualLooks {
    /// Centres, rounds in which they are moved, and how many people all of them stand for beside one interaction.
    private static let count = 128, rounds = 12, crowd = 1500.0

    /// `[centres, codes]`, of the length 1.
    let centres: Tensor<Float>

    /// The centres of codes.
    ///
    /// - Throws: `PlanError`.
    init(of codes: Tensor<Float>, threads: Int) throws {
        centres = try Self.centres(of: codes, threads: threads)
    }

    /// A logarithm of how much each centre counts.
    var weight: Double { log(Self.crowd / Double(max(centres.shape[0], 1))) }

    /// Codes of the length 1 around which the others lie.
    ///
    /// - SeeAlso: Dhillon and Modha, "Concept decompositions for large sparse text data using clustering" (2001).
    private static func centres(of codes: Tensor<Float>, threads: Int) throws -> Tensor<Float> {
        let (rows, width) = (codes.shape[0], codes.shape[1])
        let count = min(Self.count, rows)
        var random = RandomSource(seed: 1)
        var centres = KnownLooks.rows(
            codes, Array(Array(0..<rows).shuffled(using: &random).prefix(count)).sorted())
        for _ in 0..<Self.rounds {
            let alike = try MatrixAlgebra.product(
                codes, centres, transposed: (false, true), threads: threads)
            var sums = [Float](repeating: 0, count: count * width)
            alike.withUnsafeBufferPointer { alike in
                codes.withUnsafeBufferPointer { codes in
                    for row in 0..<rows {
                        var best = 0
                        for centre in 1..<max(count, 1)
                        where alike[row * count + centre] > alike[row * count + best] {
                            best = centre
                        }
                        for column in 0..<width {
                            sums[best * width + column] += codes[row * width + column]
                        }
                    }
                }
            }
            // A centre that nobody is near stays where it is.
            let before = centres.elements
            for centre in 0..<count {
                let range = centre * width..<(centre + 1) * width
                if sums[range].allSatisfy({ $0 == 0 }) {
                    sums.replaceSubrange(range, with: before[range])
                }
            }
            centres = LookSpace.normalised(Tensor(sums, shape: [count, width]))
        }
        return centres
    }
}
