// Bytes as text that passes everywhere.

/// Bytes in 64 letters, with `=` at the end where their number is no multiple of three.
///
/// - SeeAlso: RFC 4648, section 4.
public func base64(_ bytes: [UInt8]) -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    let count = bytes.count
    var text: [UInt8] = []
    text.reserveCapacity((count + 2) / 3 * 4)
    for start in stride(from: 0, to: count, by: 3) {
        let first = bytes[start]
        let second = start + 1 < count ? bytes[start + 1] : 0
        let third = start + 2 < count ? bytes[start + 2] : 0
        text.append(letters[Int(first >> 2)])
        text.append(letters[Int(first & 3) << 4 | Int(second >> 4)])
        text.append(letters[Int(second & 15) << 2 | Int(third >> 6)])
        text.append(letters[Int(third & 63)])
    }
    for place in 0..<(3 - count % 3) % 3 { text[text.count - 1 - place] = UInt8(ascii: "=") }
    return String(decoding: text, as: UTF8.self)
}
