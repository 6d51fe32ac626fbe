// Vectors find their way into a hole from what is beside it, and know how little they explain.
import Media
import Testing

@testable import Motion

@Suite struct BlockGuessTests {
    /// Bumps of some 20 samples, nowhere the same.
    private func texture(_ x: Int, _ y: Int) -> Int {
        let (a, b) = ((x + 400) / 3 * 5 % 23, (y + 400) / 2 * 7 % 19)
        return 60 + 4 * a + 4 * b + (x &* y) / 64 % 5
    }

    private func guess(_ picture: Frame, _ other: Frame) -> BlockGuess {
        let none = MotionField(width: 128, height: 96)
        return BlockGuess(other, [none], found: none, of: picture, hole(picture, rows: 5..<7))
    }

    @Test("Two motions beside a hole lead into it, each on its side", arguments: [8, 10])
    func twoMotions(depth: Int) {
        let format = FrameFormat(.yuv420, depth: depth)
        let still = drawnFrame(0, format) { texture($0, $1) }
        let picture = drawnFrame(0, format) { x, y in
            x < 64 ? texture(x + 2, y) : texture(x, y - 1)
        }
        let guess = guess(picture, still), lost = hole(picture, rows: 5..<7)
        for index in lost.isLost.indices where lost.isLost[index] {
            let column = index % lost.columns
            // Cells at the border between both may take either.
            guard !(6...9).contains(column), (1...14).contains(column) else { continue }
            let vector = column < 8 ? SIMD2<Float>(2, 0) : SIMD2<Float>(0, -1)
            #expect(guess.vectors[index] == vector, "cell \(index)")
        }
        #expect(guess.sample(0, 24, 45, 1, 1) == Float(picture.planes[0][24, 45]))
        #expect(guess.sample(1, 50, 23, 2, 2).isFinite)
    }

    @Test("What fits anything above a hole learns from what is known below it")
    func secondPass() {
        func flatAbove(_ x: Int, _ y: Int, _ shift: Int) -> Int {
            y < 40 ? 120 : texture(x + shift, y)
        }
        let still = drawnFrame { flatAbove($0, $1, 0) }
        // Nothing is to be learned from what the hole holds.
        let picture = drawnFrame { x, y in
            (40..<56).contains(y) ? (x &* 7919 &+ y &* 104_729) >> 3 & 255 : flatAbove(x, y, 2)
        }
        let guess = guess(picture, still), lost = hole(picture, rows: 5..<7)
        // Beside each cell above are others that fit anything, too.
        for (row, least) in [(5, 5), (6, 14)] {
            let led = (1...14).count { guess.vectors[row * lost.columns + $0] == SIMD2(2, 0) }
            #expect(led >= least, "row \(row): \(led)")
        }
    }

    @Test("What no vector explains weighs less")
    func unexplained() {
        let still = drawnFrame { texture($0, $1) }
        let half = drawnFrame { x, y in
            x < 64 ? texture(x, y) : (x &* 7919 &+ y &* 104_729) >> 3 & 255
        }
        let guess = guess(half, still)
        #expect(guess.weight(24, 48) > 20 * guess.weight(104, 48))
    }
}
