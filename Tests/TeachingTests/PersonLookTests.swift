import Interaction
import Testing

@testable import Teaching

@Suite("Person look")
struct PersonLookTests {
    @Test("A look is the mean and the largest of the person's cells and of the picture's")
    func values() {
        // Nine cells of two channels.
        let person = (0..<9).flatMap { cell -> [Float] in [Float(8 - cell), -1] }
        let scene = (0..<9).flatMap { cell -> [Float] in [2, Float(cell % 3)] }
        #expect(
            PersonLook.values(ofCells: [person, scene]) == [[4, -1, 2, 1, 8, -1, 2, 2]])
        #expect(PersonLook.values(ofCells: []).isEmpty)
    }

    @Test("Each person is looked at, and the whole picture once")
    func boxes() {
        let people = [Box(1, 2, 3, 4), Box(5, 6, 7, 8)].map {
            Detection($0, category: COCO.person, score: 1)
        }
        #expect(
            PersonLook.boxes(of: people, width: 20, height: 10)
                == [Box(1, 2, 3, 4), Box(5, 6, 7, 8), Box(0, 0, 20, 10)])
        #expect(PersonLook.boxes(of: [], width: 20, height: 10).isEmpty)
    }
}
