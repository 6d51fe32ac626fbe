// The header of a safetensors file: a strict parser for the little JSON that the format allows.

/// How a stored element is encoded.
public enum ElementType: String, Sendable, CaseIterable {
    /// IEEE binary32, IEEE binary16, and the upper half of binary32.
    case float32 = "F32"
    case float16 = "F16"
    case bfloat16 = "BF16"

    /// Bytes per element.
    public var size: Int { self == .float32 ? 4 : 2 }
}

/// What the header of a safetensors file declares.
///
/// - SeeAlso: The format's description at https://github.com/huggingface/safetensors.
public struct SafetensorsHeader: Sendable, Equatable {
    /// One stored tensor.
    public struct Entry: Sendable, Equatable {
        /// Its name, for weights the path of a parameter.
        public let name: String
        /// How its elements are encoded.
        public let type: ElementType
        /// Its extents, outermost first.
        public let shape: [Int]
        /// Its bytes, counted from the end of the header.
        public let bytes: Range<Int>
    }

    /// The tensors in the order of their bytes.
    public let entries: [Entry]
    /// Free text beside the tensors.
    public let metadata: [String: String]

    /// The most bytes a header may have.
    public static let limit = 100_000_000

    /// Parses a header that is followed by `dataLength` bytes of tensors.
    ///
    /// Strict: no duplicate keys, no unknown keys, no fractions or signs, tensors contiguous from
    /// 0 to `dataLength` in some order, shapes that do not overflow, white space only at the end.
    ///
    /// - Throws: `SafetensorsError.Problem`.
    public init(
        parsing bytes: UnsafeRawBufferPointer, dataLength: Int
    ) throws(SafetensorsError.Problem) {
        // The parser compares bytes; what it cuts out is then UTF-8 too.
        guard String(validating: bytes, as: UTF8.self) != nil else { throw .encoding }
        var parser = HeaderParser(bytes: bytes)
        try parser.parse()
        metadata = parser.metadata
        entries = parser.entries.sorted {
            ($0.bytes.lowerBound, $0.bytes.upperBound) < ($1.bytes.lowerBound, $1.bytes.upperBound)
        }
        var end = 0
        for entry in entries {
            guard entry.bytes.lowerBound == end else {
                throw .offset(tensor: entry.name, expected: end, found: entry.bytes.lowerBound)
            }
            end = entry.bytes.upperBound
        }
        guard end == dataLength else { throw .dataLength(expected: end, found: dataLength) }
    }
}

/// A cursor over the header. Nothing recurses: the format knows exactly two levels of objects.
private struct HeaderParser {
    typealias Problem = SafetensorsError.Problem

    let bytes: UnsafeRawBufferPointer
    var position = 0
    var entries: [SafetensorsHeader.Entry] = []
    var metadata: [String: String] = [:]

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func parse() throws(Problem) {
        var names: Set<String> = []
        // The format wants the very first byte to be the brace.
        guard current == UInt8(ascii: "{") else { throw .header(byte: 0, expected: "'{'") }
        try object { (parser, name) throws(Problem) in
            guard names.insert(name).inserted else { throw .duplicate(key: name) }
            if name == "__metadata__" {
                try parser.metadataObject()
            } else {
                try parser.tensorObject(name)
            }
        }
        skipWhitespace()
        guard position == bytes.count else {
            throw .header(byte: position, expected: "the end of the header")
        }
    }

    private mutating func metadataObject() throws(Problem) {
        try object { (parser, key) throws(Problem) in
            let value = try parser.string()
            guard parser.metadata.updateValue(value, forKey: key) == nil else {
                throw .duplicate(key: key)
            }
        }
    }

