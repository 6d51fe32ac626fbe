// Patterns: what changes them and what does not.
import Media
import TestSupport
import Testing

@testable import Finding

@Suite("Picture patterns")
struct PicturePatternTests {
    @Test("A brighter copy has the same pattern")
    func brightness() {
        let scene = Scene(4).window(0, 0, 128, 128)
        let darker = picture(128, 128) { x, y, c in scene.value(x, y, c) * 2 / 3 }
        let brighter = picture(128, 128) { x, y, c in scene.value(x, y, c) * 2 / 3 + 60 }
        let (a, b) = (PicturePattern(SmallPicture(darker)), PicturePattern(SmallPicture(brighter)))
        #expect(PicturePattern.distance(a.fine, b.fine) < 0.01)
        #expect(PicturePattern.distance(a.coarse, b.coarse) < 0.01)
    }

    @Test("What covers a half changes all that half's numbers and none of the other's")
    func locality() {
        let scene = Scene(5).window(0, 0, 128, 128), other = Scene(6).window(0, 0, 128, 128)
        let covered = picture(128, 128) { x, y, c in (x < 64 ? other : scene).value(x, y, c) }
        let (a, b) = (PicturePattern(SmallPicture(scene)), PicturePattern(SmallPicture(covered)))
        for block in 0..<16 {
            let range = block * PicturePattern.blockWidth..<(block + 1) * PicturePattern.blockWidth
            let changes = range.map { abs(a.fine[$0] - b.fine[$0]) }
            if block % 4 >= 2 {
                #expect(changes.allSatisfy { $0 < 0.01 })
            } else {
                #expect((changes.max() ?? 0) > 5)
            }
        }
    }

    @Test("What covers the middle changes no number of the narrow rim")
    func rim() {
        let scene = Scene(5).window(0, 0, 128, 128), other = Scene(6).window(0, 0, 128, 128)
        func numbers(_ picture: UprightPicture) -> [Float] {
            PicturePattern.numbers(
                of: PicturePattern.narrowRim, in: PicturePattern(SmallPicture(picture)).fine)
        }
        func covered(_ inner: Range<Int>) -> [Float] {
            numbers(
                picture(128, 128) { x, y, c in
                    (inner.contains(x) && inner.contains(y) ? other : scene).value(x, y, c)
                })
        }
        let own = numbers(scene), covered = covered(18..<110)
        // 112 cells of luma, 28 of each colour.
        #expect(own.count == 168 && own.count == PicturePattern.width(of: PicturePattern.narrowRim))
        #expect(zip(own, covered).allSatisfy { abs($0 - $1) < 0.01 })
        #expect(PicturePattern.distance(own, numbers(other)) > 0.5)
        // The mean of what lies in the rim of a block is nothing: its corner has 12 cells of luma, its edge 8.
        #expect(abs(own[0..<12].reduce(0, +)) < 0.01 && abs(own[12..<20].reduce(0, +)) < 0.01)
        #expect(own[0..<12].contains { abs($0) > 5 })
    }

    @Test("Every number of a pattern is one cell's, and numbers of a block are its own cells'")
    func layout() {
        for plane in 0..<3 {
            let side = PicturePattern.side(of: plane)
            let all = (0..<16).flatMap { PicturePattern.cells(of: plane, in: $0) }
            #expect(Set(all.map(\.cell)) == Set(0..<side * side))
            for block in 0..<16 {
                for (cell, number) in PicturePattern.cells(of: plane, in: block) {
                    #expect(number / PicturePattern.blockWidth == block)
                    #expect(cell / side * 4 / side == block / 4)
                    #expect(cell % side * 4 / side == block % 4)
                }
            }
        }
        let numbers = (0..<3).flatMap { plane in
            (0..<16).flatMap { PicturePattern.cells(of: plane, in: $0).map(\.number) }
        }
        #expect(numbers.sorted() == Array(0..<PicturePattern.width))
    }

    @Test("Distances are symmetric, from 0 to 1, and 0 to oneself")
    func distances() {
        let patterns = (10..<16).map { PicturePattern(Scene($0).small).fine }
        for a in patterns {
            #expect(PicturePattern.distance(a, a) == 0)
            for b in patterns where a != b {
                let distance = PicturePattern.distance(a, b)
                #expect(distance == PicturePattern.distance(b, a))
                #expect(distance > 0.3 && distance <= 1)
            }
        }
    }

    @Test("A picture of one colour says nothing")
    func blank() {
        #expect(!PicturePattern(SmallPicture(picture(80, 60) { _, _, c in 70 * c })).saysSomething)
        #expect(PicturePattern(Scene(7).small).saysSomething)
    }
}

extension UprightPicture {
    /// One channel of one pixel.
    func value(_ x: Int, _ y: Int, _ channel: Int) -> Int {
        Int(pixels[3 * (y * width + x) + channel])
    }
}
