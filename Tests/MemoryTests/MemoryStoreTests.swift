import Glibc
import TestSupport
import Tensors
import Testing

@testable import Memory

@Suite struct MemoryStoreTests {
    private let scratch = TemporaryFolder()
    private var folder: String { "\(scratch.path)/index" }

    private func memory(
        _ count: Int, _ width: Int = 6, values: Int? = nil, using random: inout RandomSource
    ) throws -> AssociativeMemory {
        try AssociativeMemory(
            randomPatterns(count, width, using: &random),
            values: values.map { Tensor.normal([count, $0], using: &random) },
            similarity: .published(.euclidean), separation: .softmax(12.5), projection: .sum)
    }

    private func names(_ range: Range<Int>) -> [String] { range.map { "memory \($0)" } }

    /// The names in the folder.
    private var files: [String] { TemporaryFolder.names(in: folder) }

    private func write(_ bytes: [UInt8], to name: String) {
        scratch.write(bytes, to: "index/\(name)")
    }

    @Test("What was stored comes back bit for bit, with its operations and names")
    func roundTrip() throws {
        var random = RandomSource(seed: 1)
        for values in [nil, 3] {
            let original = try memory(9, values: values, using: &random)
            let path = "\(scratch.path)/\(values ?? 0)"
            _ = try MemoryStore(creating: path, original, names: names(0..<9))
            let store = try MemoryStore(contentsOf: path)
            let found = try store.memory()
            #expect(found.keys == original.keys && found.values == original.values)
            #expect(found.isAutoassociative == (values == nil))
            #expect(found.similarity == original.similarity)
            #expect(found.separation == original.separation)
            #expect(found.projection == original.projection)
            #expect(store.names == names(0..<9))
        }
    }

    @Test("Every choice of operations survives, and nothing unknown is taken for one")
    func operations() {
        let separations: [Separation] = [
            .identity, .polynomial(7), .logarithm, .squareRoot, .softmax(0.25), .maximum, .top(3),
            .threshold(-2.5),
        ]
        for measure in Similarity.Measure.allCases {
            for separation in separations {
                let operations = MemoryOperations(
                    .published(measure), separation,
                    AssociativeMemory.Projection.allCases[measure.rawValue.count % 3])
                #expect(MemoryOperations(operations.json) == operations)
            }
        }
        #expect(MemoryOperations(.object([("measure", .string("Manhattan"))])) == nil)
        #expect(MemoryOperations(nil) == nil)
    }

    @Test("A store equals a memory through any course of appending, removing and rebuilding")
    func course() throws {
        var random = RandomSource(seed: 2)
        var expected = try memory(5, values: 2, using: &random)
        var kept = names(0..<5)
        var store = try MemoryStore(creating: folder, expected, names: kept)
        var next = 5
        for _ in 0..<25 {
            switch random.index(below: 3) {
            case 0:
                let count = random.index(below: 4)
                let keys = randomPatterns(count, 6, using: &random)
                let values = Tensor<Float>.normal([count, 2], using: &random)
                try store.append(keys, values: values, names: names(next..<next + count))
                try expected.append(keys, values: values)
                kept += names(next..<next + count)
                next += count
            case 1:
                let gone = kept.indices.filter { _ in random.uniform() < 0.3 }
                try store.remove(gone.map { kept[$0] })
                try expected.remove(gone)
                kept = kept.indices.filter { !gone.contains($0) }.map { kept[$0] }
            default:
                try store.rebuild()
                #expect(files.count == (kept.isEmpty ? 1 : 2))
            }
            let found = try MemoryStore(contentsOf: folder)
            #expect(found.names == kept && store.names == kept)
            let memory = try found.memory()
            #expect(memory.keys == expected.keys && memory.values == expected.values)
        }
    }

