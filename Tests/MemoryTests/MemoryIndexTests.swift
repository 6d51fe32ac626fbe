import Tensors
import Testing

@testable import Memory

@Suite struct MemoryIndexTests {
    private func index(using random: inout RandomSource) -> MemoryIndex {
        var index = MemoryIndex(
            width: 1 + random.index(below: 99), valueWidth: random.uniform() < 0.5 ? nil : 4,
            operations: MemoryOperations(.manhattan, .maximum, .mean))
        for shard in 0..<random.index(below: 4) {
            let rows = 1 + random.index(below: 5)
            index.shards.append(
                .init(file: "patterns-\(shard * 3).safetensors", rows: rows, digest: "\(shard)"))
            for row in 0..<rows {
                index.entries.append(
                    .init(name: "a \"\(shard)\" \n ä \(row)", shard: shard, row: row))
            }
        }
        index.entries.shuffle(using: &random)
        return index
    }

    @Test("An index is read as it was written, whatever memories are called")
    func roundTrip() throws {
        var random = RandomSource(seed: 1)
        for _ in 0..<50 {
            let written = index(using: &random)
            #expect(try MemoryIndex(parsing: written.bytes, path: "i") == written)
        }
    }

    @Test("Files of patterns lie in the folder: other names are no such files")
    func names() {
        #expect(MemoryIndex.number(of: "patterns-12.safetensors") == 12)
        for name in [
            "patterns-.safetensors", "../patterns-1.safetensors", "patterns-1.safetensors/..",
            "patterns--1.safetensors", "patterns-1/2.safetensors", "index.jsonl",
        ] { #expect(MemoryIndex.number(of: name) == nil, "\(name)") }
    }

    @Test("Entries that point outside of their files are refused even under a right digest")
    func outside() {
        var index = MemoryIndex(
            width: 2, valueWidth: nil,
            operations: MemoryOperations(.manhattan, .maximum, .mean))
        index.shards = [.init(file: "patterns-1.safetensors", rows: 2, digest: "")]
        index.entries = [.init(name: "a", shard: 0, row: 2)]
        #expect(
            throws: MemoryStoreError("i", .malformed(line: 3, expected: "a memory"))
        ) { try MemoryIndex(parsing: index.bytes, path: "i") }
        index.shards[0].file = "../patterns-1.safetensors"
        #expect(
            throws: MemoryStoreError("i", .malformed(line: 2, expected: "a file of patterns"))
        ) { try MemoryIndex(parsing: index.bytes, path: "i") }
    }
}
