// A strict reader of TOML 1.0 into the values of JSON; dates, which JSON has not, are refused.

/// A text that is not TOML.
public struct TOMLError: ExitCodeProviding, Equatable {
    /// The line where reading stopped, counted from 1.
    public let line: Int
    /// What is wrong there.
    public let reason: String

    /// An error in line `line`.
    public init(line: Int, reason: String) {
        self.line = line
        self.reason = reason
    }

    /// Always ``ExitCode/badData``.
    public var exitCode: Int32 { ExitCode.badData.rawValue }
    /// One line.
    public var description: String { "not TOML at line \(line): \(reason)" }
}

extension JSONValue {
    /// Reads a TOML document: an object with its keys in order of first appearance.
    ///
    /// Refused are also dates and times, whole numbers beyond 64 bits, numbers beyond Double,
    /// invalid UTF-8, and nesting deeper than `maximumDepth`, dotted keys counted by their parts.
    ///
    /// - Throws: ``TOMLError``.
    /// - SeeAlso: toml.io/en/v1.0.0
    public init(
        parsingTOML bytes: some Sequence<UInt8>, maximumDepth: Int = 64
    ) throws(TOMLError) {
        var reader = TOMLReader(bytes: Array(bytes), maximumDepth: maximumDepth)
        self = try reader.document()
    }

    /// Reads a TOML document from a text.
    public init(parsingTOML text: String, maximumDepth: Int = 64) throws(TOMLError) {
        try self.init(parsingTOML: text.utf8, maximumDepth: maximumDepth)
    }
}

/// A place in a document; the tables are here, single values in `TOMLScalars`.
struct TOMLReader {
    let bytes: [UInt8]
    let maximumDepth: Int
    var position = 0

    init(bytes: [UInt8], maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
    }

    mutating func document() throws(TOMLError) -> JSONValue {
        try checkEncoding()
        // Some editors begin a file with a byte order mark.
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
        let root = TOMLTable(.header)
        var table = root, depth = 0
        while true {
            try skipLines()
            guard let byte = next else { return root.value }
            if byte == UInt8(ascii: "[") {
                (table, depth) = try header(root)
            } else {
                try pair(into: table, depth: depth)
            }
            try endLine()
        }
    }

    // MARK: - Tables

    /// `[a.b]` or `[[a.b]]`: the table that it opens, and how deep that lies.
    private mutating func header(
        _ root: TOMLTable
    ) throws(TOMLError) -> (table: TOMLTable, depth: Int) {
        position += 1
        let isList = next == UInt8(ascii: "[")
        if isList { position += 1 }
        let path = try key()
        guard take("]") else { throw failure("']' is missing") }
        if isList {
            // No space may stand between the two.
            guard next == UInt8(ascii: "]") else { throw failure("']]' is missing") }
            position += 1
        }
        guard path.count <= maximumDepth else { throw failure("nested too deeply") }
        var table = root
        for name in path.dropLast() {
            guard let inner = table.passed(name) else { throw twice(path) }
            table = inner
        }
        let last = path[path.count - 1]
        guard let opened = isList ? table.appended(last) : table.opened(last) else {
            throw twice(path)
        }
        return (opened, path.count)
    }

    /// `a.b = value`, in a table that lies `depth` deep.
    private mutating func pair(into table: TOMLTable, depth: Int) throws(TOMLError) {
        let path = try key()
        guard take("=") else { throw failure("'=' is missing after a key") }
        guard depth + path.count <= maximumDepth else { throw failure("nested too deeply") }
        var home = table
        for name in path.dropLast() {
            guard let inner = home.dotted(name) else { throw twice(path) }
            home = inner
        }
        let last = path[path.count - 1]
        guard !home.has(last) else { throw twice(path) }
        home.insert(try value(depth: depth + path.count), as: last)
    }

    /// The parts of a key, at least one.
    private mutating func key() throws(TOMLError) -> [String] {
        var path: [String] = []
        repeat {
            skipSpace()
            switch next {
            case UInt8(ascii: "\""), UInt8(ascii: "'"): path.append(try string(isKey: true))
            default:
                let start = position
                while let byte = next, isBareKey(byte) { position += 1 }
                guard position > start else { throw failure("a key is missing") }
                path.append(text(start..<position))
            }
        } while take(".")
        return path
    }

    /// `{ a = 1, b.c = 2 }` on one line.
    mutating func inlineTable(depth: Int) throws(TOMLError) -> JSONValue {
        position += 1
        let table = TOMLTable(.dotted)
        if take("}") { return table.value }
        repeat { try pair(into: table, depth: depth) } while take(",")
        guard take("}") else { throw failure("',' or '}' is missing") }
        return table.value
    }

    private func twice(_ path: [String]) -> TOMLError {
        let key = truncated(printable(path.joined(separator: ".")), toWidth: 60)
        return failure("'\(key)' is defined twice")
    }

    // MARK: - Lines

    var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x09 { position += 1 }
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// Passes the end of a line, if here is one.
    mutating func takeNewline() -> Bool {
        if next == 0x0A {
            position += 1
            return true
        }
        guard next == 0x0D, position + 1 < bytes.count, bytes[position + 1] == 0x0A else {
            return false
        }
        position += 2
        return true
    }

    /// Passes space, comments and ends of lines.
    mutating func skipLines() throws(TOMLError) {
        repeat {
            skipSpace()
            try skipComment()
        } while takeNewline()
    }

    private mutating func skipComment() throws(TOMLError) {
        guard next == UInt8(ascii: "#") else { return }
        while let byte = next, byte != 0x0A, byte != 0x0D {
            guard !isTOMLControl(byte) else { throw failure("control character in a comment") }
            position += 1
        }
    }

    private mutating func endLine() throws(TOMLError) {
        skipSpace()
        try skipComment()
        guard takeNewline() || next == nil else {
            throw failure("something follows where the line should end")
        }
    }

    // MARK: - Errors

    func failure(_ reason: String, at offset: Int? = nil) -> TOMLError {
        let lines = bytes[..<(offset ?? position)].reduce(1) { $0 + ($1 == 0x0A ? 1 : 0) }
        return TOMLError(line: lines, reason: reason)
    }

    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

    private func checkEncoding() throws(TOMLError) {
        guard String(validating: bytes, as: UTF8.self) == nil else { return }
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        let bad = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
        throw TOMLError(line: bad + 1, reason: "invalid UTF-8")
    }
}

private func isBareKey(_ byte: UInt8) -> Bool {
    isASCIILetter(byte) || isDigit(byte) || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
}

func isASCIILetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
}

/// What TOML allows nowhere: control characters except the tab.
func isTOMLControl(_ byte: UInt8) -> Bool { byte < 0x20 && byte != 0x09 || byte == 0x7F }
