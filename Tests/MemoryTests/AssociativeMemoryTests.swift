import Tensors
import Testing

@testable import Memory

@Suite struct AssociativeMemoryTests {
    @Test("What is appended is found, what is removed is not, and the others stay")
    func appendAndRemove() throws {
        var random = RandomSource(seed: 1)
        for _ in 0..<10 {
            let width = 2 + random.index(below: 20)
            let first = randomPatterns(8, width, using: &random)
            let second = randomPatterns(5, width, using: &random)
            let (a, b) = (
                Tensor<Float>.normal([8, 3], using: &random),
                Tensor<Float>.normal([5, 3], using: &random)
            )
            var memory = try AssociativeMemory(first, values: a, similarity: .euclidean)
            #expect(try memory.retrieve(first) == a)
            try memory.append(second, values: b)
            #expect(memory.count == 13 && !memory.isAutoassociative)
            #expect(try memory.retrieve(second) == b)
            #expect(try memory.retrieve(first) == a)
            try memory.remove([0, 9])
            #expect(memory.count == 11)
            let found = try memory.nearest(to: first).map { $0[0].position }
            #expect(Array(found.dropFirst()) == Array(0..<7))
            #expect(try memory.nearest(to: first)[0][0].measure > 0)
            #expect(
                try memory.retrieve(second.gathered(rows: [2, 3, 4]))
                    == b.gathered(rows: [2, 3, 4]))
        }
    }

    @Test("A copy keeps what the original forgets")
    func copies() throws {
        var random = RandomSource(seed: 2)
        let keys = randomPatterns(4, 6, using: &random)
        var memory = try AssociativeMemory(keys)
        let copy = memory
        _ = try memory.retrieve(keys)
        try memory.remove([0, 1, 2])
        #expect(try copy.retrieve(keys) == keys)
        #expect(memory.count == 1)
    }

    @Test("What cannot be stored or asked is named in one line")
    func errors() throws {
        let keys = Tensor<Float>([1, 2, 3, .infinity], shape: [2, 2])
        #expect(throws: MemoryError.notFinite(row: 1, column: 1)) { try AssociativeMemory(keys) }
        let negative = Tensor<Float>([1, -2], shape: [1, 2])
        #expect(throws: MemoryError.negative(row: 0, column: 1, measure: "KL")) {
            try AssociativeMemory(negative, similarity: Similarity(.kullbackLeibler))
        }
        var memory = try AssociativeMemory(negative)
        #expect(throws: MemoryError.notFinite(row: 0, column: 0)) {
            try memory.retrieve(Tensor([.nan, 0], shape: [1, 2]))
        }
        #expect(throws: MemoryError.nothingKnown(row: 0)) {
            try memory.retrieve(negative, knowing: Tensor([0, 0], shape: [1, 2]))
        }
        #expect(throws: MemoryError.noSuchMemory(position: 1, count: 1)) { try memory.remove([1]) }
        #expect(throws: MemoryError.notFinite(row: 1, column: 1)) { try memory.append(keys) }
        #expect(memory.count == 1)
        try memory.remove([0])
        #expect(throws: MemoryError.empty) { try memory.retrieve(negative) }
        let all: [MemoryError] = [
            .empty, .notFinite(row: 0, column: 1), .negative(row: 0, column: 1, measure: "KL"),
            .nothingKnown(row: 2), .noSuchMemory(position: 3, count: 2),
        ]
        for error in all {
            #expect(!error.description.contains("\n") && error.description.count > 20)
        }
    }
}
