import TestSupport
import Testing

@testable import Interaction

@Suite("Relations")
struct RelationTests {
    private let folder = TemporaryFolder()

    @Test("A relation is three names, and reads back as it is written")
    func text() {
        let relation = Relation("traffic light", "on", "street")
        #expect("\(relation)" == "traffic light-on-street")
        #expect(Relation("\(relation)") == relation)
        for text in ["a-b", "a-b-c-d", "a--c", ""] { #expect(Relation(text) == nil) }
    }

    @Test("A list has one a line, and what is none is named")
    func list() throws {
        folder.write(Array("dog-ride-bike\r\n\nperson-in-box\n".utf8), to: "list.txt")
        #expect(
            try Relation.list(contentsOf: folder("list.txt")) == [
                Relation("dog", "ride", "bike"), Relation("person", "in", "box"),
            ])
        folder.write(Array("dog-ride-bike\ndog ride bike\n".utf8), to: "wrong.txt")
        let error = try #require(throws: AnnotationError.self) {
            try Relation.list(contentsOf: folder("wrong.txt"))
        }
        #expect(
            "\(error)".hasSuffix(
                "wrong.txt: line 2: expected subject-predicate-object, found dog ride bike"))
    }

    @Test("Relations of a photograph have the kinds and boxes of its things, persons or not")
    func picture() {
        var picture = AnnotatedPicture(
            file: "a.jpg",
            things: [.init("dog", Box(0, 0, 5, 5)), .init("bike", Box(1, 1, 9, 9))])
        picture.interactions = [
            .init(human: 0, verb: "ride", object: 1, named: "bicycle"),
            .init(human: 0, verb: "run", object: nil, named: nil),
        ]
        #expect(
            picture.relations == [
                RelatedBoxes(
                    Relation("dog", "ride", "bike"), subject: Box(0, 0, 5, 5),
                    object: Box(1, 1, 9, 9))
            ])
    }
}
