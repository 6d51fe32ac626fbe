import Glibc
import Networks
import Tensors
import TestSupport
import Testing

@Suite("Safetensors")
struct SafetensorsTests {
    let folder = TemporaryFolder()

    private func file(header: String, data: [UInt8] = []) -> String {
        let header = Array(header.utf8)
        let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
        return folder.write(length + header + data, to: "a.safetensors")
    }

    private func problem(of path: String) -> SafetensorsError.Problem? {
        do {
            _ = try Safetensors(contentsOf: path)
            return nil
        } catch {
            return error.problem
        }
    }

    @Test("What is written is read back bit for bit, also NaN, infinities, -0 and empty tensors")
    func roundTrip() throws {
        var random = RandomSource(seed: 1)
        let special = Tensor<Float>(
            [.nan, .infinity, -.infinity, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude],
            shape: [2, 3])
        let tensors: [(name: String, tensor: Tensor<Float>)] = [
            ("trunk.0.weight", .normal([3, 1, 7, 17], using: &random)),
            ("special", special), ("empty", Tensor(shape: [0, 5])), ("scalar", Tensor(2.5)),
            ("n\u{e4}me \"quoted\" \\ \u{1}\u{1f600}", .normal([5], using: &random)),
        ]
        let metadata = ["model": "live", "note": "line\nbreak \u{2028} \"x\""]
        let path = "\(folder.path)/w.safetensors"
        try Safetensors.write(tensors, metadata: metadata, to: path)
        let file = try Safetensors(contentsOf: path)
        #expect(file.metadata == metadata)
        #expect(file.entries.map(\.name) == tensors.map(\.name))
        for (name, tensor) in tensors {
            let read = try file.tensor(name)
            #expect(read.shape == tensor.shape)
            #expect(read.elements.map(\.bitPattern) == tensor.elements.map(\.bitPattern))
        }
        #expect(folder.names == ["w.safetensors"])
    }

    @Test("Equal tensors give equal bytes, with the data at a multiple of eight bytes")
    func deterministic() throws {
        let tensors = [(name: "a", tensor: Tensor<Float>([1, 2], shape: [2]))]
        let metadata = ["b": "1", "a": "2", "c": "3"]
        try Safetensors.write(tensors, metadata: metadata, to: "\(folder.path)/1")
        try Safetensors.write(tensors, metadata: metadata, to: "\(folder.path)/2")
        let bytes = TemporaryFolder.bytes(of: "\(folder.path)/1")
        #expect(bytes == TemporaryFolder.bytes(of: "\(folder.path)/2"))
        #expect((bytes.count - 8) % 8 == 0)
    }

    @Test("Every F16 and BF16 value is widened exactly")
    func halves() throws {
        let count = 65536
        let data = (0..<count).flatMap { [UInt8($0 & 0xff), UInt8($0 >> 8)] }
        for type in ["F16", "BF16"] {
            let path = file(
                header:
                    #"{"x":{"dtype":"\#(type)","shape":[\#(count)],"data_offsets":[0,\#(2 * count)]}}"#,
                data: data)
            let values = try Safetensors(contentsOf: path).tensor("x").elements
            for bits in 0..<count {
                let (e, f, bias, digits) =
                    type == "F16"
                    ? (bits >> 10 & 31, bits & 1023, 15, 10)
                    : (bits >> 7 & 255, bits & 127, 127, 7)
                let sign: Double = bits & 0x8000 == 0 ? 1 : -1
                let top = type == "F16" ? 31 : 255
                let value = values[bits]
                if e == top {
                    #expect(f == 0 ? value == Float(sign * .infinity) : value.isNaN)
                    continue
                }
                let fraction = Double(f) + (e == 0 ? 0 : Double(1 << digits))
                let expected = sign * scalbn(fraction, max(e, 1) - bias - digits)
                guard Double(value) == expected, value.sign == (sign < 0 ? .minus : .plus) else {
                    Issue.record("\(type) \(bits): \(value), expected \(expected)")
                    return
                }
            }
        }
    }

