import Media
import TestSupport
import Testing

@Suite("Pictures as bytes")
struct PictureEncodingTests {
    private let folder = TemporaryFolder()
    private let source = picture(37, 23) { x, y, c in [6 * x, 9 * y, 3 * (x + y)][c] }

    private func back(_ format: StillFormat, _ quality: Int = 90) throws -> UprightPicture {
        let path = folder.write(
            try source.encoded(as: format, quality: quality), to: "p.\(format.rawValue)")
        return try #require(try StillReader(path: path).next()).upright()
    }

    @Test("A PNG comes back as it was")
    func png() throws { #expect(try back(.png).pixels == source.pixels) }

    @Test("A JPEG comes back nearly as it was, the better the higher its quality")
    func jpeg() throws {
        func error(_ quality: Int) throws -> Int {
            zip(try back(.jpeg, quality).pixels, source.pixels).map { abs(Int($0) - Int($1)) }
                .max()!
        }
        #expect(try error(100) <= 4)
        #expect(try error(20) > error(100))
    }
}
