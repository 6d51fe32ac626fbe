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
}
