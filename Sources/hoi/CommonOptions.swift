// Options that several commands share: with which machine parts.
import Glibc
import Networks
import Terminal

extension CommonOptions {
    static let threads = Option.integer(
        "threads", in: 1...1024, default: 1, help: "Threads to compute with.", group: "Model")

    /// Writes text to a file, all or nothing.
    static func write(_ text: String, to path: String) throws {
        var text = text + "\n"
        try text.withUTF8 { bytes in
            try writeAtomically([UnsafeRawBufferPointer(bytes)], to: path)
        }
    }
}

/// All of standard input.
func readStandardInput() -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = read(0, &chunk, chunk.count), count > 0 { bytes += chunk[..<count] }
    return bytes
}
