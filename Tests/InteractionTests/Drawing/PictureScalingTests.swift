import TestSupport
import Testing

@testable import Interaction

@Suite("Pictures of another size")
struct PictureScalingTests {
    @Test("A reduced picture has the means of what its pixels cover")
    func means() {
        let source = picture(40, 20) { x, y, _ in 10 * (x / 2) % 250 + y % 2 * 4 }
        let small = source.fitted(shortest: 1, longest: 20)
        #expect(small.width == 20 && small.height == 10)
        for x in 0..<20 { #expect(Int(small[x, 3].green) == 10 * x % 250 + 2) }
    }

    @Test("An enlarged picture repeats its pixels; what fits stays as it is")
    func enlarged() {
        let source = picture(10, 5) { x, y, c in 20 * x + y + c }
        let large = source.fitted(shortest: 12, longest: nil)
        #expect(large.width == 30 && large.height == 15)
        for x in 0..<30 { #expect(large[x, 7].red == source[x / 3, 7 / 3].red) }
        #expect(source.fitted(shortest: 5, longest: 10).pixels == source.pixels)
    }
}
