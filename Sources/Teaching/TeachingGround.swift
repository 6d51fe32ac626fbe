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
    /// The doings that the space was fitted to, and the mean code of each.
    private let knownTriplets: [Triplet], knownMeans: Tensor<Float>
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
        let doings = known.compactMap { people.doings[$0] }
        let knownTriplets = Set(doings).sorted { ($0.verb, $0.object) < ($1.verb, $1.object) }
        let places = Dictionary(uniqueKeysWithValues: knownTriplets.enumerated().map { ($1, $0) })
        knownMeans = TaughtLooks.means(
            of: KnownLooks.rows(plain, known), showing: doings.map { places[$0, default: 0] },
            count: knownTriplets.count)
        let step = max(known.count / Self.knownCount, 1)
        knownCodes = KnownLooks.rows(
            plain, stride(from: 0, to: known.count, by: step).map { known[$0] })
        (self.known, self.knownTriplets) = (known, knownTriplets)
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

        /// The doings that the space was fitted to, the mean code of each, and codes of some who do them.
        let knownTriplets: [Triplet], knownMeans: Tensor<Float>, knownCodes: Tensor<Float>

        /// The memory that is shipped, having been taught.
        func taught(threads: Int) throws -> TaughtLooks {
            try TaughtLooks(
                examples, showing: shown,
                photographs: triplets.map { _ in photographs }, in: space, threads: threads)
        }
    }

    /// The trial of a number: other photographs for each.
    func trial(photographs: Int, draw: Int) throws -> Trial {
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
            truth: asked.map { people.doings[$0] }, knownTriplets: knownTriplets,
            knownMeans: knownMeans, knownCodes: knownCodes)
    }
}
