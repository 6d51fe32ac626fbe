import Interaction
import Tensors
import Testing

@Suite("Average precision over all recalls")
struct AveragePrecisionTests {
    @Test("Precisions at what is found are averaged, each as it is or as the best from there on")
    func byHand() {
        // Precisions 1, 1/2, 2/3, 3/4, 3/5; from the second hit on the best is 3/4.
        let hits = [true, false, true, true, false]
        let plain: Double = (1 + 2.0 / 3 + 0.75) / 4, best: Double = (1 + 0.75 + 0.75) / 4
        #expect(retrievalPrecision(hits: hits, total: 4) == plain)
        #expect(allPointPrecision(hits: hits, total: 4) == best)
        #expect(allPointPrecision(hits: [], total: 3) == 0)
        #expect(retrievalPrecision(hits: [false], total: 3) == 0)
        #expect(allPointPrecision(hits: [], total: 0) == nil)
        #expect(retrievalPrecision(hits: [false], total: 0) == nil)
    }

    // As PASCAL VOC's development kit has it: the sum of steps in recall times the precision's envelope.
    @Test("All points are the area under the envelope, which is never less than without one")
    func area() throws {
        var random = RandomSource(seed: 5)
        for _ in 0..<50 {
            let hits = (0..<random.index(below: 30)).map { _ in random.index(below: 3) == 0 }
            let total = hits.count { $0 } + random.index(below: 4) + 1
            var recalls = [0.0], precisions = [0.0], right = 0.0
            for (index, isHit) in hits.enumerated() {
                right += isHit ? 1 : 0
                recalls.append(right / Double(total))
                precisions.append(right / Double(index + 1))
            }
            var expected = 0.0
            for index in recalls.indices.dropFirst() {
                let envelope = precisions[index...].max()!
                expected += (recalls[index] - recalls[index - 1]) * envelope
            }
            let area = try #require(allPointPrecision(hits: hits, total: total))
            #expect(abs(area - expected) < 1e-12)
            #expect(try #require(retrievalPrecision(hits: hits, total: total)) <= area + 1e-12)
        }
    }
}
