import Terminal
import Testing

@Suite struct JSONTests {
    static let value = JSONValue.object([
        ("text", .string("a\"b\\c\n\t\u{1}é😀")), ("whole", .int(-3)), ("real", .number(0.1)),
        ("round", .number(1e6)), ("tiny", .number(5e-324)), ("huge", .number(1e300)),
        ("nothing", .number(.nan)), ("list", .array([.bool(true), .null, .array([])])),
        ("empty", .object([])),
    ])

    @Test("Values are written compactly, members in order, and what is not finite as null")
    func compact() {
        #expect(
            Self.value.compact == #"{"text":"a\"b\\c\n\t\u0001é😀","whole":-3,"real":0.1,"#
                + #""round":1000000,"tiny":5e-324,"huge":1e+300,"nothing":null,"#
                + #""list":[true,null,[]],"empty":{}}"#)
    }

    @Test("Pretty printing only adds space")
    func pretty() throws {
        #expect(
            JSONValue.object([("a", .array([.int(1), .int(2)])), ("b", .object([]))]).pretty
                == "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {}\n}")
        #expect(try JSONValue(parsing: Self.value.pretty) == JSONValue(parsing: Self.value.compact))
    }

    @Test("What was written is read back, for random values")
    func roundTrip() throws {
        func random(_ depth: Int) -> JSONValue {
            switch Int.random(in: 0..<(depth > 0 ? 7 : 5)) {
            case 0: return .null
            case 1: return .bool(.random())
            case 2: return .int(.random(in: .min ... .max))
            case 3: return .number(Double(bitPattern: .random(in: 0...0x7FEF_FFFF_FFFF_FFFF)))
            case 4:
                let scalars = (0..<5).map { _ in Unicode.Scalar(UInt32.random(in: 0..<0xD800))! }
                return .string(String(String.UnicodeScalarView(scalars)))
            case 5: return .array((0..<3).map { _ in random(depth - 1) })
            default: return .object((0..<3).map { ("k\($0)", random(depth - 1)) })
            }
        }
        for _ in 0..<300 {
            let value = random(3)
            #expect(try JSONValue(parsing: value.compact) == value)
            #expect(try JSONValue(parsing: value.pretty) == value)
        }
    }

    @Test("Escapes and surrogate pairs are read")
    func escapes() throws {
        #expect(try JSONValue(parsing: #" "\u00e9\ud83d\ude00\/\b\f" "#).text == "é😀/\u{8}\u{C}")
    }

    @Test("Members are found by name")
    func access() throws {
        let value = try JSONValue(parsing: #"{"a":{"b":[1,2.5,"x",true]}}"#)
        let list = try #require(value["a"]?["b"]?.elements)
        #expect(list[0].integer == 1 && list[1].double == 2.5 && list[2].text == "x")
        #expect(list[3].boolean == true && value["c"] == nil && list[1].integer == nil)
    }

    @Test(
        "What RFC 8259 does not allow is refused",
        arguments: [
            "", " ", "{", "}", "[1,]", "[,1]", "{\"a\":1,}", "{a:1}", "{\"a\" 1}",
            "{\"a\":1 \"b\":2}",
            "01", "-", "+1", "1.", ".5", "1e", "0x1", "NaN", "Infinity", "-Infinity", "1e999",
            "tru",
            "truex", "\"", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\udc00\"",
            "\"\\ud800\\u0041\"",
            "\"\n\"", "1 2", "[1}", "'a'", "{\"a\":1,\"a\":2}", "\u{FEFF}1", "-01", "nul",
        ])
    func refused(text: String) {
        #expect(throws: JSONError.self) { try JSONValue(parsing: text) }
    }

    @Test("Nesting is limited, invalid UTF-8 refused, and the place of an error told")
    func limits() throws {
        let deep = String(repeating: "[", count: 100_000)
        #expect(throws: JSONError(offset: 64, reason: "nested too deeply")) {
            try JSONValue(parsing: deep)
        }
        let fits = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        _ = try JSONValue(parsing: fits)
        #expect(throws: JSONError.self) { try JSONValue(parsing: [0x22, 0xFF, 0x22] as [UInt8]) }
        #expect(throws: JSONError(offset: 3, reason: "no JSON value")) {
            try JSONValue(parsing: "[1,x]")
        }
    }
}
