// Verbs that are held back, to be taught by few photographs: how teaching is measured.
import Interaction
import Tensors

/// People of some verbs that a space of looks has not seen, and others to tell them from.
public struct TeachingGround {
    /// Numbers of photographs that are taught with.
    public static let counts = [1, 2, 5, 10]
    /// People of an interaction that are there at least, so that enough are left to be asked about.
    static let leastPeople = 30

    /// The space, and the codes of all people as they are and mirrored.
    let space: LookSpace, plain: Tensor<Float>, mirrored: Tensor<Float>
    /// All people.
    let people: KnownLooks
    /// What is taught, and who does it.
    let taught: [(triplet: Triplet, rows: [Int])]
    /// People that the space was fitted to, and others of the same doings or of none.
    let known: [Int], others: [Int]
    /// The doings that the space was fitted to, as their means lie in it.
    private let knownTriplets: [Triplet]
    /// Codes of some of the people that it was fitted to.
    private let knownCodes: Tensor<Float>
    /// How many those are.
    private static let knownCount = 1500

    /// Holds some verbs back.
    ///
    /// - Throws: `PlanError`.
    init(
        _ people: KnownLooks, withholding verbs: Set<String>, settings: LookSpaceSettings,
        threads: Int
    ) throws {
        self.people = people
        func isKept(_ row: Int) -> Bool {
            people.doings[row].map { verbs.contains($0.verb) } ?? false
        }
        let known = people.doings.indices.filter {
            people.doings[$0] != nil && !isKept($0) && !people.isForMeasuring[$0]
        }
        others = people.doings.indices.filter { !isKept($0) && people.isForMeasuring[$0] }
        let rows = Dictionary(grouping: people.doings.indices.filter(isKept)) { people.doings[$0]! }
        taught = rows.filter { $0.value.count >= Self.leastPeople }.map { ($0.key, $0.value) }
            .sorted { ($0.0.verb, $0.0.object) < ($1.0.verb, $1.0.object) }
        space = try LookSpace(fitting: people, of: known, settings: settings, threads: threads)
        plain = try space.codes(of: people.plain, threads: threads)
        mirrored = try space.codes(of: people.mirrored, threads: threads)
        knownTriplets = Set(known.compactMap { people.doings[$0] })
            .sorted { ($0.verb, $0.object) < ($1.verb, $1.object) }
        let step = max(known.count / Self.knownCount, 1)
        knownCodes = KnownLooks.rows(
            plain, stride(from: 0, to: known.count, by: step).map { known[$0] })
        self.known = known
    }

    /// Some photographs of each interaction to teach with, and everybody else to ask about.
    struct Trial {
        let space: LookSpace
        /// What is taught, with how many photographs each.
        let triplets: [Triplet], photographs: Int
        /// Codes of the examples, as they are and mirrored, and which interaction each shows.
        let examples: Tensor<Float>, shown: [Int]
        /// Codes of those who are asked about, and what each does.
        let queries: Tensor<Float>, truth: [Triplet?]
        /// How near things are to those, `[queries, kinds]`.
        let near: Tensor<Float>

        /// The doings that the space was fitted to, codes of some who do them, and what people usually look like.
        let knownTriplets: [Triplet], knownCodes: Tensor<Float>, usual: UsualLooks?

        /// The memory that is shipped, having been taught.
        func taught(threads: Int) throws -> TaughtLooks {
            try TaughtLooks(
                examples, showing: shown,
                photographs: triplets.map { _ in photographs },
                things: space.things(of: triplets), beside: space.known, threads: threads)
        }

        /// What each interaction is done to, as far as the detector knows it.
        var things: [Int?] { Array(space.things(of: triplets).prefix(triplets.count)) }
    }

    /// What people that the space was fitted to usually look like: what some of the ways want to know that are compared.
    ///
    /// - Throws: `PlanError`.
    func usualLooks(threads: Int) throws -> UsualLooks {
        let codes = [plain, mirrored].flatMap { KnownLooks.rows($0, known).elements }
        return try UsualLooks(
            of: Tensor(codes, shape: [2 * known.count, space.codeCount]), threads: threads)
    }

    /// The trial of a number: other photographs for each.
    func trial(photographs: Int, draw: Int, usual: UsualLooks? = nil) throws -> Trial {
        var random = RandomSource(seed: UInt64(1000 * photographs + draw))
        let chosen = taught.map { Array($0.rows.shuffled(using: &random).prefix(photographs)) }
        let used = Set(chosen.joined())
        // In no order that says anything, for equal scores.
        let asked = (taught.flatMap(\.rows) + others).filter { !used.contains($0) }
            .shuffled(using: &random)
        let rows = chosen.flatMap { $0 }
        let shown = chosen.indices.flatMap { [Int](repeating: $0, count: chosen[$0].count) }
        let examples =
            KnownLooks.rows(plain, rows).elements + KnownLooks.rows(mirrored, rows).elements
        return Trial(
            space: space, triplets: taught.map(\.triplet), photographs: photographs,
            examples: Tensor(examples, shape: [2 * rows.count, space.codeCount]),
            shown: shown + shown, queries: KnownLooks.rows(plain, asked),
            truth: asked.map { people.doings[$0] }, near: KnownLooks.rows(people.near, asked),
            knownTriplets: knownTriplets,
            knownCodes: knownCodes, usual: usual)
    }
}
