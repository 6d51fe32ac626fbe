import Media
import TestSupport
import Testing

@testable import Interaction

@Suite("Drawings")
struct FindingsDrawingTests {
    @Test("Boxes stand out on black, white and noise", arguments: [0, 1, 2])
    func background(kind: Int) {
        let source = picture(400, 300) { x, y, c in
            [0, 255, x &* 73 ^ y &* 151 ^ c &* 37][kind]
        }
        let drawn = FindingsDrawing.draw([finding("ride", "horse")], on: source)
        #expect(drawn.width == 400 && drawn.height == 300)
        // Across the left edge of the human's box: something near black, and something bright.
        let edge = (4...16).map { drawn[$0, 35] }
        #expect(edge.contains { $0.red < 20 && $0.green < 20 && $0.blue < 20 })
        #expect(edge.contains { $0.red > 200 && $0.green > 150 && $0.blue < 60 })
    }

    @Test("Who does something with a thing that is not seen gets a box and a label, and no line")
    func unseenThing() {
        let source = picture(400, 300) { _, _, _ in 128 }
        let alone = FindingsDrawing.draw([doing("play", "guitar")], on: source)
        let pair = FindingsDrawing.draw([finding("ride", "horse")], on: source)
        func isDrawn(_ drawn: UprightPicture, _ x: Int, _ y: Int) -> Bool {
            drawn[x, y].red != 128
        }
        // The human's left edge in both; a line from its middle only where there is a thing.
        #expect((8...12).contains { isDrawn(alone, $0, 35) })
        #expect(isDrawn(pair, 25, 35) && !isDrawn(alone, 25, 35))
        #expect(doing("play", "guitar", 0.7).label == "play guitar 0.70")
    }

    @Test("Nothing found, nothing drawn")
    func nothing() {
        let source = picture(300, 260) { x, y, _ in x + y }
        #expect(FindingsDrawing.draw([], on: source).pixels == source.pixels)
    }

    @Test("Tiny pictures are enlarged for their labels, and large ones reduced where asked")
    func sizes() {
        let tiny = FindingsDrawing.draw(
            [finding("ride", "horse")], on: picture(90, 80) { _, _, _ in 9 })
        #expect(tiny.width == 270 && tiny.height == 240)
        let large = FindingsDrawing.draw([], on: picture(1000, 500) { _, _, _ in 9 }, longest: 600)
        #expect(large.width == 600 && large.height == 300)
        #expect(FindingsDrawing.draw([], on: picture(1, 1) { _, _, _ in 9 }).width == 240)
    }

    @Test("A label says what a line of text says")
    func label() {
        #expect(finding("sit_on", "bench", 0.904).label == "sit on bench 0.90")
        #expect(finding("ride", "horse", 0.999).label == "ride horse 1.00")
        #expect(finding("ride", "horse", 0.05).label == "ride horse 0.05")
    }
}
