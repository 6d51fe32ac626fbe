// A value of a JSON file that knows where it stands, so that errors can say so.
import FileNames
import Glibc
import Terminal

/// A JSON value and its place.
struct AnnotationNode {
    let value: JSONValue
    let file: String
    private let place: Place

    private indirect enum Place {
        case start(String)
        case member(Place, String)
        case element(Place, Int)

        var text: String {
            switch self {
            case .start(let text): return text
            case .member(let outer, let name):
                let before = outer.text
                return before.isEmpty || before.hasSuffix(" ") ? before + name : "\(before).\(name)"
            case .element(let outer, let index): return "\(outer.text)[\(index)]"
            }
        }
    }

    private init(_ value: JSONValue, _ file: String, _ place: Place) {
        (self.value, self.file, self.place) = (value, file, place)
    }

    /// Reads one JSON value.
    ///
    /// - Parameter start: Where the value begins, as in `line 7: `.
    init(parsing bytes: some Sequence<UInt8>, file: String, start: String = "")
        throws(AnnotationError)
    {
        do throws(JSONError) {
            self.init(try JSONValue(parsing: bytes), file, .start(start))
        } catch {
            throw AnnotationError(
                file: file, place: String(start.dropLast(2)),
                problem: .notJSON(reason: error.reason, byte: error.offset))
        }
    }

    /// Reads a file that is one JSON value.
    init(contentsOf path: String) throws(AnnotationError) {
        try self.init(parsing: Self.bytes(of: path), file: path)
    }

    /// Reads the bytes of a file that has a JSON value on each line that is not empty.
    static func lines(in bytes: [UInt8], file path: String) throws(AnnotationError)
        -> [AnnotationNode]
    {
        var nodes: [AnnotationNode] = []
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() where line.contains(where: { $0 > 0x20 }) {
            nodes.append(
                try AnnotationNode(parsing: line, file: path, start: "line \(index + 1): "))
        }
        return nodes
    }

    /// All bytes of a file.
    static func bytes(of path: String) throws(AnnotationError) -> [UInt8] {
        func failure(_ problem: AnnotationError.Problem) -> AnnotationError {
            AnnotationError(file: path, place: "", problem: problem)
        }
        guard let file = fopen(path.fileName, "rb") else {
            throw failure(.unreadable(reason: String(cString: strerror(errno))))
        }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 {
            bytes += chunk[..<count]
        }
        guard ferror(file) == 0 else {
            throw failure(.unreadable(reason: String(cString: strerror(errno))))
        }
        if bytes.starts(with: [0x1F, 0x8B]) { throw failure(.compressed) }
        return bytes
    }

    // MARK: - Errors

    func error(_ problem: AnnotationError.Problem) -> AnnotationError {
        let text = place.text
        return AnnotationError(
            file: file, place: text.hasSuffix(": ") ? String(text.dropLast(2)) : text,
            problem: problem)
    }

    func unexpected(_ expected: String) -> AnnotationError {
        let text = value.compact
        return error(
            .unexpected(expected: expected, found: text.count > 60 ? text.prefix(60) + "..." : text)
        )
    }

    // MARK: - Parts

    /// A member; null counts as missing.
    func optional(_ name: String) -> AnnotationNode? {
        guard let member = value[name] else { return nil }
        if case .null = member { return nil }
        return AnnotationNode(member, file, .member(place, name))
    }

    func member(_ name: String) throws(AnnotationError) -> AnnotationNode {
        guard case .object = value else { throw unexpected("an object") }
        guard let member = optional(name) else { throw error(.missing(name)) }
        return member
    }

    func elements() throws(AnnotationError) -> [AnnotationNode] {
        guard let values = value.elements else { throw unexpected("a list") }
        return values.enumerated().map { AnnotationNode($1, file, .element(place, $0)) }
    }

    /// The members that are lists, which must be of one length.
    func lists(_ names: String...) throws(AnnotationError) -> [[AnnotationNode]] {
        var lists: [[AnnotationNode]] = []
        for name in names { lists.append(try member(name).elements()) }
        guard Set(lists.map(\.count)).count == 1 else {
            let lengths = zip(names, lists).map { ($0, $1.count) }
            throw error(.lengths(Dictionary(uniqueKeysWithValues: lengths)))
        }
        return lists
    }

    func text() throws(AnnotationError) -> String {
        guard let text = value.text else { throw unexpected("a text") }
        return text
    }

    func texts() throws(AnnotationError) -> [String] {
        var texts: [String] = []
        for element in try elements() { texts.append(try element.text()) }
        return texts
    }

    func number() throws(AnnotationError) -> Double {
        guard let number = value.double else { throw unexpected("a number") }
        return number
    }

    func integer() throws(AnnotationError) -> Int {
        guard let number = value.integer else { throw unexpected("a whole number") }
        return number
    }

    func integer(in range: Range<Int>) throws(AnnotationError) -> Int {
        guard let number = value.integer, range.contains(number) else {
            throw unexpected(
                range.isEmpty
                    ? "nothing"
                    : "a whole number from \(range.lowerBound) to \(range.upperBound - 1)")
        }
        return number
    }

    func integers(in range: Range<Int>) throws(AnnotationError) -> [Int] {
        var numbers: [Int] = []
        for element in try elements() { numbers.append(try element.integer(in: range)) }
        return numbers
    }

    /// The numbers of an object, by name.
    func numbersByName() throws(AnnotationError) -> [String: Double] {
        guard case .object(let members) = value else { throw unexpected("an object") }
        var numbers: [String: Double] = [:]
        for (name, _) in members { numbers[name] = try member(name).number() }
        return numbers
    }

    /// Four numbers.
    func numbers4() throws(AnnotationError) -> (Double, Double, Double, Double) {
        let elements = try elements()
        guard elements.count == 4 else { throw unexpected("four numbers") }
        return (
            try elements[0].number(), try elements[1].number(), try elements[2].number(),
            try elements[3].number()
        )
    }

    /// A box given by its corners.
    func corners() throws(AnnotationError) -> Box {
        let (x1, y1, x2, y2) = try numbers4()
        return Box(x1, y1, x2, y2)
    }

    /// Width and height of a picture.
    func size() throws(AnnotationError) -> (width: Int, height: Int) {
        let elements = try elements()
        guard elements.count == 2 else { throw unexpected("width and height") }
        let limit = 1..<1_000_000
        return (try elements[0].integer(in: limit), try elements[1].integer(in: limit))
    }
}
