// Keys and texts as TOML has them.

extension String {
    /// The text as a key: bare where it can be.
    var asTOMLKey: String {
        let isBare = utf8.allSatisfy { byte in
            isASCIILetter(byte) || isDigit(byte) || "_-".utf8.contains(byte)
        }
        return isBare && !isEmpty ? self : asTOMLString
    }

    /// The text as a basic string. What commands a terminal is escaped, for people look at it there.
    var asTOMLString: String {
        var result = "\""
        for scalar in unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where isControl(scalar):
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    /// The text as a number where that is read as exactly this text, else as a string.
    var asTOMLValue: String {
        if let value = Int(self), "\(value)" == self { return self }
        let isNumber = utf8.allSatisfy { isDigit($0) || "+-.e".utf8.contains($0) }
        if isNumber, let value = Double(self), value.isFinite, "\(value)" == self { return self }
        return asTOMLString
    }
}
