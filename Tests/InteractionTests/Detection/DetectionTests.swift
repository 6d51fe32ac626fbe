import Glibc
import Networks
import Tensors
import Testing

@testable import Interaction

@Suite("Detections")
struct DetectionTests {
    private func read(_ rows: [Float], side: Int, atLeast least: Double) -> [Detection] {
        rows.withUnsafeBufferPointer {
            Detection.candidates($0, classCount: 2, side: side, atLeast: least)
        }
    }

    @Test("Cells of the three levels are read row by row, in strides")
    func decoding() {
        // A side of 32 has 16 cells of stride 8, then 4 of 16, then 1 of 32.
        var rows = [Float](repeating: 0, count: 21 * 7)
        func set(_ row: Int, _ values: [Float]) {
            rows.replaceSubrange(7 * row..<7 * row + 7, with: values)
        }
        set(6, [0.5, 0.25, 0, Float(log(2.0)), 0.8, 0.1, 0.5])
        set(18, [-1, 0, 0, 0, 1, 0.9, 0.2])
        set(20, [0.5, 0.5, 0, 0, 0.5, 0.5, 0.1])
        let found = read(rows, side: 32, atLeast: 0.3)
        #expect(found.count == 2)
        // Row 6 is cell (2, 1) of stride 8: centre (20, 10), 8 wide, 16 high.
        #expect(found[0].category == 1 && abs(found[0].score - 0.4) < 1e-6)
        let box = found[0].box
        #expect(abs(box.x1 - 16) + abs(box.y1 - 2) + abs(box.x2 - 24) + abs(box.y2 - 18) < 1e-4)
        // Row 18 is cell (0, 1) of stride 16.
        #expect(found[1].box == Box(-24, 8, -8, 24) && found[1].category == 0)
        #expect(read(rows, side: 32, atLeast: 0.2).count == 3)
    }

    @Test("Numbers that are none give no detections")
    func notNumbers() {
        let bad: [Float] = [.nan, .infinity, -.infinity]
        for value in bad {
            for column in 0..<7 {
                var rows = [Float](repeating: 0.5, count: 21 * 7)
                rows[column] = value
                for found in read(rows, side: 32, atLeast: 0.1) {
                    #expect(found.box.isFinite && !found.score.isNaN)
                }
            }
        }
        // exp(1000) has no finite value.
        var rows = [Float](repeating: 0.5, count: 21 * 7)
        rows[2] = 1000
        #expect(read(rows, side: 32, atLeast: 0.1).count == 20)
    }

    @Test("Of detections that overlap too much the best stays, in each category by itself")
    func suppression() {
        let all = [
            Detection(Box(0, 0, 10, 10), category: 0, score: 0.5),
            Detection(Box(0, 0, 10, 9), category: 0, score: 0.9),
            Detection(Box(0, 0, 10, 10), category: 1, score: 0.4),
            // Overlaps the best one by 60 of 90, not more than the limit below.
            Detection(Box(0, 3, 10, 9), category: 0, score: 0.3),
        ]
        let kept = Detection.withoutRepeats(all, overlap: 2.0 / 3)
        #expect(kept == [all[1], all[2], all[3]])
        #expect(Detection.withoutRepeats(all, overlap: 0.66) == [all[1], all[2]])
    }

    @Test("What is kept overlaps nothing else that is kept, and whatever is not, something better")
    func laws() {
        var random = RandomSource(seed: 9)
        let all = (0..<300).map { _ in
            let x = random.uniform(in: 0..<60), y = random.uniform(in: 0..<60)
            let width = random.uniform(in: 10..<40), height = random.uniform(in: 10..<40)
            // Few scores, so that many are equal.
            return Detection(
                Box(x, y, x + width, y + height), category: random.index(below: 3),
                score: Double(random.index(below: 20)) / 20)
        }
        let kept = Detection.withoutRepeats(all, overlap: 0.4)
        #expect(zip(kept, kept.dropFirst()).allSatisfy { $0.score >= $1.score })
        func repeats(_ a: Detection, _ b: Detection) -> Bool {
            a.category == b.category && a.box.overlap(b.box) > 0.4
        }
        for (index, one) in kept.enumerated() {
            #expect(!kept[..<index].contains { repeats($0, one) })
        }
        let names = Set(kept)
        for one in all where !names.contains(one) {
            #expect(kept.contains { repeats($0, one) && $0.score >= one.score })
        }
    }
}
