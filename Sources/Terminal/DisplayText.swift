// Text as a terminal shows it: how wide it is, where it may break, what must not reach it.
import FileNames

/// The text with control characters made visible, so that a file's name cannot command a terminal.
public func printable(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\n": result += "\\n"
        case "\t": result += "\\t"
        case "\r": result += "\\r"
        case _ where isControl(scalar):
            // Of a byte in a file's name that is no character: the byte.
            let value = String.escapedByte(scalar).map(UInt32.init) ?? scalar.value
            let digits = String(value, radix: 16)
            result += "\\x" + String(repeating: "0", count: max(0, 2 - digits.count)) + digits
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result
}

/// C0, DEL, C1, the marks that turn the direction of the text around them, and bytes of a file's name
/// that are no characters.
func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x202A...0x202E, 0x2066...0x2069, 0xEF80...0xEFFF:
        return true
    default: return false
    }
}

/// Columns that the text takes on a terminal: 2 for wide characters, 0 for combining marks.
public func displayWidth(_ text: String) -> Int {
    text.reduce(0) { $0 + columns(of: $1) }
}

/// The longest beginning that takes at most `width` columns, with an ellipsis if anything is cut.
public func truncated(_ text: String, toWidth width: Int) -> String {
    guard displayWidth(text) > width else { return text }
    guard width > 0 else { return "" }
    var result = "", used = 0
    for character in text {
        let next = columns(of: character)
        if used + next > width - 1 { break }
        result.append(character)
        used += next
    }
    return result + "…"
}

/// The text followed (or preceded) by as many spaces as it takes to fill `width` columns.
public func padded(_ text: String, toWidth width: Int, alignRight: Bool = false) -> String {
    let space = String(repeating: " ", count: max(0, width - displayWidth(text)))
    return alignRight ? space + text : text + space
}

/// Lines of at most `width` columns, broken between words; a longer word stands alone.
public func wrapped(_ text: String, toWidth width: Int) -> [String] {
    var lines: [String] = []
    var line = "", used = 0
    for word in text.split(separator: " ") {
        let needed = displayWidth(String(word))
        if !line.isEmpty, used + 1 + needed > width {
            lines.append(line)
            (line, used) = ("", 0)
        }
        if !line.isEmpty {
            line += " "
            used += 1
        }
        line += word
        used += needed
    }
    return line.isEmpty ? lines : lines + [line]
}

/// Columns of one character by its first scalar; a character shown as an emoji is wide.
private func columns(of character: Character) -> Int {
    let scalars = character.unicodeScalars
    guard let first = scalars.first else { return 0 }
    if scalars.contains(where: { $0.value == 0xFE0F }) { return 2 }
    switch first.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    return isWide(first.value) ? 2 : 1
}

/// East Asian wide and full-width blocks, and pictographs (Unicode TR 11).
private func isWide(_ value: UInt32) -> Bool {
    switch value {
    case 0x1100...0x115F, 0x231A...0x231B, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF,
        0x4E00...0x9FFF, 0xA000...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF,
        0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF,
        0x1F900...0x1FAFF, 0x20000...0x3FFFD:
        return true
    default: return false
    }
}
