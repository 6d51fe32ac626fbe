import Graphs
import Media
import Networks
import Tensors
import TestSupport
import Testing

@testable import Interaction

@Suite("Reading boxes from a detector's features")
struct RegionReaderTests {
    private func detector() throws -> Detector {
        let network = YOLOX(DarknetShape(channels: 4, depth: 3), classCount: 80)
        var random = RandomSource(seed: 3)
        return try Detector(
            network, weights: Parameters(initialising: network, using: &random), side: 96,
            keepsPyramid: true)
    }

    @Test("Numbers are those of the reference, cell by cell, for more boxes than fit at once")
    func numbers() throws {
        let detector = try detector()
        let photograph = picture(150, 100) { x, y, c in 3 * x ^ 5 * y ^ 70 * c }
        let view = detector.eye.view(of: photograph)
        try detector.look(at: view)
        let reader = try RegionReader(of: detector, cells: 2, batch: 3)
        #expect(reader.channels == 16 + 32 + 64)
        let boxes = [
            Box(0, 0, 150, 100), Box(30, 20, 60, 90), Box(100, 50, 101, 51), Box(7, 3, 99, 44),
        ]
        let found = try reader.numbers(of: boxes, in: view.letterbox, seenBy: detector)
        #expect(found.count == 4)
        for (box, numbers) in zip(boxes, found) {
            #expect(numbers.count == 4 * reader.channels)
            let inSquare = [box.x1, box.y1, box.x2, box.y2].map { $0 * 96 / 150 }
            var start = 0
            for (level, features) in detector.pyramid.enumerated() {
                let reading = RoIAlign(
                    outputHeight: 2, outputWidth: 2, spatialScale: 1 / [8.0, 16, 32][level],
                    samplingRatio: 2)
                let expected = reading.forward([
                    features.converted(to: Double.self), Tensor([0] + inSquare, shape: [1, 5]),
                ]).elements
                for channel in 0..<features.shape[1] {
                    for cell in 0..<4 {
                        let value = Double(numbers[cell * reader.channels + start + channel])
                        #expect(abs(value - expected[channel * 4 + cell]) < 1e-4)
                    }
                }
                start += features.shape[1]
            }
        }
        #expect(found[0] != found[1] && found[3] != found[1])
    }

    @Test("A detector finds the same whether it keeps its features or not")
    func same() throws {
        let network = YOLOX(DarknetShape(channels: 4, depth: 3), classCount: 80)
        var random = RandomSource(seed: 3)
        let weights = Parameters(initialising: network, using: &random)
        let photograph = picture(96, 96) { x, y, c in 3 * x ^ 5 * y ^ 70 * c }
        let found = try [false, true].map {
            try Detector(network, weights: weights, side: 96, keepsPyramid: $0)
                .candidates(photograph)
        }
        #expect(relativeError(found[1], found[0].converted(to: Double.self)) < 1e-5)
    }
}
