// Options that several commands share.
import Enhancement
import Networks
import Terminal

extension CommonOptions {
    static let output = Option.path(
        "output", short: "o", placeholder: "OUT", help: "Where to write.", group: "Output")

    static let gate = Option<DamageGate?>(
        "gate", placeholder: "ZERO:FULL", fallback: nil,
        expectation: "two luma steps like 6:9, the smaller in front",
        help: "Leave frames alone up to this mean luma step, correct them fully from that one on; "
            + "else as the model's file says.",
        group: "Model"
    ) { text, _ in DamageGate(text).map { .some(.some($0)) } ?? .none }

    static let report = Option.path(
        "report", placeholder: "FILE.json", help: "Write a report of the run.", group: "Reports")

    /// Writes text to a file, all or nothing.
    static func write(_ text: String, to path: String) throws {
        var text = text + "\n"
        try text.withUTF8 { bytes in
            try writeAtomically([UnsafeRawBufferPointer(bytes)], to: path)
        }
    }
}
