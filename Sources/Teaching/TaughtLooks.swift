// What was taught, against what is known: how much speaks for each interaction.
import Glibc
import Interaction
import Memory
import Tensors

/// A memory of what was taught and of known doings. Belongs to one thread.
///
/// Each interaction is one pattern, the mean of its examples' codes; beside them lie those of the doings that a
/// ``LookSpace`` was fitted to. A query q, the code of a person, is compared with all by cosine; a thing t of the kind that
/// something is done to counts for it where it is near, and against it where it is not; and a softmax sets the likest apart:
///
///     evidence(c) = log softmax(β cos(q, patterns) + γ log((t + ε) / (t₀ + ε)))(c)
///
/// Where the detector does not know the kind of thing there is no second term. Asked the other way round, an interaction answers with its examples: ``likeness(to:codes:)``.
///
/// - SeeAlso: Ramsauer et al., "Hopfield Networks is All You Need" (arXiv:2008.02217), section 2, on the softmax; Snell et
///   al., "Prototypical Networks" (arXiv:1703.05175), section 2.2, on means; Documentation/teaching.md on what else was
///   tried.
struct TaughtLooks {
    /// β.
    static let contrast = 10.0
    /// γ, t₀ (how near a thing is that says nothing), and ε (that a detector may not see what is there).
    private static let weight = 1.5, usual = 0.15, doubt = 0.02

    private let memory: AssociativeMemory
    /// Of each pattern the kind of thing that something is done to, as an index into ``COCO/categories``.
    private let things: [Int?]
    /// How many photographs each interaction was taught with.
    let photographs: [Int]

    /// A memory of examples.
    ///
    /// - Parameters:
    ///   - codes: `[n, codes]`.
    ///   - interactions: For each code which interaction it shows.
    ///   - photographs: For each interaction the number of its photographs.
    ///   - things: For each interaction, then for each known doing, the kind of thing; nil where the detector knows none.
    ///   - known: What else people may do, `[doings, codes]`.
    /// - Throws: `MemoryError` where a code is no number.
    init(
        _ codes: Tensor<Float>, showing interactions: [Int], photographs: [Int], things: [Int?],
        beside known: Tensor<Float>, threads: Int = 1
    ) throws {
        precondition(codes.shape[0] == interactions.count, "codes without interactions")
        precondition(things.count == photographs.count + known.shape[0], "doings without things")
        self.things = things
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

    /// What a thing of a kind speaks for doing something to it, that near; 0 where the kind is not known.
    static func evidence(of kind: Int?, near: ArraySlice<Float>) -> Double {
        guard let kind else { return 0 }
        let nearness = Double(near[near.startIndex + kind])
        return weight * log((nearness + doubt) / (usual + doubt))
    }

    /// How much speaks for each interaction, `[queries, interactions]`, 0 at most.
    ///
    /// - Parameter near: How near things are to each, `[queries, kinds]`, as ``NearThings`` has it; nil: not known.
    /// - Throws: `PlanError`.
    func evidence(for codes: Tensor<Float>, near: Tensor<Float>?) throws -> Tensor<Double> {
        let alike = try memory.similarities(to: codes).elements
        let (width, all) = (photographs.count, memory.count)
        let seen = near?.elements
        return Tensor(shape: [codes.shape[0], width]) { evidence in
            for row in 0..<codes.shape[0] {
                let around = seen?[row * NearThings.count..<(row + 1) * NearThings.count]
                let logits = (0..<all).map { pattern in
                    Self.contrast * Double(alike[row * all + pattern])
                        + (around.map { Self.evidence(of: things[pattern], near: $0) } ?? 0)
                }
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
