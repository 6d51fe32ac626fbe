import Interaction
import Tensors
import Testing

@Suite("Boxes")
struct BoxTests {
    @Test("Overlap is what both cover over what either covers")
    func overlap() {
        let a = Box(0, 0, 4, 2), b = Box(2, 1, 6, 3)
        #expect(a.intersection(b) == 2 && a.overlap(b) == 2.0 / 14)
        #expect(a.overlap(a) == 1)
    }

    @Test("Boxes that only touch, or are inside out, have nothing in common")
    func nothing() {
        #expect(Box(0, 0, 2, 2).overlap(Box(2, 0, 4, 2)) == 0)
        #expect(Box(0, 0, 0, 0).overlap(Box(0, 0, 0, 0)) == 0)
        #expect(Box(3, 3, 1, 1).overlap(Box(0, 0, 4, 4)) == 0)
    }

    @Test("Overlap depends neither on order nor on scale")
    func laws() {
        var random = RandomSource(seed: 5)
        func box() -> Box {
            let x = random.uniform(in: 0..<50), y = random.uniform(in: 0..<50)
            return Box(
                x, y, x + random.uniform(in: 1..<50), y + random.uniform(in: 1..<50))
        }
        for _ in 0..<200 {
            let (a, b) = (box(), box())
            let there = a.overlap(b)
            #expect(there == b.overlap(a) && there >= 0 && there <= 1)
            #expect(abs(there - a.scaled(by: 3.7).overlap(b.scaled(by: 3.7))) < 1e-12)
        }
    }

    @Test("A clipped box lies inside the picture")
    func clipping() {
        #expect(Box(-3, 2, 9, 12).clipped(width: 8, height: 10) == Box(0, 2, 8, 10))
        #expect(Box(9, 2, 12, 4).clipped(width: 8, height: 10).isEmpty)
    }
}
