// Options that name machine parts, and how files are written.
import Networks
import Terminal

extension CommonOptions {
    static let threads = Option.integer(
        "threads", in: 1...1024, default: 1, help: "Threads to compute with.", group: "Experiment")

    /// Writes text to a file, all or nothing.
    static func write(_ text: String, to path: String) throws {
        var text = text
        try text.withUTF8 { bytes in
            try writeAtomically([UnsafeRawBufferPointer(bytes)], to: path)
        }
    }
}
