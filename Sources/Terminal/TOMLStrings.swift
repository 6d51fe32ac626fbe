// The strings of a TOML document: basic and literal, on one line and on several.

extension TOMLReader {
    /// A string at its opening quote; a key may not go over several lines.
    mutating func string(isKey: Bool) throws(TOMLError) -> String {
        let quote = bytes[position], start = position
        let isBasic = quote == UInt8(ascii: "\"")
        let isLong = !isKey && quotes(quote) >= 3
        position += isLong ? 3 : 1
        // A newline right after the opening quotes is there for the eye.
        if isLong { _ = takeNewline() }
        var result: [UInt8] = []
        while let byte = next {
            if byte == quote {
                let count = isLong ? quotes(quote) : 1
                if !isLong || count >= 3 {
                    guard count <= 5 else { throw failure("too many quotes end a string") }
                    // Up to two quotes may stand before the three that close.
                    if isLong { result += Array(repeating: quote, count: count - 3) }
                    position += count
                    return String(decoding: result, as: UTF8.self)
                }
                result.append(byte)
                position += 1
            } else if isBasic, byte == UInt8(ascii: "\\") {
                position += 1
                if isLong, passLineEnd() { continue }
                result += try escape()
            } else if byte == 0x0A || byte == 0x0D {
                guard isLong, takeNewline() else { throw failure("a string does not end") }
                result.append(0x0A)
            } else if isTOMLControl(byte) {
                throw failure("control character in a string")
            } else {
                result.append(byte)
                position += 1
            }
        }
        throw failure("a string does not end", at: start)
    }

    /// How many quotes stand here; more than six make no difference.
    private func quotes(_ quote: UInt8) -> Int {
        bytes[position...].prefix(6).prefix { $0 == quote }.count
    }

    /// After a backslash: passes the rest of the line if it is empty, and all space that follows.
    private mutating func passLineEnd() -> Bool {
        let start = position
        skipSpace()
        guard takeNewline() else {
            position = start
            return false
        }
        repeat { skipSpace() } while takeNewline()
        return true
    }

    private mutating func escape() throws(TOMLError) -> [UInt8] {
        guard let letter = next else { throw failure("a string does not end") }
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): return [letter]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "u"): return try scalar(digits: 4)
        case UInt8(ascii: "U"): return try scalar(digits: 8)
        default:
            position -= 1
            throw failure("unknown escape")
        }
    }

    private mutating func scalar(digits: Int) throws(TOMLError) -> [UInt8] {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw failure("\(digits) hexadecimal digits are missing")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        guard let scalar = Unicode.Scalar(value) else {
            throw failure("no character has this code")
        }
        return Array(String(Character(scalar)).utf8)
    }
}
