// Coarse patterns: bytes, and the nearest of them.
import Tensors
import Testing

@testable import Finding

@Suite("Coarse patterns")
struct CoarsePatternsTests {
    private static let width = CoarsePatterns.width
    private let numbers: [Float]
    private let wanted = { (position: Int) in position % 7 != 3 }

    init() {
        var random = RandomSource(seed: 5)
        var numbers = (0..<150 * Self.width).map { _ in
            Float.random(in: -80...80, using: &random) * Float.random(in: 0...1, using: &random)
        }
        // Of equal pictures the earlier is found first.
        for column in 0..<Self.width {
            numbers[90 * Self.width + column] = numbers[20 * Self.width + column]
        }
        self.numbers = numbers
    }

    private func queries(_ count: Int) -> [CoarsePatterns.Query] {
        var random = RandomSource(seed: 6)
        return (0..<count).map { number in
            let share = number == 0 ? 0 : Int.random(in: 1...10, using: &random)
            return CoarsePatterns.Query(
                mask: (0..<Self.width).map { _ in
                    Int.random(in: 0..<10, using: &random) < share ? 255 : 0
                },
                rows: [20 + number, 60].map { start in
                    (0..<Self.width).map {
                        let noise = Float.random(in: -5...5, using: &random)
                        return CoarsePatterns.byte(numbers[start * Self.width + $0] + noise)
                    }
                })
        }
    }

    /// The same by plain arithmetic.
    private func nearest(_ row: [UInt8], _ mask: [UInt8], _ count: Int) -> [CoarsePatterns.Match] {
        var all: [CoarsePatterns.Match] = []
        for position in 0..<numbers.count / Self.width where wanted(position) {
            var difference = 0, size = 0
            for column in 0..<Self.width where mask[column] > 0 {
                let key = Int(CoarsePatterns.byte(numbers[position * Self.width + column]))
                difference += abs(Int(row[column]) - key)
                size += abs(Int(row[column]) - 128) + abs(key - 128)
            }
            guard size > 0 else { continue }
            all.append(.init(position: position, distance: Float(difference) / Float(size)))
        }
        return Array(
            all.sorted { ($0.distance, $0.position) < ($1.distance, $1.position) }.prefix(count))
    }

    @Test("What is found is what plain arithmetic finds, whatever is known", arguments: [1, 2, 3])
    func exactness(threads: Int) {
        let patterns = CoarsePatterns(numbers, where: wanted)
        for (asked, count) in [(19, 6), (1, 1), (8, 400)] {
            let queries = queries(asked)
            let found = patterns.nearest(to: queries, count: count, threads: threads)
            #expect(found.count == 2 * asked)
            for (row, matches) in found.enumerated() {
                let query = queries[row / 2]
                #expect(matches == nearest(query.rows[row % 2], query.mask, count))
            }
        }
        #expect(patterns.nearest(to: queries(1), count: 6, threads: 1)[0].isEmpty)
    }

    @Test("Without pictures nothing is found")
    func empty() {
        let patterns = CoarsePatterns([], where: { _ in true })
        #expect(patterns.nearest(to: queries(2), count: 3, threads: 1) == [[], [], [], []])
    }

    @Test("Bytes keep sign and order, and what is too large has the largest")
    func bytes() {
        #expect(CoarsePatterns.byte(0) == 128)
        #expect(CoarsePatterns.byte(4) == 144 && CoarsePatterns.byte(-4) == 112)
        #expect(CoarsePatterns.byte(9000) == 255 && CoarsePatterns.byte(-9000) == 1)
        let bytes = stride(from: Float(-300), through: 300, by: 0.7).map(CoarsePatterns.byte)
        #expect(bytes == bytes.sorted())
    }
}
