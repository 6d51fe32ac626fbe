import Testing

@testable import Interaction

private let ride = Relation("person", "ride", "dog")
private let rider = Box(0, 0, 9, 9), dog = Box(10, 0, 19, 9)

private func pair(_ subject: Box = rider, _ object: Box = dog, _ relation: Relation = ride)
    -> RelatedBoxes
{
    RelatedBoxes(relation, subject: subject, object: object)
}

@Suite("Retrieval of relations")
struct RetrievalAccuracyTests {
    private func hits(
        _ truth: [[RelatedBoxes]], _ candidates: [[RetrievalAccuracy.Candidate]],
        _ extent: RetrievalAccuracy.Extent = .union, overlap: Double = 0.3
    ) -> [Bool] {
        RetrievalAccuracy(
            truth: truth, candidates: candidates, asking: [ride], extent: extent, overlap: overlap
        ).queries[0].hits
    }

    // 10 x 10 pixels against 10 x 3 and against 9 x 3 of them.
    @Test("Pixels at the corners belong to the boxes, and 0.3 is enough")
    func pixels() {
        #expect(hits([[pair()]], [[(pair(Box(0, 0, 9, 2)), 1)]], .subject) == [true])
        #expect(hits([[pair()]], [[(pair(Box(0, 0, 8, 2)), 1)]], .subject) == [false])
    }

    // The wider object covers 200 pixels, the true one 100 of them; both unions are the same 200.
    @Test("The union, the subject, or the worse of both boxes is compared")
    func extents() {
        let wide = pair(rider, Box(0, 0, 19, 9))
        let swapped = pair(dog, rider)
        #expect(RetrievalAccuracy.Extent.union.overlap(wide, pair()) == 1)
        #expect(RetrievalAccuracy.Extent.subject.overlap(wide, pair()) == 1)
        #expect(RetrievalAccuracy.Extent.both.overlap(wide, pair()) == 0.5)
        #expect(
            RetrievalAccuracy.Extent.allCases.map { $0.overlap(swapped, pair()) } == [1, 0, 0])
        #expect(hits([[pair()]], [[(swapped, 1)]], .both) == [false])
    }

    // Precisions 0, 1/2, 2/3 over two pairs: (1/2 + 2/3) / 2; the best from there on is 2/3 for both.
    @Test("Candidates of all pictures are ranked together, the right kinds only")
    func ranking() {
        let other = pair(rider, dog, Relation("cat", "ride", "dog"))
        let expected: Double = (0.5 + 2.0 / 3) / 2
        let accuracy = RetrievalAccuracy(
            truth: [[pair()], [pair()], [other]],
            candidates: [[(pair(), 0.5)], [(pair(), 0.4)], [(pair(), 0.9), (other, 0.95)]])
        #expect(accuracy.queries.map(\.relation) == [other.relation, ride])
        #expect(accuracy.queries[1].hits == [false, true, true])
        #expect(accuracy.queries[1].precision == expected)
        #expect(accuracy.queries[1].interpolated == 2.0 / 3)
        #expect(accuracy.queries[1].recall == 1)
        #expect(accuracy.mean == (1 + expected) / 2)
    }

    @Test("A candidate takes the best pair that is left, and a pair is taken once")
    func greedy() {
        let near = pair(Box(1, 0, 10, 9))
        let truth = [[pair(), near]]
        // The first takes the pair at its place, the second the other one, the third finds none left.
        let found: [RetrievalAccuracy.Candidate] = [
            (pair(), 0.9), (pair(Box(0, 0, 9, 8)), 0.8), (pair(Box(0, 0, 9, 7)), 0.7),
        ]
        #expect(hits(truth, [found], .both) == [true, true, false])
    }

    @Test("The same boxes count once, as sure as they are anywhere")
    func repeats() {
        let far = pair(Box(90, 90, 99, 99), Box(80, 80, 89, 89))
        #expect(
            hits([[pair(), pair()]], [[(pair(), 0.1), (far, 0.5), (pair(), 0.9)]])
                == [true, false])
        let accuracy = RetrievalAccuracy(truth: [[pair(), pair()]], candidates: [[(pair(), 1)]])
        #expect(accuracy.mean == 1 && accuracy.queries[0].total == 1)
    }

    @Test("Annotated boxes must be the very same")
    func annotated() {
        let shifted = pair(Box(0, 0, 9, 10))
        #expect(hits([[pair()]], [[(pair(), 1)]], .both, overlap: 1) == [true])
        #expect(hits([[pair()]], [[(shifted, 1)]], .both, overlap: 1) == [false])
    }

    @Test("What no picture shows is asked for without counting")
    func unknown() {
        let never = Relation("dog", "ride", "person")
        let accuracy = RetrievalAccuracy(
            truth: [[pair()]], candidates: [[]], asking: [never, ride])
        #expect(accuracy.queries[0].precision == nil && accuracy.queries[1].precision == 0)
        #expect(accuracy.mean == 0 && accuracy.recallMean == 0)
    }
}
