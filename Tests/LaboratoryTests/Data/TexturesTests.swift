import Tensors
import Testing

@testable import Laboratory

@Suite struct TexturesTests {
    @Test("Textures are alike in brightness and contrast, and follow their seed")
    func alike() {
        let set = Textures().pictures(20, seed: 1)
        #expect(set.pictures.shape == [20, 768] && set.channels == 3)
        for row in 0..<20 {
            let values = (0..<768).map { Double(set.pictures[row, $0]) }
            let mean = values.reduce(0, +) / 768
            #expect(abs(mean - 0.5) < 0.02)
        }
        #expect(set.pictures == Textures().pictures(20, seed: 1).pictures)
        #expect(set.pictures != Textures().pictures(20, seed: 2).pictures)
    }

    @Test("Varied ones differ in brightness")
    func varied() {
        let set = Textures(isVaried: true).pictures(20, seed: 1)
        let means = (0..<20).map { row in
            (0..<768).reduce(0.0) { $0 + Double(set.pictures[row, $1]) } / 768
        }
        let least = means.min() ?? 0, most = means.max() ?? 0
        #expect(most - least > 0.3)
    }

    @Test("Neighbours are alike: clouds are larger than pixels")
    func smooth() {
        let set = Textures().pictures(10, seed: 3)
        var (near, far) = (0.0, 0.0)
        for row in 0..<10 {
            for y in 0..<16 {
                for x in 0..<8 {
                    let here = set.pictures[row, y * 16 + x]
                    near += Double(abs(here - set.pictures[row, y * 16 + x + 1]))
                    far += Double(abs(here - set.pictures[row, y * 16 + x + 8]))
                }
            }
        }
        #expect(near < 0.8 * far)
    }
}
