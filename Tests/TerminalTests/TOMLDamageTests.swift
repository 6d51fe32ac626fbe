// What strangers may do to a document: nothing traps, and nothing takes more than its length.
import Terminal
import Testing

@Suite struct TOMLDamageTests {
    @Test("Damaged documents are read or refused, never more", .timeLimit(.minutes(1)))
    func mutations() {
        var random = Xorshift(state: 0x9E37_79B9_7F4A_7C15)
        let lines = Array(TOMLReaderTests.document.utf8).split(separator: 0x0A)
        let pieces = ["[[", "]]", "{", "}", "\"\"\"", "'''", "\\", ".", "=", "\r", "\n", "#", "0x"]
        var read = 0
        for _ in 0..<20_000 {
            // Some lines of the document: the whole would mostly fail in its first ones.
            var bytes = Array(
                lines[random.below(lines.count)...].prefix(1 + random.below(6)).joined(
                    separator: [0x0A]))
            for _ in 0..<(1 + random.below(4)) {
                let place = random.below(bytes.count + 1)
                switch random.below(4) {
                case 0 where place < bytes.count: bytes[place] = UInt8(random.below(256))
                case 1 where place < bytes.count: bytes.remove(at: place)
                case 2: bytes.insert(contentsOf: bytes.prefix(place), at: place)
                default:
                    bytes.insert(contentsOf: pieces[random.below(pieces.count)].utf8, at: place)
                }
            }
            do throws(TOMLError) {
                _ = try JSONValue(parsingTOML: bytes)
                read += 1
            } catch {
                if error.line < 1 || error.line > bytes.count + 1 {
                    Issue.record("line \(error.line)")
                }
            }
        }
        // A test of nothing but refusals would prove little.
        #expect(read > 1000)
    }

    @Test("Nesting of every kind is limited")
    func depth() {
        func many(_ text: String) -> String { String(repeating: text, count: 100_000) }
        for text in [
            "a = " + many("["), "a = " + many("{b = "), many("a.") + "a = 1",
            "[" + many("a.") + "a]",
            "[[" + many("a.") + "a]]", "a = " + many("[{b = "), "a = {" + many("a.") + "a = 1}",
        ] {
            #expect(throws: TOMLError(line: 1, reason: "nested too deeply")) {
                try JSONValue(parsingTOML: text)
            }
        }
        let fits = String(repeating: "[", count: 63) + String(repeating: "]", count: 63)
        #expect(throws: Never.self) { try JSONValue(parsingTOML: "a = " + fits) }
        #expect(throws: TOMLError.self) { try JSONValue(parsingTOML: "a = [\(fits)]") }
    }

    @Test("Long documents take time by their length", .timeLimit(.minutes(1)))
    func length() throws {
        func many(_ line: (Int) -> String) -> String { (0..<20_000).map(line).joined() }
        for text in [
            many { _ in "[[a]]\n" }, many { _ in "[[a]]\n[a.b]\nc.d = 1\n" },
            many { "[a.b.c.t\($0)]\n" }, many { "k\($0) = \($0)\n" },
            "a = [" + many { _ in "\n1," } + "]", "a = '" + many { _ in "xx" } + "'",
            "a = \"\"\"" + many { _ in "\"\"\\n" } + "\"\"\"",
            "a = {" + many { "b.c\($0) = 1," }
                + "z = 1}", many { _ in "#\n" },
        ] { _ = try JSONValue(parsingTOML: text) }
        #expect(throws: TOMLError.self) {
            try JSONValue(parsingTOML: "a = " + many { _ in "1" })
        }
    }
}

/// Random numbers that are the same in each run.
struct Xorshift: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    mutating func below(_ bound: Int) -> Int { Int(next() >> 33) % bound }
}
