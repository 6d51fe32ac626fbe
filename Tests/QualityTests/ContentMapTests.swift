import Media
import Quality
import Tensors
import TestSupport
import Testing

@Suite("Content map")
struct ContentMapTests {
    /// Strokes one to three samples wide on white, as text is.
    private func strokes(_ width: Int, _ height: Int) -> Plane {
        Plane(width: width, height: height) { x, y in
            (x % 11 < 2 && y % 16 < 11) || (y % 16 == 5 && x % 22 < 11) ? 30 : 225
        }
    }

    /// Texture without flat parts, as leaves are.
    private func texture(_ width: Int, _ height: Int) -> Plane {
        var random = RandomSource(seed: 3)
        return Plane(width: width, height: height) { _, _ in 90 + random.index(below: 70) }
    }

    private func grey(_ width: Int, _ height: Int, _ value: Int = 128) -> Plane {
        Plane(width: width, height: height) { _, _ in value }
    }

    @Test("Strokes on a flat ground are drawn; texture, a ramp and nothing at all are not")
    func drawn() {
        let ramp = Plane(width: 96, height: 64) { x, _ in 40 + x * 2 }
        #expect(ContentMap([strokes(96, 64)], depth: 8).drawn.elements.allSatisfy { $0 > 0.9 })
        for plane in [texture(96, 64), ramp, grey(96, 64)] {
            #expect(ContentMap([plane], depth: 8).drawn.elements.allSatisfy { $0 == 0 })
        }
    }

    @Test("Only what does not change is empty")
    func empty() {
        #expect(ContentMap([grey(64, 64)], depth: 8).empty.elements.allSatisfy { $0 == 1 })
        #expect(ContentMap([texture(64, 64)], depth: 8).empty.elements.allSatisfy { $0 == 0 })
    }

    @Test("Skin is told by its chroma, cell by cell, in 4:2:0 and in 4:4:4; luma alone has none")
    func skin() {
        for (width, height) in [(32, 24), (64, 48)] {
            // Skin on the left, sky on the right.
            let u = Plane(width: width, height: height) { x, _ in x < width / 2 ? 110 : 150 }
            let v = Plane(width: width, height: height) { x, _ in x < width / 2 ? 150 : 110 }
            let skin = ContentMap([grey(64, 48), u, v], depth: 8).skin
            #expect(skin.shape == [3, 4])
            #expect(skin.elements == [1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0])
        }
        #expect(ContentMap([grey(64, 48)], depth: 8).skin.elements.allSatisfy { $0 == 0 })
    }

    @Test("Every size works; deeper samples and more threads say the same")
    func invariance() {
        for (width, height) in [(1, 1), (17, 15), (33, 50), (130, 97)] {
            var random = RandomSource(seed: 4)
            let values = (0..<width * height).map {
                $0 % width % 13 < 3 ? 40 : 180 + random.index(below: 3)
            }
            let shallow = Plane(width: width, height: height, samples: values, depth: 8)
            let deep = Plane(
                width: width, height: height, samples: values.map { $0 * 4 }, depth: 10)
            let map = ContentMap([shallow], depth: 8, threads: 1)
            #expect(map.drawn.shape == [(height + 15) / 16, (width + 15) / 16])
            for other in [
                ContentMap([shallow], depth: 8, threads: 3), ContentMap([deep], depth: 10),
            ] {
                #expect(other.drawn == map.drawn && other.empty == map.empty)
            }
        }
    }

    @Test("Means over neighbours count only those there are")
    func smoothing() {
        let map = Tensor<Float>([9, 0, 0, 0, 0, 0], shape: [2, 3])
        #expect(ContentMap.smoothed(map).elements == [2.25, 1.5, 0, 2.25, 1.5, 0])
    }
}
