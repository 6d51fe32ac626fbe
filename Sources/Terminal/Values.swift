// Reading the texts that people type as numbers, times and sizes.

/// A whole number within `range`, or nil.
func readInteger(_ text: String, in range: ClosedRange<Int>) -> Int? {
    guard let value = Int(text), range.contains(value) else { return nil }
    return value
}

/// A decimal number within `range`, or nil. Neither "inf", "nan" nor hexadecimal is a number here.
func readReal(_ text: String, in range: ClosedRange<Double>) -> Double? {
    guard text.utf8.allSatisfy({ isDigit($0) || "+-.eE".utf8.contains($0) }),
        let value = Double(text), value.isFinite, range.contains(value)
    else { return nil }
    return value
}

/// Seconds from `90`, `90s`, `1.5m`, `1h2m3.5s`, `250ms`, `12:30.5` or `1:02:03`; nil for anything else.
public func readTime(_ text: String) -> Double? {
    text.contains(":") ? readClock(text) : readSpan(text)
}

/// `[[H:]M:]S[.FRACTION]`, minutes and seconds below 60 where a larger unit stands before them.
private func readClock(_ text: String) -> Double? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard (2...3).contains(parts.count) else { return nil }
    var seconds = 0.0
    for (index, part) in parts.enumerated() {
        let isLast = index == parts.count - 1
        guard let value = readUnsigned(part, allowsFraction: isLast), index == 0 || value < 60
        else { return nil }
        seconds = seconds * 60 + value
    }
    return seconds
}

/// Numbers with units in falling order, or one bare number of seconds.
private func readSpan(_ text: String) -> Double? {
    let units: [(name: String, seconds: Double)] = [
        ("h", 3600), ("m", 60), ("s", 1), ("ms", 0.001),
    ]
    var rest = Substring(text)
    var seconds = 0.0
    var nextUnit = 0
    if let bare = readUnsigned(rest, allowsFraction: true) { return bare }
    while !rest.isEmpty {
        let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        rest = rest.dropFirst(digits.count)
        let letters = rest.prefix { $0.isLetter }
        rest = rest.dropFirst(letters.count)
        guard let value = readUnsigned(digits, allowsFraction: true),
            let unit = units[nextUnit...].firstIndex(where: { $0.name == letters })
        else { return nil }
        seconds += value * units[unit].seconds
        nextUnit = unit + 1
    }
    return nextUnit == 0 ? nil : seconds
}

/// Bytes from `123456`, `700M`, `1.5GB` (powers of 1000) or `64KiB` (powers of 1024); nil for
/// anything else, zero and what does not fit 63 bits included.
public func readByteSize(_ text: String) -> Int64? {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard let value = readUnsigned(digits, allowsFraction: true) else { return nil }
    var unit = text.dropFirst(digits.count).lowercased()
    if unit.hasSuffix("b") { unit.removeLast() }
    let base = unit.hasSuffix("i") ? 1024.0 : 1000.0
    if unit.hasSuffix("i") { unit.removeLast() }
    var factor = 1.0
    if !unit.isEmpty || base == 1024 {
        guard unit.count == 1, let power = Array("kmgt").firstIndex(of: Character(unit))
        else { return nil }
        for _ in 0...power { factor *= base }
    }
    let bytes = (value * factor).rounded()
    return bytes >= 1 && bytes < 0x1p63 ? Int64(bytes) : nil
}

/// Digits, with at most one point between or after them.
private func readUnsigned(_ text: Substring, allowsFraction: Bool) -> Double? {
    guard let first = text.utf8.first, isDigit(first), let last = text.utf8.last, isDigit(last),
        text.utf8.allSatisfy({ isDigit($0) || (allowsFraction && $0 == UInt8(ascii: ".")) }),
        let value = Double(text), value.isFinite
    else { return nil }
    return value
}

func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

/// A number as a person would write it: `1`, `0.5`.
func shortest(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
}
