// Pictures as a person sees them: parts of them.
import Media
import Testing

@Suite("Upright pictures")
struct UprightPictureTests {
    @Test("A part has the pixels of its rows and columns")
    func cropped() {
        let picture = UprightPicture(
            width: 5, height: 4, pixels: (0..<60).map { UInt8($0) })
        let part = picture.cropped(x: 1..<4, y: 2..<4)
        #expect(part.width == 3 && part.height == 2)
        for y in 0..<2 {
            for x in 0..<3 { #expect(part[x, y] == picture[x + 1, y + 2]) }
        }
        #expect(picture.cropped(x: 0..<5, y: 0..<4).pixels == picture.pixels)
        #expect(picture.cropped(x: 2..<2, y: 0..<4).pixels.isEmpty)
    }
}