    @Test("Each broken rule of the format is refused with its own problem")
    func refusals() throws {
        let ok = #""a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"#
        let b = { (range: String) in
            #""b":{"dtype":"F32","shape":[1],"data_offsets":[\#(range)]}"#
        }
        let cases: [(String, Int, SafetensorsError.Problem)] = [
            ("{\(ok),\(ok)}", 4, .duplicate(key: "a")),
            ("{\(ok),\"\\u0061\":{}}", 4, .duplicate(key: "a")),
            (#"{"__metadata__":{"k":"1","k":"2"}}"#, 0, .duplicate(key: "k")),
            (#"{"__metadata__":{},"__metadata__":{}}"#, 0, .duplicate(key: "__metadata__")),
            ("{\(ok),\(b("8,12"))}", 12, .offset(tensor: "b", expected: 4, found: 8)),
            ("{\(ok),\(b("2,6"))}", 6, .offset(tensor: "b", expected: 4, found: 2)),
            ("{\(ok),\(b("0,4"))}", 4, .offset(tensor: "b", expected: 4, found: 0)),
            ("{\(b("4,8"))}", 8, .offset(tensor: "b", expected: 0, found: 4)),
            ("{\(ok)}", 3, .dataLength(expected: 4, found: 3)),
            ("{\(ok)}", 5, .dataLength(expected: 4, found: 5)),
            ("{}", 1, .dataLength(expected: 0, found: 1)),
            (
                #"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,4]}}"#, 4,
                .byteCount(tensor: "a", expected: 12, found: 4)
            ),
            (
                #"{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}"#, 8,
                .elementType(tensor: "a", found: "F64")
            ),
            (
                #"{"a":{"dtype":"F32","shape":[4611686018427387904,2],"data_offsets":[0,0]}}"#, 0,
                .shapeOverflow(tensor: "a", shape: [4_611_686_018_427_387_904, 2])
            ),
            (
                #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}"#, 4,
                .unknownKey(tensor: "a", key: "x")
            ),
            (
                #"{"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}"#, 4,
                .duplicate(key: "a.shape")
            ),
            (
                #"{"a":{"dtype":"F32","shape":[1]}}"#, 4,
                .missingKey(tensor: "a", key: "data_offsets")
            ),
            (#"{"a":{}}"#, 4, .missingKey(tensor: "a", key: "dtype")),
        ]
        for (header, bytes, expected) in cases {
            let path = file(header: header, data: [UInt8](repeating: 0, count: bytes))
            #expect(problem(of: path) == expected, "\(header)")
        }
    }

    @Test(
        "A header that is not the JSON of the format is refused",
        arguments: [
            "", " {}", "[]", "{", "{}x", "{} {}", "{\"a\"}", "{\"a\":1}", "{\"a\":[]}", "{,}",
            "{\"__metadata__\":{\"a\":1}}", "{\"__metadata__\":{\"a\":{}}}",
            "{\"__metadata__\":{\"a\":\"b\",}}", "{\"__metadata__\":{\"\\ud800\":\"\"}}",
            "{\"__metadata__\":{\"\\ud800\\u0041\":\"\"}}", "{\"__metadata__\":{\"\\udc00\":\"\"}}",
            "{\"__metadata__\":{\"\\x\":\"\"}}", "{\"__metadata__\":{\"\\u12g4\":\"\"}}",
            "{\"__metadata__\":{\"a\nb\":\"\"}}", "{\"__metadata__\":{\"a\":\"\u{0}\"}}",
            #"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,0]}}"#,
            #"{"a":{"dtype":"F32","shape":[01],"data_offsets":[0,4]}}"#,
            #"{"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}}"#,
            #"{"a":{"dtype":"F32","shape":[1e0],"data_offsets":[0,4]}}"#,
            #"{"a":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}"#,
            #"{"a":{"dtype":"F32","shape":[1,],"data_offsets":[0,4]}}"#,
            #"{"a":{"dtype":"F32","shape":[[1]],"data_offsets":[0,4]}}"#,
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4]}}"#,
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#,
            #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}"#,
            #"{"a":{"dtype":32,"shape":[1],"data_offsets":[0,4]}}"#,
        ])
    func malformed(header: String) {
        let path = file(header: header, data: [0, 0, 0, 0])
        guard case .header = problem(of: path) else {
            Issue.record("\(header): \(problem(of: path).map { "\($0)" } ?? "accepted")")
            return
        }
    }

