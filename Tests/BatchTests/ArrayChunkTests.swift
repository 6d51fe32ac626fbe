// Missing units as arrays.
import Testing

@testable import Batch

@Suite("Array chunks")
struct ArrayChunkTests {
    /// The units that an array stands for, as Slurm reads its list.
    private func units(_ chunk: ArrayChunk) -> [Int] {
        chunk.list.split(separator: ",").flatMap { span in
            let ends = span.split(separator: "-").map { Int($0)! }
            return Array(ends.first!...ends.last!)
        }.map { $0 + chunk.offset }
    }

    @Test("Lists are short and say what they should")
    func lists() {
        #expect(
            ArrayChunk.chunks(of: [0, 1, 2, 4, 7, 8], limit: 1001)
                == [ArrayChunk(offset: 0, list: "0-2,4,7-8", count: 6)])
        #expect(
            ArrayChunk.chunks(of: [3, 10, 11, 25], limit: 10) == [
                ArrayChunk(offset: 0, list: "3", count: 1),
                ArrayChunk(offset: 10, list: "0-1", count: 2),
                ArrayChunk(offset: 20, list: "5", count: 1),
            ])
        #expect(ArrayChunk.chunks(of: [], limit: 10).isEmpty)
    }

    @Test("Every unit is in one array, every task below the limit, every list as Slurm takes it")
    func laws() {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let limit = Int.random(in: 1...1500, using: &generator)
            let every = Int.random(in: 1...5, using: &generator)
            let units = (0..<5000).filter { _ in Int.random(in: 0..<every, using: &generator) == 0 }
            let chunks = ArrayChunk.chunks(of: units, limit: limit)
            #expect(chunks.flatMap(self.units) == units)
            for chunk in chunks {
                #expect(chunk.list.utf8.count <= 4096)
                #expect(self.units(chunk).allSatisfy { $0 - chunk.offset < limit })
                #expect(self.units(chunk).count == chunk.count)
            }
        }
    }
}