    private mutating func tensorObject(_ name: String) throws(Problem) {
        var typeName: String?
        var shape: [Int]?
        var offsets: [Int]?
        try object { (parser, key) throws(Problem) in
            switch key {
            case "dtype" where typeName == nil: typeName = try parser.string()
            case "shape" where shape == nil: shape = try parser.integers()
            case "data_offsets" where offsets == nil: offsets = try parser.integers()
            case "dtype", "shape", "data_offsets": throw .duplicate(key: "\(name).\(key)")
            default: throw .unknownKey(tensor: name, key: key)
            }
        }
        guard let typeName else { throw .missingKey(tensor: name, key: "dtype") }
        guard let shape else { throw .missingKey(tensor: name, key: "shape") }
        guard let offsets else { throw .missingKey(tensor: name, key: "data_offsets") }
        guard let type = ElementType(rawValue: typeName) else {
            throw .elementType(tensor: name, found: typeName)
        }
        guard offsets.count == 2, offsets[0] <= offsets[1] else {
            throw .header(byte: position, expected: "two ascending data_offsets of '\(name)'")
        }
        var expected = type.size
        for extent in shape {
            let (product, overflow) = expected.multipliedReportingOverflow(by: extent)
            guard !overflow else { throw .shapeOverflow(tensor: name, shape: shape) }
            expected = product
        }
        let found = offsets[1] - offsets[0]
        guard expected == found else {
            throw .byteCount(tensor: name, expected: expected, found: found)
        }
        entries.append(.init(name: name, type: type, shape: shape, bytes: offsets[0]..<offsets[1]))
    }

    // MARK: - JSON

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipWhitespace() {
        while let byte = current, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 {
            position += 1
        }
    }

    /// Whether `character` comes next; steps over it.
    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipWhitespace()
        guard current == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(Problem) {
        guard take(character) else { throw .header(byte: position, expected: "'\(character)'") }
    }

    /// An object; `member` parses the value of each key.
    private mutating func object(
        _ member: (inout HeaderParser, String) throws(Problem) -> Void
    ) throws(Problem) {
        try expect("{")
        if take("}") { return }
        repeat {
            let key = try string()
            try expect(":")
            try member(&self, key)
        } while take(",")
        try expect("}")
    }

    private mutating func integers() throws(Problem) -> [Int] {
        try expect("[")
        var result: [Int] = []
        if take("]") { return result }
        repeat { result.append(try integer()) } while take(",")
        try expect("]")
        return result
    }

    /// A number without sign, fraction, exponent or leading zero.
    private mutating func integer() throws(Problem) -> Int {
        skipWhitespace()
        let start = position
        var value = 0
        while let byte = current, (0x30...0x39).contains(byte) {
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(Int(byte - 0x30))
            guard !overflow, !carry else {
                throw .header(byte: start, expected: "a number of at most 63 bits")
            }
            value = sum
            position += 1
        }
        guard position > start, position == start + 1 || bytes[start] != 0x30 else {
            throw .header(byte: start, expected: "a whole number without sign")
        }
        return value
    }

    private mutating func string() throws(Problem) -> String {
        try expect("\"")
        var result: [UInt8] = []
        while let byte = current, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else {
                throw .header(byte: position, expected: "no control character in a string")
            }
            position += 1
            if byte == UInt8(ascii: "\\") {
                result += Array(String(try escape()).utf8)
            } else {
                result.append(byte)
            }
        }
        try expect("\"")
        return String(decoding: result, as: UTF8.self)
    }

    /// What follows a backslash.
    private mutating func escape() throws(Problem) -> Unicode.Scalar {
        let start = position
        guard let byte = current else { throw .header(byte: start, expected: "an escape") }
        position += 1
        switch Unicode.Scalar(byte) {
        case "\"": return "\""
        case "\\": return "\\"
        case "/": return "/"
        case "b": return "\u{8}"
        case "f": return "\u{c}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "u":
            let high = try hexadecimal()
            if let scalar = Unicode.Scalar(high) { return scalar }
            // A surrogate: only a high one followed by an escaped low one makes a character.
            if (0xd800..<0xdc00).contains(high), current == UInt8(ascii: "\\") {
                position += 1
                if current == UInt8(ascii: "u") {
                    position += 1
                    let low = try hexadecimal()
                    if (0xdc00..<0xe000).contains(low),
                        let scalar = Unicode.Scalar(
                            0x10000 + (high - 0xd800) << 10 + (low - 0xdc00))
                    {
                        return scalar
                    }
                }
            }
            throw .header(byte: start, expected: "a pair of surrogates")
        default: throw .header(byte: start, expected: "one of \" \\ / b f n r t u after '\\'")
        }
    }

    private mutating func hexadecimal() throws(Problem) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue
            else { throw .header(byte: position, expected: "four hexadecimal digits") }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
