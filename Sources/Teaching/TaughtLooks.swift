// What was taught, against what is known: how much speaks for each interaction.
import Glibc
import Memory
import Tensors

/// A memory of what was taught and of known doings. Belongs to one thread.
///
/// Each interaction is one pattern, the mean of its examples' codes; beside them lie those of the doings that a
/// ``LookSpace`` was fitted to. A query q, the code of a person, is compared with all by cosine, and a softmax sets the
/// likest apart:
///
///     evidence(c) = log softmax(β cos(q, patterns))(c)
///
/// Asked the other way round, an interaction answers with its examples: ``likeness(to:codes:)``.
///
/// - SeeAlso: Ramsauer et al., "Hopfield Networks is All You Need" (arXiv:2008.02217), section 2, on the softmax; Snell et
///   al., "Prototypical Networks" (arXiv:1703.05175), section 2.2, on means; Documentation/teaching.md on what else was
///   tried.
struct TaughtLooks {
    /// β.
    static let contrast = 10.0

    private let memory: AssociativeMemory
    /// How many photographs each interaction was taught with.
    let photographs: [Int]

    /// A memory of examples.
    ///
    /// - Parameters:
    ///   - codes: `[n, codes]`.
    ///   - interactions: For each code which interaction it shows.
    ///   - photographs: For each interaction the number of its photographs.
    ///   - known: What else people may do, `[doings, codes]`.
    /// - Throws: `MemoryError` where a code is no number.
    init(
        _ codes: Tensor<Float>, showing interactions: [Int], photographs: [Int],
        beside known: Tensor<Float>, threads: Int = 1
    ) throws {
        precondition(codes.shape[0] == interactions.count, "codes without interactions")
        self.photographs = photographs
        let means = Self.means(of: codes, showing: interactions, count: photographs.count)
        memory = try AssociativeMemory(
            Tensor(
                means.elements + known.elements,
                shape: [photographs.count + known.shape[0], codes.shape[1]]),
            similarity: .cosine, separation: .softmax(Self.contrast), threads: threads)
    }

    /// The mean of the codes of each interaction, `[interactions, codes]`.
    static func means(
        of codes: Tensor<Float>, showing interactions: [Int], count: Int
    ) -> Tensor<Float> {
        let width = codes.shape[1]
        var sums = [Float](repeating: 0, count: count * width)
        codes.withUnsafeBufferPointer { codes in
            for (row, interaction) in interactions.enumerated() {
                for column in 0..<width {
                    sums[interaction * width + column] += codes[row * width + column]
                }
            }
        }
        return LookSpace.normalised(Tensor(sums, shape: [count, width]))
    }

    /// How much speaks for each interaction, `[queries, interactions]`, 0 at most.
    ///
    /// - Throws: `PlanError`.
    func evidence(for codes: Tensor<Float>) throws -> Tensor<Double> {
        let alike = try memory.similarities(to: codes).elements
        let (width, all) = (photographs.count, memory.count)
        return Tensor(shape: [codes.shape[0], width]) { evidence in
            for row in 0..<codes.shape[0] {
                let logits = (0..<all).map { Self.contrast * Double(alike[row * all + $0]) }
                let total = log(logits.reduce(0) { $0 + exp($1) })
                for column in 0..<width { evidence[row * width + column] = logits[column] - total }
            }
        }
    }

    /// How alike each code is to the pattern of an interaction: -1 to 1.
    ///
    /// - Throws: `PlanError`.
    func likeness(to interaction: Int, codes: Tensor<Float>) throws -> [Double] {
        let alike = try memory.similarities(to: codes).elements
        return (0..<codes.shape[0]).map { Double(alike[$0 * memory.count + interaction]) }
    }
}