    @Test("A change at any byte of any file is detected, or changes nothing that is read")
    func damage() throws {
        var random = RandomSource(seed: 3)
        let original = try memory(4, using: &random)
        _ = try MemoryStore(creating: folder, original, names: names(0..<4))
        for name in files {
            let whole = TemporaryFolder.bytes(of: "\(folder)/\(name)")
            for _ in 0..<60 {
                var bytes = whole
                let at = random.index(below: bytes.count)
                switch random.index(below: 3) {
                case 0: bytes[at] ^= UInt8(1 << random.index(below: 8))
                case 1: bytes.removeSubrange(at...)
                default: bytes.append(UInt8(random.index(below: 256)))
                }
                write(bytes, to: name)
                do {
                    let store = try MemoryStore(contentsOf: folder)
                    let found = try store.memory()
                    // Only what the head says of operations is outside of the seal.
                    #expect(found.keys == original.keys && store.names == names(0..<4))
                } catch {
                    #expect(
                        !error.description.contains("\n") && error.description.contains("index"))
                }
            }
            write(whole, to: name)
        }
        #expect(try MemoryStore(contentsOf: folder).memory().keys == original.keys)
    }

    @Test("What is no index, of another version, or lacks its patterns is named")
    func foreign() throws {
        #expect(throws: MemoryStoreError.self) { try MemoryStore(contentsOf: folder) }
        var random = RandomSource(seed: 4)
        _ = try MemoryStore(creating: folder, memory(2, using: &random), names: names(0..<2))
        let index = TemporaryFolder.bytes(of: "\(folder)/index.jsonl")
        let text = String(decoding: index, as: UTF8.self)

        func problem(_ bytes: [UInt8]) -> MemoryStoreError.Problem? {
            write(bytes, to: "index.jsonl")
            do {
                _ = try MemoryStore(contentsOf: folder).memory()
                return nil
            } catch { return error.problem }
        }
        #expect(problem(Array("{\"image\":\"a.jpg\"}\n".utf8)) == .foreign)
        #expect(problem([]) == .foreign)
        #expect(problem([0, 1, 2, 255]) == .foreign)
        let newer = text.split(separator: "\"version\":1")
        #expect(problem(Array((newer[0] + "\"version\":2" + newer[1]).utf8)) == .version(2))
        #expect(problem(index) == nil)
        unlink("\(folder)/patterns-1.safetensors")
        guard case .patterns(let reason) = problem(index) else {
            Issue.record("patterns are not missed")
            return
        }
        #expect(reason.contains("No such file"))
    }

    @Test("Names that occur twice, widths that differ and unknown names change nothing")
    func refusals() throws {
        var random = RandomSource(seed: 5)
        var store = try MemoryStore(
            creating: folder, memory(3, using: &random), names: names(0..<3))
        let before = files.map { TemporaryFolder.bytes(of: "\(folder)/\($0)") }
        let one = randomPatterns(1, 6, using: &random)
        #expect(throws: MemoryStoreError(folder, .duplicate(name: "memory 1"))) {
            try store.append(one, names: ["memory 1"])
        }
        #expect(throws: MemoryStoreError(folder, .otherWidth(expected: 6, found: 5))) {
            try store.append(randomPatterns(1, 5, using: &random), names: ["a"])
        }
        #expect(throws: MemoryStoreError(folder, .noSuchMemory(name: "b"))) {
            try store.remove(["memory 0", "b"])
        }
        #expect(throws: MemoryStoreError(folder, .exists)) {
            try MemoryStore(creating: folder, memory(1, using: &random), names: ["a"])
        }
        // A file in its place is not a folder that somebody has begun.
        let place = TemporaryFolder()
        writeBytes([1], to: place("file"))
        #expect(throws: MemoryStoreError(place("file"), .exists)) {
            try MemoryStore(creating: place("file"), memory(1, using: &random), names: ["a"])
        }
        #expect(files.map { TemporaryFolder.bytes(of: "\(folder)/\($0)") } == before)
    }

    @Test(
        "What was killed before its index was written is begun anew; other things in a folder are not touched"
    )
    func unfinished() throws {
        var random = RandomSource(seed: 9)
        let place = TemporaryFolder()
        let folder = place("memory")
        _ = try MemoryStore(creating: folder, memory(3, using: &random), names: ["a", "b", "c"])
        unlink(folder + "/index.jsonl")
        writeBytes([1, 2], to: folder + "/patterns-2.safetensors.host.1.part")
        let one = try memory(1, using: &random)
        _ = try MemoryStore(creating: folder, one, names: ["d"])
        #expect(try MemoryStore(contentsOf: folder).names == ["d"])
        #expect(try MemoryStore(contentsOf: folder).memory().keys == one.keys)
        unlink(folder + "/index.jsonl")
        writeBytes([3], to: folder + "/letter.txt")
        #expect(throws: MemoryStoreError(folder, .exists)) {
            try MemoryStore(creating: folder, one, names: ["d"])
        }
        #expect(readBytes(folder + "/letter.txt") == [3])
    }

    @Test("Who read before another wrote is told, and who writes at the same time, too")
    func together() throws {
        var random = RandomSource(seed: 6)
        var first = try MemoryStore(
            creating: folder, memory(3, using: &random), names: names(0..<3))
        var second = try MemoryStore(contentsOf: folder)
        try first.remove(["memory 0"])
        #expect(throws: MemoryStoreError(folder, .changed)) { try second.remove(["memory 1"]) }
        second = try MemoryStore(contentsOf: folder)
        try second.remove(["memory 1"])
        #expect(try MemoryStore(contentsOf: folder).names == ["memory 2"])

        let lock = open(folder, O_RDONLY | O_DIRECTORY)
        #expect(flock(lock, LOCK_EX) == 0)
        #expect(throws: MemoryStoreError(folder, .busy)) { try second.rebuild() }
        close(lock)
        try second.rebuild()
    }

    @Test("Patterns that a killed process left behind go with the next change")
    func leftovers() throws {
        var random = RandomSource(seed: 7)
        var store = try MemoryStore(
            creating: folder, memory(3, using: &random), names: names(0..<3))
        write([1, 2, 3], to: "patterns-7.safetensors")
        write([1], to: "notes.txt")
        #expect(try MemoryStore(contentsOf: folder).memory().count == 3)
        try store.append(randomPatterns(1, 6, using: &random), names: ["new"])
        #expect(
            files == [
                "index.jsonl", "notes.txt", "patterns-1.safetensors", "patterns-8.safetensors",
            ])
    }

    @Test("Errors print as one line and say with which status a program ends")
    func errors() {
        let problems: [(MemoryStoreError.Problem, Int32)] = [
            (.unreadable(reason: "x"), 66), (.foreign, 65), (.version(3), 65),
            (.damaged(expected: "x"), 65), (.malformed(line: 2, expected: "x"), 65),
            (.patterns("x"), 65), (.otherWidth(expected: 1, found: 2), 65),
            (.duplicate(name: "a\nb"), 65), (.noSuchMemory(name: "a"), 65), (.busy, 75),
            (.changed, 75), (.exists, 73), (.notWritten("x"), 74),
        ]
        for (problem, status) in problems {
            let error = MemoryStoreError("a/b", problem)
            #expect(error.description.hasPrefix("a/b: ") && !error.description.contains("\n"))
            #expect(error.exitCode == status)
        }
    }
}
