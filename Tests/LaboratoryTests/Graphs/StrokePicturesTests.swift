import Learning
import Tensors
import Testing

@testable import Laboratory

@Suite struct StrokePicturesTests {
    @Test("Strokes come in ten classes of equal size, neither too easy nor too hard")
    func difficulty() {
        var random = RandomSource(seed: 1)
        let drawn = StrokePictures().draw(1000, using: &random)
        #expect(drawn.pictures.shape == [1000, 64])
        #expect(drawn.pictures.elements.allSatisfy { (0...1).contains($0) })
        for label in 0..<10 { #expect(drawn.labels.count { $0 == label } == 100) }
        // What the mean picture leaves of the lower half says how much there is to complete.
        let pixels = drawn.pictures.columns(32..<64)
        let means = (0..<32).map { column in
            (0..<1000).reduce(Float(0)) { $0 + pixels.elements[$1 * 32 + column] } / 1000
        }
        let error = pixels.squaredError(
            to: Tensor((0..<1000).flatMap { _ in means }, shape: [1000, 32]))
        #expect((0.07...0.095).contains(error))
    }

    @Test("Pictures of a class differ, and are nearer to each other than to other classes")
    func classes() {
        var random = RandomSource(seed: 2)
        let drawn = StrokePictures().draw(200, using: &random)
        var (same, other): ([Double], [Double]) = ([], [])
        for a in 0..<200 {
            for b in 0..<a {
                let distance = drawn.pictures.gathered(rows: [a]).squaredError(
                    to: drawn.pictures.gathered(rows: [b]))
                if drawn.labels[a] == drawn.labels[b] {
                    same.append(distance)
                } else {
                    other.append(distance)
                }
            }
        }
        #expect(same.min()! > 0)
        #expect(Spread(same).mean < 0.8 * Spread(other).mean)
    }

    @Test("Codes are 1 for the class and 0 elsewhere, and the largest column finds it again")
    func codes() {
        let codes = [3, 0, 9].codes()
        #expect(codes.shape == [3, 10] && codes.elements.reduce(0, +) == 3)
        #expect(codes.largestColumns == [3, 0, 9])
    }

    @Test("A network with a hidden layer learns what no single layer can")
    func network() throws {
        var random = RandomSource(seed: 3)
        let x = Tensor<Float>([0, 0, 0, 1, 1, 0, 1, 1], shape: [4, 2])
        let target = Tensor<Float>([1, 0, 0, 1, 0, 1, 1, 0], shape: [4, 2])
        var net = BackpropagatedNet([2, 8, 2], .classes, threads: 1, using: &random)
        try net.train(x, to: target, epochs: 600, rate: 0.02, using: &random)
        #expect(try net(x).largestColumns == target.largestColumns)
        var line = BackpropagatedNet([2, 2], .classes, threads: 1, using: &random)
        try line.train(x, to: target, epochs: 600, rate: 0.02, using: &random)
        #expect(try line(x).largestColumns != target.largestColumns)
    }
}
