// Text and paths as HTML takes them.
import FileNames
import Terminal

/// Text as HTML, in elements and in quoted attributes, cut where it would take more than `limit` bytes.
///
/// Scalars are looked at, not characters: a quote with a combining mark is another character, and still ends an
/// attribute.
func html(_ text: String, limit: Int = .max) -> String {
    // A scalar takes a byte at least: more of them than that need not be looked at.
    let text = limit < text.utf8.count ? String(text.unicodeScalars.prefix(limit + 1)) : text
    if text.utf8.count <= limit, text.utf8.allSatisfy(isPlain) { return text }
    var result = "", used = 0
    for scalar in printable(text).unicodeScalars {
        let part =
            switch scalar {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\"": "&quot;"
            case "'": "&#39;"
            default: String(scalar)
            }
        used += part.utf8.count
        if used > limit { return result + "…" }
        result.unicodeScalars.append(contentsOf: part.unicodeScalars)
    }
    return result
}

/// Whether a byte is a character that HTML and a reader take as it is.
private func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""),
        UInt8(ascii: "'"):
        false
    default: (0x20..<0x7F).contains(byte)
    }
}

/// The address of a file below the folder of the page.
///
/// - Returns: Letters, digits, and `-._~/%`; nil for a path that leaves the folder, and for one whose address takes
///   more than `limit` bytes.
func address(_ path: String, limit: Int = .max) -> String? {
    let bytes = path.fileName.dropLast().map { UInt8(bitPattern: $0) }
    let parts = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    // An empty part would begin an absolute path or another host.
    guard !parts.contains(where: { $0.isEmpty || Array($0) == Array("..".utf8) }) else {
        return nil
    }
    let digits = Array("0123456789ABCDEF".utf8)
    var result: [UInt8] = []
    for byte in bytes {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "/"):
            result.append(byte)
        default:
            result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }
    return result.count <= limit ? String(decoding: result, as: UTF8.self) : nil
}

/// A number of about three significant digits, for people.
func shown(_ value: Double) -> String {
    guard value.isFinite else { return "n/a" }
    let size = abs(value)
    return fixed(
        value, decimals: size < 0.0995 && size > 0 ? 4 : size < 9.995 ? 2 : size < 99.95 ? 1 : 0)
}
