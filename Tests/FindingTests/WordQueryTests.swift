// Words, and what they find.
import Interaction
import Testing

@testable import Finding

@Suite("Words")
struct WordQueryTests {
    let known: Set<String> = Set(HICO.triplets.map(\.phrase)).union(["play guitar"])
    let rider = SeenPicture(
        time: 0, things: ["person": 0.9, "horse": 0.8], doings: ["ride horse": 0.7])
    let walker = SeenPicture(
        time: 2, things: ["person": 0.6, "dog": 0.5], doings: ["walk dog": 0.4, "play guitar": 0.3])

    @Test(
        "Words are read as people write them",
        arguments: [
            ("ride horse", 0.7, 0), ("riding a horse", 0.7, 0), ("person rides horse", 0.7, 0),
            ("Horses", 0.8, 0), ("dog", 0, 0.5), ("person with dog", 0, 0.5), ("ride", 0.7, 0),
            ("walking the dog", 0, 0.4), ("play guitar", 0, 0.3), ("person", 0.9, 0.6),
            ("horse, person", 0.8, 0), ("cell phone", 0, 0), ("type on laptop", 0, 0),
        ] as [(String, Double, Double)])
    func scores(text: String, first: Double, second: Double) throws {
        let query = try WordQuery(text, doings: known)
        #expect(query.score(rider) == first)
        #expect(query.score(walker) == second)
    }

    @Test("What nothing is called by is said so")
    func unknown() {
        #expect(throws: FinderError.unknownWords("ride hrose", suggestion: "ride horse")) {
            try WordQuery("ride hrose", doings: known)
        }
        #expect(throws: FinderError.self) { try WordQuery("the", doings: known) }
    }

    @Test("What was seen is read back as it was written")
    func lines() throws {
        #expect(SeenPicture(rider.json) == rider)
        #expect(SeenPicture(.object([("time", .int(1))])) == nil)
    }
}
