import Interaction
import Media
import TestSupport
import Testing

/// A picture without any symmetry.
private func pattern(_ width: Int, _ height: Int) -> UprightPicture {
    picture(width, height) { x, y, c in 37 * x + 71 * y + 29 * c + 11 * x * y }
}

@Suite("Letterboxes")
struct LetterboxTests {
    @Test("Sizes are cut off and not rounded, and never 0")
    func sizes() {
        func inner(_ width: Int, _ height: Int, _ side: Int = 416) -> [Int] {
            let place = Letterbox(width: width, height: height, side: side)
            return [place.innerWidth, place.innerHeight]
        }
        #expect(inner(5, 3, 8) == [8, 4])
        #expect(inner(640, 427) == [416, 277])
        #expect(inner(427, 640) == [277, 416])
        #expect(inner(1, 1) == [416, 416])
        #expect(inner(20_000, 1) == [416, 1])
        #expect(inner(5472, 3648) == [416, 277])
    }

    // Computed exactly in Python; no value lies within a 16th of a rounding's edge.
    @Test("An enlarged picture is sampled between the centres of its pixels")
    func enlarged() {
        let place = Letterbox(width: 5, height: 3, side: 8)
        let values = place.tensor(pattern(5, 3), .plain).elements
        let grey = [Float](repeating: 114, count: 32)
        let red: [Float] = [
            0, 16, 39, 62, 86, 109, 132, 148, 44, 64, 91, 118, 146, 173, 111, 60, 98, 120, 147,
            120, 122, 155, 97, 50, 142, 168, 189, 66, 22, 59, 96, 122,
        ]
        let blue: [Float] = [
            58, 74, 97, 120, 144, 167, 190, 206, 102, 122, 149, 176, 154, 81, 99, 118, 156, 136,
            115, 148, 130, 63, 85, 108, 200, 114, 7, 44, 80, 117, 154, 180,
        ]
        // Blue comes first in the plain input.
        #expect(Array(values[..<64]) == blue + grey)
        #expect(Array(values[128...]) == red + grey)
    }

    @Test("A reduced picture is sampled without smoothing, grey beside it")
    func reduced() {
        let place = Letterbox(width: 9, height: 20, side: 8)
        let values = place.tensor(pattern(9, 20), .plain).elements
        let expected: [[Float]] = [
            [99, 42, 114], [48, 202, 164], [61, 105, 150], [138, 73, 136], [151, 104, 122],
            [100, 136, 108], [113, 167, 94], [190, 135, 144],
        ]
        for (y, row) in expected.enumerated() {
            let start = 128 + 8 * y
            #expect(Array(values[start..<start + 8]) == row + [114, 114, 114, 114, 114])
        }
    }

    @Test("A picture of the square's size passes unchanged, normalised if so wanted")
    func unchanged() {
        let place = Letterbox(width: 32, height: 32, side: 32)
        let source = pattern(32, 32)
        let plain = place.tensor(source, .plain), normal = place.tensor(source, .normalised)
        for (x, y) in [(0, 0), (31, 7), (13, 31)] {
            let (red, green, blue) = source[x, y]
            #expect(plain[0, 0, y, x] == Float(blue) && plain[0, 2, y, x] == Float(red))
            #expect(abs(normal[0, 1, y, x] - (Float(green) / 255 - 0.456) / 0.224) < 1e-5)
        }
    }

    @Test("The border is normalised too")
    func border() {
        let place = Letterbox(width: 8, height: 4, side: 8)
        let values = place.tensor(pattern(8, 4), .normalised)
        #expect(abs(values[0, 0, 7, 0] - (114.0 / 255 - 0.485) / 0.229) < 1e-5)
    }

    @Test("Boxes come back to the picture, cut off at its edges")
    func back() {
        let place = Letterbox(width: 832, height: 416, side: 416)
        #expect(place.picture(Box(10, 20, 30, 40)) == Box(20, 40, 60, 80))
        #expect(place.picture(Box(-5, 190, 500, 250)) == Box(0, 380, 832, 416))
    }
}
