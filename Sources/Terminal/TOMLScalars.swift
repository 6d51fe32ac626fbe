// The values of a TOML document: strings of four kinds, numbers, truth values, arrays.

extension TOMLReader {
    /// A value that lies `depth` deep.
    mutating func value(depth: Int) throws(TOMLError) -> JSONValue {
        skipSpace()
        switch next {
        case UInt8(ascii: "\""), UInt8(ascii: "'"): return .string(try string(isKey: false))
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            guard depth < maximumDepth else { throw failure("nested too deeply") }
            return next == UInt8(ascii: "[")
                ? try array(depth: depth + 1) : try inlineTable(depth: depth + 1)
        default: return try word()
        }
    }

    private mutating func array(depth: Int) throws(TOMLError) -> JSONValue {
        position += 1
        var values: [JSONValue] = []
        while true {
            try skipLines()
            if take("]") { return .array(values) }
            values.append(try value(depth: depth))
            try skipLines()
            if take(",") { continue }
            guard take("]") else { throw failure("',' or ']' is missing") }
            return .array(values)
        }
    }

    // MARK: - Words and numbers

    private mutating func word() throws(TOMLError) -> JSONValue {
        let start = position
        while let byte = next, isASCIILetter(byte) || isDigit(byte) || "_+-.:".utf8.contains(byte) {
            position += 1
        }
        let word = bytes[start..<position]
        if word.isEmpty { throw failure("a value is missing") }
        if word.elementsEqual("true".utf8) { return .bool(true) }
        if word.elementsEqual("false".utf8) { return .bool(false) }
        guard !isDate(word) else {
            throw failure("dates and times are not read; write the value in quotes")
        }
        do throws(NumberProblem) {
            return try number(word)
        } catch {
            throw failure(
                "'\(truncated(text(start..<position), toWidth: 60))' is \(error.rawValue)")
        }
    }

    /// Begins like `1979-05-27` or `07:32`.
    private func isDate(_ word: ArraySlice<UInt8>) -> Bool {
        let digits = word.prefix { isDigit($0) }.count
        let sign = word.dropFirst(digits).first
        return digits == 4 && sign == UInt8(ascii: "-") || digits == 2 && sign == UInt8(ascii: ":")
    }

    private enum NumberProblem: String, Error {
        case noValue = "no value; a text stands in quotes"
        case tooLarge = "too large a number"
    }

    private func number(_ word: ArraySlice<UInt8>) throws(NumberProblem) -> JSONValue {
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)]
        where word.starts(with: prefix.utf8) {
            guard
                let digits = digits(
                    word.dropFirst(2),
                    { byte in
                        Character(Unicode.Scalar(byte)).hexDigitValue.map { $0 < radix } ?? false
                    })
            else { throw .noValue }
            guard let value = Int(digits, radix: radix) else { throw .tooLarge }
            return .int(value)
        }
        let hasSign = word.first == UInt8(ascii: "-") || word.first == UInt8(ascii: "+")
        let sign = word.first == UInt8(ascii: "-") ? "-" : ""
        let body = hasSign ? word.dropFirst() : word
        if body.elementsEqual("inf".utf8) { return .number(sign == "-" ? -.infinity : .infinity) }
        if body.elementsEqual("nan".utf8) { return .number(.nan) }

        let split = body.firstIndex { "eE".utf8.contains($0) } ?? body.endIndex
        let point = body[..<split].firstIndex(of: UInt8(ascii: ".")) ?? split
        guard let whole = digits(body[..<point], isDigit), whole == "0" || !whole.hasPrefix("0")
        else { throw .noValue }
        if point == body.endIndex {
            guard let value = Int(sign + whole) else { throw .tooLarge }
            return .int(value)
        }
        var text = sign + whole
        if point < split {
            guard let fraction = digits(body[(point + 1)..<split], isDigit) else { throw .noValue }
            text += "." + fraction
        }
        if split < body.endIndex {
            var power = body[(split + 1)...]
            text += "e"
            if let first = power.first, "+-".utf8.contains(first) {
                text += first == UInt8(ascii: "-") ? "-" : ""
                power = power.dropFirst()
            }
            guard let power = digits(power, isDigit) else { throw .noValue }
            text += power
        }
        guard let value = Double(text), value.isFinite else { throw .tooLarge }
        return .number(value)
    }

    /// The digits without the underscores, each of which stands between two; nil where one does not.
    private func digits(_ part: ArraySlice<UInt8>, _ isAllowed: (UInt8) -> Bool) -> String? {
        let underscore = UInt8(ascii: "_")
        var kept: [UInt8] = []
        var last = underscore
        for byte in part {
            if byte != underscore {
                guard isAllowed(byte) else { return nil }
                kept.append(byte)
            } else if last == underscore {
                return nil
            }
            last = byte
        }
        return last == underscore ? nil : String(decoding: kept, as: UTF8.self)
    }
}
