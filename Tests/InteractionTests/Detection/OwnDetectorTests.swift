import Glibc
import Interaction
import Networks
import Tensors
import TestSupport
import Testing

@Suite("The detector that comes with Percept")
struct OwnDetectorTests {
    private let own = "models/detector.safetensors"

    private func weights(_ path: String) throws -> DetectorWeights {
        try DetectorWeights(contentsOf: path)
    }

    /// Where the project is, as seen from this file.
    private var project: String {
        #filePath.split(separator: "/").dropLast(4).reduce("") { "\($0)/\($1)" }
    }

    @Test("It is a nano of COCO's kinds that looks at normalised pictures")
    func kind() throws {
        let detector = try weights("\(project)/\(own)")
        #expect(detector.network.backbone.shape == .nano)
        #expect(detector.network.classCount == COCO.categories.count)
        #expect(detector.input == .normalised)
        #expect(
            try Safetensors(contentsOf: "\(project)/\(own)").metadata["percept.kind"] == "detector")
    }

    @Test("None of its layers is like that of the published weights")
    func independence() throws {
        guard let dataFolder else { return }
        let mine = try weights("\(project)/\(own)").parameters
        let theirs = try weights(dataFolder + "/weights/yolox_nano_coco_folded.safetensors")
            .parameters
        #expect(mine.map(\.path) == theirs.map(\.path))
        for (path, tensor) in mine where path.hasSuffix("weight") {
            let likeness = correlation(tensor.elements, theirs[path]!.elements)
            #expect(abs(likeness) <= 0.2, "\(path): \(likeness)")
        }
    }

    @Test("A layer is like itself, and not like another")
    func measure() {
        var random = RandomSource(seed: 1)
        let a = (0..<400).map { _ in Float(random.normal()) }
        let b = (0..<400).map { _ in Float(random.normal()) }
        #expect(abs(correlation(a, a.map { 3 * $0 + 1 }) - 1) < 1e-6)
        #expect(abs(correlation(a, b)) < 0.2)
    }

    /// Pearson's.
    private func correlation(_ a: [Float], _ b: [Float]) -> Double {
        let x = a.map(Double.init), y = b.map(Double.init)
        let (mx, my) = (
            x.reduce(0, +) / Double(x.count), y.reduce(0, +) / Double(y.count)
        )
        var (xx, yy, xy) = (0.0, 0.0, 0.0)
        for (p, q) in zip(x, y) {
            xx += (p - mx) * (p - mx)
            yy += (q - my) * (q - my)
            xy += (p - mx) * (q - my)
        }
        return xy / (xx * yy).squareRoot()
    }
}
