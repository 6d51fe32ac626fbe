// What people do of what was taught, in a picture.
import Glibc
import Interaction
import Tensors

/// Tells what was taught of the people in pictures. Belongs to one thread.
///
/// A finding's score is human^power · probability, as one of the head's is with the thing left out: the probability that the
/// person does it is told by looks and by whether such a thing is near, which may be there and not seen. Where it is seen, its
/// box is told.
public final class TaughtFindings: FurtherFindings {
    /// What was taught.
    public let triplets: [Triplet]
    /// Where it is kept.
    public let memory: TaughtMemory
    public let cells = PersonLook.cells
    private let space: LookSpace, calibration: TeachingCalibration
    private let taught: TaughtLooks
    private let threads: Int

    /// What a memory holds, ready to be told of people; nil where it holds nothing.
    ///
    /// - Throws: ``TaughtMemoryError``, `MemoryStoreError`, `PlanError`.
    public init?(_ memory: TaughtMemory, in space: LookSpace, threads: Int = 1) throws {
        guard !memory.examples.isEmpty, let calibration = space.calibration else { return nil }
        try memory.check(space)
        (self.memory, triplets) = (memory, memory.triplets)
        (self.space, self.calibration, self.threads) = (space, calibration, threads)
        let places = Dictionary(uniqueKeysWithValues: triplets.enumerated().map { ($1, $0) })
        let shown = memory.examples.map { places[$0.triplet]! }
        let looks = try memory.looks(in: space)
        let codes = try [looks.plain, looks.mirrored].map {
            try space.codes(of: $0, threads: threads).elements
        }
        taught = try TaughtLooks(
            Tensor(codes[0] + codes[1], shape: [2 * shown.count, space.codeCount]),
            showing: shown + shown,
            photographs: triplets.indices.map { place in shown.count { $0 == place } },
            things: space.things(of: triplets),
            beside: space.known, threads: threads)
    }

    public func callAsFunction(
        _ things: [Detection], width: Int, height: Int, look: ([Box]) throws -> [[Float]],
        _ rules: FindingRules
    ) throws -> [Finding] {
        let people = things.filter { $0.category == COCO.person }
        let wanted = triplets.indices.filter {
            rules.wants(verb: triplets[$0].verb) && rules.wants(objectName: triplets[$0].object)
        }
        guard !people.isEmpty, !wanted.isEmpty else { return [] }
        let seen = try look(PersonLook.boxes(of: people, width: width, height: height))
        let looks = PersonLook.values(ofCells: seen)
        let evidence = try taught.evidence(
            for: space.codes(
                of: Tensor(looks.flatMap { $0 }, shape: [people.count, space.lookCount]),
                threads: threads),
            near: Tensor(
                people.flatMap { NearThings.values(around: $0.box, in: things) },
                shape: [people.count, NearThings.count])
        ).elements
        return people.indices.flatMap { row in
            wanted.compactMap { place in
                let likelihood = calibration.probability(
                    evidence[row * triplets.count + place],
                    examples: taught.photographs[place])
                let score = pow(people[row].score, rules.power) * likelihood
                guard score >= rules.leastScore else { return nil }
                return Finding(
                    human: people[row], taught: triplets[place],
                    object: Self.thing(named: triplets[place].object, of: people[row], in: things),
                    verbScore: likelihood, score: score)
            }
        }
    }

    /// The thing of a kind that is surest and nearest to a person; nil where there is none.
    static func thing(
        named name: String, of human: Detection, in things: [Detection]
    ) -> Detection? {
        guard let category = COCO.index(of: name) else { return nil }
        return things.filter { $0.category == category && $0 != human }
            .max { NearThings.nearness($0, to: human.box) < NearThings.nearness($1, to: human.box) }
    }
}
