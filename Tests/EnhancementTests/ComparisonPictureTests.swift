import Enhancement
import Media
import Testing

@Suite("Comparison picture")
struct ComparisonPictureTests {
    @Test("Both frames stand side by side above crops of what changed, four times as large")
    func layout() {
        let (width, height) = (160, 90)
        let before = UprightPicture(
            width: width, height: height, pixels: [UInt8](repeating: 50, count: 3 * width * height))
        var pixels = before.pixels
        for y in 60..<64 {
            for x in 100..<104 { pixels[3 * (y * width + x) + 1] = 200 }
        }
        let after = UprightPicture(width: width, height: height, pixels: pixels)
        let picture = ComparisonPicture().draw(before: before, after: after)
        #expect(picture.width == 2 * width + 4 && picture.height > height)
        #expect(picture[101, 61].green == 50 && picture[width + 4 + 101, 61].green == 200)
        var bright = 0
        for y in height..<picture.height {
            for x in 0..<picture.width where picture[x, y].green == 200 { bright += 1 }
        }
        #expect(bright == 16 * 16)
    }

    @Test("The original stands beside them, whole and in the crops")
    func original() {
        let (width, height) = (160, 90)
        func flat(_ value: UInt8) -> UprightPicture {
            UprightPicture(
                width: width, height: height,
                pixels: [UInt8](repeating: value, count: 3 * width * height))
        }
        let picture = ComparisonPicture().draw(
            before: flat(50), after: flat(100), original: flat(200))
        #expect(picture.width == 3 * width + 8)
        for (column, value) in [50, 100, 200].enumerated() {
            #expect(picture[column * (width + 4), 0].green == value)
        }
        // Below, the three of a place have equal shares.
        var counts = [Int](repeating: 0, count: 256)
        for y in height..<picture.height {
            for x in 0..<picture.width { counts[Int(picture[x, y].green)] += 1 }
        }
        #expect(counts[50] > 0 && counts[50] == counts[100] && counts[100] == counts[200])
    }
}
