// Where the finished parts of one video wait for the others.
import FileNames
import Glibc
import Media
import Terminal

/// A folder of parts: for each that is finished its file and a record, `0007.mkv` and `0007.json`.
///
/// A record appears after its file, both at once or not at all, so that nobody need be kept out of the folder.
public struct PartFolder: Sendable {
    /// Where it is.
    public let path: String

    /// The folder at `path`, which need not exist.
    public init(_ path: String) { self.path = path }

    /// The path of a part's file, and of its record.
    func file(_ index: Int) -> String { "\(path)/\(Self.number(index)).mkv" }
    func record(_ index: Int) -> String { "\(path)/\(Self.number(index)).json" }
    /// What is being made.
    var description: String { "\(path)/job.json" }

    private static func number(_ index: Int) -> String {
        let digits = String(index)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// Reads JSON; nil where there is none that is whole.
    func read(_ path: String) -> JSONValue? {
        guard let bytes = try? readFile(path) else { return nil }
        return try? JSONValue(parsing: bytes)
    }

    /// Writes JSON, all or nothing.
    ///
    /// - Throws: `MediaError`, `OutputError`.
    func write(_ value: JSONValue, to path: String, isDurable: Bool = true) throws {
        try writeFile(Array((value.compact + "\n").utf8), to: path, isDurable: isDurable)
    }

    /// The record of a part that was made for `work` and whose file is there; nil where it is missing.
    func finished(_ index: Int, of work: String) -> SegmentRecord? {
        guard let record = read(record(index)).flatMap(SegmentRecord.init), record.work == work,
            let stamp = try? FileStamp(of: file(index)), stamp.bytes == record.seal.bytes
        else { return nil }
        return record
    }

    /// Removes parts, records and what says what is being made.
    func removeParts() {
        for name in (try? Folder.names(in: path)) ?? [] where Self.isOurs(name) {
            unlink("\(path)/\(name)".fileName)
        }
    }

    private static func isOurs(_ name: String) -> Bool {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2 || parts.last == "part" else { return false }
        let isNumber = parts[0].count >= 4 && parts[0].allSatisfy { $0.isASCII && $0.isNumber }
        return (isNumber && ["mkv", "json"].contains(parts[1]))
            || (parts[0] == "job" && parts[1] == "json")
    }
}

/// All bytes of a file.
func readFile(_ path: String) throws -> [UInt8] {
    guard let file = fopen(path.fileName, "rb") else {
        throw MediaError.unreadableInput(path: path, reason: String(cString: strerror(errno)))
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = fread(&block, 1, block.count, file)
        guard count > 0 else { return bytes }
        bytes += block[..<count]
    }
}

/// Writes a file, all or nothing, replacing what was there.
///
/// - Parameter isDurable: See `OutputFile`.
/// - Throws: `MediaError`, `OutputError`.
func writeFile(_ bytes: [UInt8], to path: String, isDurable: Bool = true) throws {
    let file = try OutputFile(path: path, overwrite: .replace, isDurable: isDurable)
    try bytes.withUnsafeBytes { try file.write($0) }
    try file.finish()
}
