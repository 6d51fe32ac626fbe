// Exact search among 100,000 keys, asked by the peers' runner over standard input.
import Glibc
import Memory
import Tensors

/// Answers what `Scripts/peers-memory.py` asks: stores keys from a file, searches, says how long it took.
///
/// Commands, a line each: `keys FILE ROWS WIDTH`, `search MEASURE FILE ROWS COUNT OUT` (positions as 64-bit integers, the
/// nearest first), `time MEASURE FILE ROWS COUNT` (seconds). Numbers in files are Floats.
final class MemorySearchServer {
    private var keys = Tensor<Float>(shape: [0, 1])
    private var memories: [String: AssociativeMemory] = [:]

    private static let similarities: [String: Similarity] = [
        "dot": .dotProduct, "euclidean": .euclidean, "manhattan": .manhattan,
    ]

    /// Answers until standard input ends.
    func run() {
        print("ready")
        fflush(nil)
        while let line = readLine() {
            do {
                print(try answer(line.split(separator: " ").map(String.init)))
            } catch {
                print("error \(error)")
            }
            fflush(nil)
        }
    }

    private func answer(_ words: [String]) throws -> String {
        switch words.first {
        case "keys" where words.count == 4:
            keys = try Self.matrix(words[1], rows: words[2], width: words[3])
            memories = [:]
            return "ok"
        case "search" where words.count == 6:
            let found = try search(words)
            let positions = found.flatMap { $0.map(\.position) }
            guard let file = fopen(words[5], "we") else { throw BenchmarkError.file(words[5]) }
            fwrite(positions, MemoryLayout<Int>.stride, positions.count, file)
            fclose(file)
            return "ok"
        case "time" where words.count == 5:
            let queries = try Self.matrix(words[2], rows: words[3], width: "\(keys.shape[1])")
            let memory = try memory(words[1])
            guard let count = Int(words[4]) else { throw BenchmarkError.command(words) }
            let seconds = try best(of: 1) { _ = try memory.nearest(to: queries, count: count) }
            return "\(seconds)"
        default: throw BenchmarkError.command(words)
        }
    }

    private func search(_ words: [String]) throws -> [[AssociativeMemory.Match]] {
        guard let count = Int(words[4]) else { throw BenchmarkError.command(words) }
        let queries = try Self.matrix(words[2], rows: words[3], width: "\(keys.shape[1])")
        return try memory(words[1]).nearest(to: queries, count: count)
    }

    private func memory(_ measure: String) throws -> AssociativeMemory {
        if let memory = memories[measure] { return memory }
        guard let similarity = Self.similarities[measure] else {
            throw BenchmarkError.command([measure])
        }
        let memory = try AssociativeMemory(
            keys, similarity: similarity, separation: .maximum, threads: benchmarkThreads)
        // Plans of one measure at a time: each holds all keys.
        memories = [measure: memory]
        return memory
    }

    private static func matrix(_ path: String, rows: String, width: String) throws -> Tensor<Float>
    {
        guard let rows = Int(rows), let width = Int(width), let file = fopen(path, "re") else {
            throw BenchmarkError.file(path)
        }
        defer { fclose(file) }
        var count = 0
        let matrix = Tensor<Float>(shape: [rows, width]) { to in
            count = fread(to.baseAddress, MemoryLayout<Float>.stride, to.count, file)
        }
        guard count == rows * width else { throw BenchmarkError.file(path) }
        return matrix
    }

    private enum BenchmarkError: Error {
        case file(String)
        case command([String])
    }
}
