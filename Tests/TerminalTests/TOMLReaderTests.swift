import Terminal
import Testing

@Suite struct TOMLReaderTests {
    /// Most of what the language has.
    static let document = #"""
        # A batch
        title = "caf\u00E9 \"x\"" # and why
        'bare-key_1' = 'C:\no\escapes'
        whole = [1_000, -17, +99, 0xDEAD_beef, 0]
        3.14 = "dotted"
        real = [1.0, -0.01, 5e+22, 1E06, 6.626e-34, 9_224.5, inf, -inf,]
        flags = { on = true, off = false, deep.er = [ [1], ["a", {b = 2}] ] }
        long = """
        one "two" \
            three""""
        raw = '''
        it's
        raw'''

        [jobs.first]
        fps = 0o17
        size.width = 0b101
        size.height = 2

        [jobs] # after its own part
        "last one" = ""

        [[shots]]
        name = "a"
        [shots.look]
        zoom = 2
        [[shots]]
        [ other . "x.y" ]
        """#

    @Test("A document is read into objects, keys in order of first appearance")
    func everything() throws {
        let expected = #"""
            {"title":"café \"x\"","bare-key_1":"C:\\no\\escapes","whole":[1000,-17,99,3735928559,0],
            "3":{"14":"dotted"},"real":[1,-0.01,5e22,1000000,6.626e-34,9224.5,null,null],
            "flags":{"on":true,"off":false,"deep":{"er":[[1],["a",{"b":2}]]}},
            "long":"one \"two\" three\"","raw":"it's\nraw",
            "jobs":{"first":{"fps":15,"size":{"width":5,"height":2}},"last one":""},
            "shots":[{"name":"a","look":{"zoom":2}},{}],"other":{"x.y":{}}}
            """#
        let value = try JSONValue(parsingTOML: Self.document)
        #expect(try value.compact == JSONValue(parsing: expected).compact)
        #expect(value["real"]?.elements?[6].double == .infinity)
    }

    @Test("Lines may end as in DOS, and a byte order mark may stand in front")
    func lineEnds() throws {
        let value = try JSONValue(
            parsingTOML: "\u{FEFF}a = 1\r\n# b\r\nc = \"\"\"\r\nx\r\ny\"\"\"\r\n")
        #expect(value == .object([("a", .int(1)), ("c", .string("x\ny"))]))
        #expect(try JSONValue(parsingTOML: "") == .object([]))
        #expect(try JSONValue(parsingTOML: " # only this") == .object([]))
    }

    @Test(
        "What TOML does not allow is refused",
        arguments: [
            "a", "a =", "= 1", "a = 1 b = 2", "a = 1,", "a b = 1", "a. = 1", ".a = 1", "é = 1",
            "a = b", "a = True", "a = 01", "a = 1_", "a = _1", "a = 1__2", "a = 0x", "a = 0xG",
            "a = -0x1", "a = +0b1", "a = 0o8", "a = 1.", "a = .5", "a = 1e", "a = 1._5",
            "a = 1e5.0",
            "a = ++1", "a = 1e999", "a = 9223372036854775808", "a = 0x8000000000000000", "a = nAn",
            "a = 00.5", "a = 1.e5", "a = --1", "a = 1-", "a = 1 2",
            "a = \"", "a = \"\\x\"", "a = \"\\ud800\"", "a = \"\\U00110000\"", "a = \"\\u12\"",
            "a = \"b\nc\"", "a = 'b\nc'", "a = \"\"\"b", "a = '''b''", "a = \"\"\"b\"\"\"\"\"\"",
            "a = \"\u{1}\"", "a = 'b\u{7F}'", "# \u{1}", "a = \"b\" c", "\"\"\"a\"\"\" = 1",
            "a = \"\"\"\\ b\"\"\"", "a = 1\rb = 2", "# a\rb = 2",
            "a = [", "a = [1", "a = [1 2]", "a = [,1]", "a = [1,,2]", "a = {", "a = {b = 1,}",
            "a = {b = 1\n}", "a = {b}", "a = {,}", "a = {b = 1 c = 2}",
            "[", "[]", "[a", "[a]b", "[a] b = 1", "[[a]", "[[a] ]", "[ [a]]", "[a.]", "[a..b]",
            "a = 1979-05-27", "a = 1979-05-27T07:32:00Z", "a = 07:32:00",
            "a = [1979-05-27 07:32:00]",
        ])
    func refused(text: String) {
        #expect(throws: TOMLError.self) { try JSONValue(parsingTOML: text) }
    }

    @Test(
        "Nothing is defined twice, and what is closed stays closed",
        arguments: [
            "a = 1\na = 2", "a = 1\n'a' = 2", "a.b = 1\na.b = 2", "a = 1\na.b = 2",
            "a.b = 1\na = 2",
            "[a]\n[a]", "[a]\nb = 1\n[a.b]", "a = 1\n[a]", "[a.b]\nc = 1\n[a.b.c]", "a = {}\n[a]",
            "a = {b = 1}\na.c = 2", "a = {b = 1}\n[a.c]", "a.b = 1\n[a]", "[a.b]\n[a]\nb.c = 1",
            "[a.b.c]\n[a]\nb.d = 1", "a = []\n[[a]]", "[a]\n[[a]]", "[[a]]\n[a]", "[a.b]\n[[a]]",
            "a = [{}]\n[a.b]", "a = {b.c = 1, b = 2}", "a = {b = {c = 1}, b.d = 2}",
        ])
    func twice(text: String) throws {
        let error = #expect(throws: TOMLError.self) { try JSONValue(parsingTOML: text) }
        #expect(error?.reason.contains("is defined twice") == true)
    }

    @Test("A table on the way of a header may still be defined, and dotted keys go on")
    func allowed() throws {
        for text in [
            "[a.b]\n[a]\nc = 1", "a.b = 1\na.c = 2", "a.b = 1\n[a.c]", "[[a]]\n[a.b]\n[[a]]\n[a.b]",
            "[[a.b]]\n[a]\nc = 1", "a = {b.c = 1, b.d = 2}", "[a]\nb.c = 1\n[a.b.d]",
        ] { #expect(throws: Never.self) { try JSONValue(parsingTOML: text) } }
    }

    @Test("Errors tell the line")
    func lines() {
        let cases: [(String, TOMLError)] = [
            (
                "a = 1\n\nb = x\n",
                TOMLError(line: 3, reason: "'x' is no value; a text stands in quotes")
            ),
            ("a = 1\r\n\r\na = 2", TOMLError(line: 3, reason: "'a' is defined twice")),
            ("a = [\n1,\n2", TOMLError(line: 3, reason: "',' or ']' is missing")),
            ("\na = \"\"\"\n\n", TOMLError(line: 2, reason: "a string does not end")),
            (
                "a = 1979-05-27",
                TOMLError(
                    line: 1, reason: "dates and times are not read; write the value in quotes")
            ),
            ("a = 1_0e400", TOMLError(line: 1, reason: "'1_0e400' is too large a number")),
        ]
        for (text, error) in cases {
            #expect(throws: error) { try JSONValue(parsingTOML: text) }
        }
        #expect(throws: TOMLError(line: 2, reason: "invalid UTF-8")) {
            try JSONValue(parsingTOML: Array("a = 1\n# ".utf8) + [0xFF, 0x0A])
        }
        #expect("\(cases[1].1)" == "not TOML at line 3: 'a' is defined twice")
        #expect(cases[1].1.exitCode == 65)
    }
}
