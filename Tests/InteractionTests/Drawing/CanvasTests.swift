import Media
import TestSupport
import Testing

@testable import Interaction

@Suite("Drawing on pictures")
struct CanvasTests {
    private func canvas(_ grey: Int = 0) -> Canvas { Canvas(picture(40, 30) { _, _, _ in grey }) }

    @Test("A filled rectangle covers the pixels inside it and no others")
    func fill() {
        var canvas = canvas()
        canvas.fill(Box(3, 4, 7, 9), .white)
        for y in 0..<30 {
            for x in 0..<40 {
                let isInside = (3..<7).contains(x) && (4..<9).contains(y)
                #expect(canvas.picture[x, y].red == (isInside ? 255 : 0))
            }
        }
    }

    @Test("An outline is as thick as asked, half of it inside")
    func outline() {
        var canvas = canvas()
        canvas.outline(Box(10, 10, 30, 20), .white, thickness: 2)
        for x in [9, 10, 29, 30] { #expect(canvas.picture[x, 15].red == 255) }
        for x in [8, 11, 28, 31] { #expect(canvas.picture[x, 15].red == 0) }
    }

    @Test("A line goes from one end to the other")
    func line() {
        var canvas = canvas()
        canvas.line(from: (x: 5, y: 5), to: (x: 35, y: 25), .white, thickness: 3)
        for (x, y) in [(5, 5), (20, 15), (34, 24)] { #expect(canvas.picture[x, y].red > 200) }
        #expect(canvas.picture[20, 5].red == 0 && canvas.picture[2, 2].red == 0)
    }

    @Test("Letters are the alphabet's dots", arguments: [1.0, 2.0])
    func letters(dot: Double) {
        var canvas = canvas()
        canvas.write("g", x: 4, y: 3, dot: dot, .white)
        for (row, bits) in Glyphs.rows(of: "g").enumerated() {
            for column in 0..<5 {
                let isInk = bits >> (4 - column) & 1 == 1
                let x = 4 + Int((Double(column) + 0.5) * dot)
                let y = 3 + Int((Double(row) + 0.5) * dot)
                #expect((canvas.picture[x, y].red > 127) == isInk, "\(column), \(row)")
            }
        }
    }

    @Test("What lies outside is cut off")
    func outside() {
        var canvas = canvas()
        canvas.fill(Box(-50, -50, 500, 500), Colour(10, 20, 30))
        canvas.outline(Box(-5, -5, 100, 100), .white, thickness: 4)
        canvas.line(from: (x: -100, y: -7), to: (x: 400, y: -7), .white, thickness: 3)
        canvas.write("outside", x: 30, y: 25, dot: 2, .black)
        #expect(canvas.picture[0, 0].red == 10 && canvas.picture[0, 0].blue == 30)
    }

    @Test("Text on a colour is black or white, at 4.5 to 1 at least")
    func contrast() {
        for red in stride(from: 0.0, through: 255, by: 51) {
            for green in stride(from: 0.0, through: 255, by: 51) {
                for blue in stride(from: 0.0, through: 255, by: 51) {
                    let colour = Colour(red, green, blue)
                    let pair = [colour.luminance, colour.contrast.luminance].sorted()
                    #expect((pair[1] + 0.05) / (pair[0] + 0.05) >= 4.5)
                }
            }
        }
    }
}