    @Test("A header of a hundred thousand open brackets is refused without recursion")
    func depth() {
        let deep = String(repeating: "[", count: 100_000)
        guard case .header = problem(of: file(header: "{\"a\":\(deep)")) else {
            Issue.record("accepted")
            return
        }
    }

    @Test("Bytes that are not UTF-8 are refused")
    func encoding() {
        for bad in [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe4]] {
            let header = Array(#"{"__metadata__":{"k":""#.utf8) + bad.map { UInt8($0) }
            let bytes = header + Array(#""}}"#.utf8)
            let length = [UInt8(bytes.count)] + [UInt8](repeating: 0, count: 7)
            #expect(problem(of: folder.write(length + bytes, to: "a")) == .encoding)
        }
    }

    @Test("Lengths that lead past the end of the file or past 2^63 are refused")
    func lengths() {
        for high: UInt8 in [0, 1, 0x7f, 0x80, 0xff] {
            let bytes = [3, 0, 0, 0, 0, 0, 0, high] + Array("{}".utf8)
            guard case .headerLength = problem(of: folder.write(bytes, to: "a")) else {
                Issue.record("accepted \(high)")
                return
            }
        }
        #expect(problem(of: folder.write([], to: "a")) == .tooShort(bytes: 0))
        #expect(problem(of: folder.write([1, 0, 0, 0, 0, 0, 0], to: "a")) == .tooShort(bytes: 7))
    }

    @Test("A file cut off at any byte is refused, and one with a flipped bit never crashes")
    func damage() throws {
        var random = RandomSource(seed: 3)
        let path = "\(folder.path)/w"
        try Safetensors.write(
            [
                ("a.weight", .normal([2, 3], using: &random)),
                ("a.bias", .normal([2], using: &random)),
            ],
            metadata: ["k\u{e9}y": "v\\\u{1f600}"], to: path)
        let bytes = TemporaryFolder.bytes(of: path)
        for count in 0..<bytes.count {
            let cut = folder.write(Array(bytes[..<count]), to: "cut")
            #expect(problem(of: cut) != nil, "accepted after \(count) bytes")
        }
        var accepted = 0
        for bit in 0..<8 * bytes.count {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << (bit % 8)
            let damagedPath = folder.write(damaged, to: "flipped")
            guard let file = try? Safetensors(contentsOf: damagedPath) else { continue }
            accepted += 1
            for entry in file.entries { #expect(try file.tensor(entry.name).count <= 8) }
        }
        // Flips inside names, metadata and values stay valid files.
        #expect(accepted > 0 && accepted < 8 * bytes.count)
    }

    @Test("Random headers made of the format's own tokens never crash")
    func tokens() {
        var random = RandomSource(seed: 4)
        let tokens = [
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "d800", "\"a\"", "\"dtype\"",
            "\"shape\"", "\"data_offsets\"", "\"F32\"", "\"__metadata__\"", "0", "4",
            "9223372036854775807", "9223372036854775808", "-", ".", " ", "\n", "\u{e9}", "\u{0}",
        ]
        for _ in 0..<20_000 {
            let count = random.index(below: 24)
            let body = (0..<count).map { _ in tokens[random.index(below: tokens.count)] }.joined()
            Array("{\(body)".utf8).withUnsafeBytes { bytes in
                let header = try? SafetensorsHeader(parsing: bytes, dataLength: 4)
                #expect(header == nil || header!.entries.count == 1)
            }
        }
    }

    @Test("Files that are missing, folders and pipes are refused with the reason")
    func unreadable() {
        #expect(
            problem(of: "\(folder.path)/none") == .unreadable(reason: "No such file or directory"))
        #expect(problem(of: folder.path) == .unreadable(reason: "it is no regular file"))
        mkfifo("\(folder.path)/pipe", 0o600)
        #expect(
            problem(of: "\(folder.path)/pipe") == .unreadable(reason: "it is no regular file"))
    }

    @Test("Errors print on one line even when names hold control characters")
    func oneLine() {
        let error = SafetensorsError(
            file: "a\nb",
            problem: .missingTensor("x\u{1b}[31m\n\u{202e}" + String(repeating: "y", count: 500)))
        #expect(!error.description.contains { $0.isNewline || $0 == "\u{1b}" || $0 == "\u{202e}" })
        #expect(error.description.count < 400)
        #expect(error.description.contains("is missing"))
    }
}
