// Small pictures: means, parts, mirrors and bars.
import Media
import TestSupport
import Testing

@testable import Finding

@Suite("Small pictures")
struct SmallPictureTests {
    @Test(
        "The mean of a picture stays whatever its size",
        arguments: [(64, 64), (200, 37), (31, 150), (5, 3)])
    func means(width: Int, height: Int) {
        let large = picture(width, height) { x, y, c in 7 * x + 13 * y + 50 * c }
        let small = SmallPicture(large)
        var luma: Float = 0
        for index in stride(from: 0, to: large.pixels.count, by: 3) {
            let (r, g, b) = (large.pixels[index], large.pixels[index + 1], large.pixels[index + 2])
            luma += 0.299 * Float(r) + 0.587 * Float(g) + 0.114 * Float(b)
        }
        let mean = small.planes[0].reduce(0, +) / Float(64 * 64)
        #expect(abs(mean - luma / Float(width * height)) < 0.05)
    }

    @Test("A grid over a part is the grid of that part alone")
    func parts() {
        let scene = Scene(3)
        let small = SmallPicture(scene.window(0, 0, 128, 128))
        let right = SmallPicture(scene.window(64, 0, 64, 128))
        let part = small.cells(
            of: 0, Part(x: 0.5, y: 0, width: 0.5, height: 1), columns: 4, rows: 8)
        let alone = right.cells(of: 0, columns: 4, rows: 8)
        for (a, b) in zip(part, alone) { #expect(abs(a - b) < 0.01) }
    }

    @Test("Mirrored twice is as it was, mirrored once is another")
    func mirrors() {
        let small = Scene(1).small
        #expect(small.mirrored.mirrored.planes == small.planes)
        #expect(small.mirrored.planes != small.planes)
    }

    @Test("Bars are cut off, and only bars")
    func bars() throws {
        let inner = Scene(2).window(0, 0, 160, 90)
        let barred = picture(160, 120) { x, y, c in
            (15..<105).contains(y) ? Int(inner.pixels[3 * ((y - 15) * 160 + x) + c]) : 0
        }
        #expect(SmallPicture(inner).withoutBars == nil)
        let cut = try #require(SmallPicture(barred).withoutBars)
        let distance = PicturePattern.distance(
            PicturePattern(cut).fine, PicturePattern(SmallPicture(inner)).fine)
        #expect(distance < 0.1)
        #expect(SmallPicture(picture(64, 64) { _, _, _ in 0 }).withoutBars == nil)
    }
}
