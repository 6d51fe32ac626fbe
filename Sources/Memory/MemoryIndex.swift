// The index of a stored memory: JSON Lines that say which patterns are kept where, sealed by a digest.
import Networks
import Terminal

/// What `index.jsonl` says.
///
/// The first line is the head: format, version, widths, operations, how many lines of each kind follow, and the SHA-256
/// of all that follows. Then a line for each file of patterns, then one for each memory.
struct MemoryIndex: Equatable {
    /// A file of patterns.
    struct Shard: Equatable {
        var file: String, rows: Int, digest: String
    }
    /// A memory: what it is called, and where its patterns are.
    struct Entry: Equatable {
        var name: String, shard: Int, row: Int
    }

    /// Numbers of a key, and of a value; nil where values are the keys.
    var width: Int, valueWidth: Int?
    var operations: MemoryOperations
    var shards: [Shard] = [], entries: [Entry] = []

    static let format = "percept-memory", version = 1

    init(width: Int, valueWidth: Int?, operations: MemoryOperations) {
        (self.width, self.valueWidth, self.operations) = (width, valueWidth, operations)
    }

    /// The file's bytes.
    var bytes: [UInt8] {
        var rest: [UInt8] = []
        for shard in shards {
            rest += Self.line([
                ("file", .string(shard.file)), ("rows", .int(shard.rows)),
                ("sha256", .string(shard.digest)),
            ])
        }
        for entry in entries {
            rest += Self.line([
                ("memory", .string(entry.name)), ("shard", .int(entry.shard)),
                ("row", .int(entry.row)),
            ])
        }
        let head = Self.line([
            ("format", .string(Self.format)), ("version", .int(Self.version)),
            ("width", .int(width)), ("values", valueWidth.map { .int($0) } ?? .null),
            ("operations", operations.json), ("files", .int(shards.count)),
            ("memories", .int(entries.count)), ("sha256", .string(Self.digest(rest))),
        ])
        return head + rest
    }

    private static func line(_ members: [(String, JSONValue)]) -> [UInt8] {
        Array(JSONValue.object(members).compact.utf8) + [UInt8(ascii: "\n")]
    }

    static func digest(_ bytes: [UInt8]) -> String {
        bytes.withUnsafeBytes { SHA256(of: $0).hexadecimal }
    }

    /// Reads an index.
    ///
    /// - Parameter path: For errors.
    /// - Throws: ``MemoryStoreError``: foreign, of another version, damaged, or with a line that is wrong.
    init(parsing bytes: [UInt8], path: String) throws(MemoryStoreError) {
        func fail(_ problem: MemoryStoreError.Problem) -> MemoryStoreError {
            MemoryStoreError(path, problem)
        }
        let end = bytes.firstIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
        guard let head = try? JSONValue(parsing: bytes[..<end]),
            head["format"]?.text == Self.format
        else { throw fail(.foreign) }
        guard let version = head["version"]?.integer else {
            throw fail(.malformed(line: 1, expected: "a version"))
        }
        guard version == Self.version else { throw fail(.version(version)) }
        guard let width = head["width"]?.integer, width > 0,
            let operations = MemoryOperations(head["operations"]),
            let files = head["files"]?.integer, let memories = head["memories"]?.integer,
            files >= 0, memories >= 0, let digest = head["sha256"]?.text
        else {
            throw fail(.malformed(line: 1, expected: "widths, operations, counts and a digest"))
        }
        if case .some(.null) = head["values"] {
            valueWidth = nil
        } else if let width = head["values"]?.integer, width > 0 {
            valueWidth = width
        } else {
            throw fail(.malformed(line: 1, expected: "the width of values, or null"))
        }
        (self.width, self.operations) = (width, operations)
        let rest = Array(bytes[min(end + 1, bytes.endIndex)...])
        guard Self.digest(rest) == digest else {
            throw fail(.damaged(expected: "its lines have another digest than its head says"))
        }
        let lines = rest.split(separator: UInt8(ascii: "\n"))
        guard lines.count == files + memories else {
            throw fail(
                .damaged(expected: "it has \(lines.count) lines, not \(files + memories)"))
        }
        for (number, line) in lines.enumerated() {
            let json = try? JSONValue(parsing: line)
            if number < files {
                guard let file = json?["file"]?.text, Self.isPlain(file),
                    let rows = json?["rows"]?.integer, rows >= 0,
                    let digest = json?["sha256"]?.text
                else { throw fail(.malformed(line: number + 2, expected: "a file of patterns")) }
                shards.append(Shard(file: file, rows: rows, digest: digest))
            } else {
                guard let name = json?["memory"]?.text, let shard = json?["shard"]?.integer,
                    let row = json?["row"]?.integer, shards.indices.contains(shard),
                    (0..<shards[shard].rows).contains(row)
                else { throw fail(.malformed(line: number + 2, expected: "a memory")) }
                entries.append(Entry(name: name, shard: shard, row: row))
            }
        }
    }

    /// Whether a name is that of a file of patterns in the same folder, and leads nowhere else.
    static func isPlain(_ name: String) -> Bool {
        number(of: name) != nil
    }

    /// The number of a file of patterns: 3 of `patterns-3.safetensors`.
    static func number(of name: String) -> Int? {
        guard name.hasPrefix("patterns-"), name.hasSuffix(".safetensors") else { return nil }
        let digits = name.dropFirst(9).dropLast(12)
        guard digits.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        return Int(digits)
    }
}
