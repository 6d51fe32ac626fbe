// Vectors find their way into a hole from what is beside it, and know how little they explain.
import Media
import Testing

@testable import Motion

@Suite struct BlockGuessTests {
    private func frame(depth: Int = 8, _ value: (Int, Int) -> Int) -> Frame {
        let format = FrameFormat(.yuv420, depth: depth)
        let planes = (0..<format.planeCount).map { index -> Plane in
            let size = format.planeSize(index, width: 128, height: 96)
            return Plane(
                width: size.width, height: size.height, bytesPerSample: format.bytesPerSample
            ) { value($0 * 128 / size.width, $1 * 96 / size.height) << (depth - 8) }
        }
        return Frame(width: 128, height: 96, format: format, planes: planes)
    }

    /// Bumps of some 20 samples, nowhere the same.
    private func texture(_ x: Int, _ y: Int) -> Int {
        let (a, b) = ((x + 400) / 3 * 5 % 23, (y + 400) / 2 * 7 % 19)
        return 60 + 4 * a + 4 * b + (x &* y) / 64 % 5
    }

    private var lost: LossMap {
        var map = LossMap(width: 128, height: 96)
        for index in map.isLost.indices where (5..<7).contains(index / map.columns) {
            map.isLost[index] = true
        }
        return map
    }

    private func guess(_ picture: Frame, _ other: Frame) -> BlockGuess {
        let none = MotionField(width: 128, height: 96)
        return BlockGuess(other, [none], found: none, of: picture, lost)
    }

    @Test("Two motions beside a hole lead into it, each on its side", arguments: [8, 10])
    func twoMotions(depth: Int) {
        let still = frame(depth: depth, texture)
        let picture = frame(depth: depth) { x, y in x < 64 ? texture(x + 2, y) : texture(x, y - 1) }
        let guess = guess(picture, still)
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

    @Test("What no vector explains weighs less")
    func unexplained() {
        let still = frame(texture)
        let half = frame { x, y in
            x < 64 ? texture(x, y) : (x &* 7919 &+ y &* 104_729) >> 3 & 255
        }
        let guess = guess(half, still)
        #expect(guess.weight(24, 48) > 20 * guess.weight(104, 48))
    }
}
