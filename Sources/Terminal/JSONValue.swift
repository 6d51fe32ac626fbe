// JSON as a value, and its writer.

/// A JSON value (RFC 8259) whose objects keep the order of their members.
public indirect enum JSONValue: Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A whole number.
    case int(Int)
    /// Any number; one that is not finite is written as `null`, which JSON has instead.
    case number(Double)
    /// A text.
    case string(String)
    /// Values in order.
    case array([JSONValue])
    /// Members in order. The reader refuses names that occur twice; a writer should not make them.
    case object([(String, JSONValue)])

    /// The value on one line, without spaces.
    public var compact: String {
        var text = ""
        write(to: &text, indent: nil, level: 0)
        return text
    }

    /// The value over many lines, indented by two spaces, without a newline at the end.
    public var pretty: String {
        var text = ""
        write(to: &text, indent: 2, level: 0)
        return text
    }

    private func write(to text: inout String, indent: Int?, level: Int) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .int(let value): text += String(value)
        case .number(let value): text += value.isFinite ? Self.shortestNumber(value) : "null"
        case .string(let value): Self.quote(value, into: &text)
        case .array(let values):
            Self.list(values, "[", "]", to: &text, indent: indent, level: level) { value, text in
                value.write(to: &text, indent: indent, level: level + 1)
            }
        case .object(let members):
            Self.list(members, "{", "}", to: &text, indent: indent, level: level) { member, text in
                Self.quote(member.0, into: &text)
                text += indent == nil ? ":" : ": "
                member.1.write(to: &text, indent: indent, level: level + 1)
            }
        }
    }

    private static func list<Element>(
        _ elements: [Element], _ open: String, _ close: String, to text: inout String,
        indent: Int?, level: Int, _ body: (Element, inout String) -> Void
    ) {
        func newLine(_ level: Int) -> String {
            indent.map { "\n" + String(repeating: " ", count: $0 * level) } ?? ""
        }
        text += open
        for (index, element) in elements.enumerated() {
            text += (index > 0 ? "," : "") + newLine(level + 1)
            body(element, &text)
        }
        if !elements.isEmpty { text += newLine(level) }
        text += close
    }

    /// The shortest text that reads back as the same number; whole numbers without ".0".
    private static func shortestNumber(_ value: Double) -> String {
        let text = "\(value)"
        return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    }

    private static func quote(_ string: String, into text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}

extension JSONValue: Equatable {
    /// Whether both are the same value; whole numbers equal numbers of the same size, and members
    /// of objects are compared in order.
    public static func == (a: JSONValue, b: JSONValue) -> Bool {
        switch (a, b) {
        case (.null, .null): return true
        case (.bool(let a), .bool(let b)): return a == b
        case (.int(let a), .int(let b)): return a == b
        case (.number(let a), .number(let b)): return a == b
        case (.int(let a), .number(let b)), (.number(let b), .int(let a)): return Double(a) == b
        case (.string(let a), .string(let b)): return a == b
        case (.array(let a), .array(let b)): return a == b
        case (.object(let a), .object(let b)):
            return a.count == b.count
                && zip(a, b).allSatisfy { $0.0.0 == $0.1.0 && $0.0.1 == $0.1.1 }
        default: return false
        }
    }
}

extension JSONValue {
    /// The member of an object; nil where there is none or this is no object.
    public subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.0 == name }?.1
    }

    /// The text, if this is one.
    public var text: String? {
        if case .string(let value) = self { return value }
        return nil
    }

    /// The number, if this is one.
    public var double: Double? {
        switch self {
        case .int(let value): return Double(value)
        case .number(let value): return value
        default: return nil
        }
    }

    /// The whole number, if this is one.
    public var integer: Int? {
        switch self {
        case .int(let value): return value
        case .number(let value): return Int(exactly: value)
        default: return nil
        }
    }

    /// The truth value, if this is one.
    public var boolean: Bool? {
        if case .bool(let value) = self { return value }
        return nil
    }

    /// The elements, if this is an array.
    public var elements: [JSONValue]? {
        if case .array(let values) = self { return values }
        return nil
    }
}
