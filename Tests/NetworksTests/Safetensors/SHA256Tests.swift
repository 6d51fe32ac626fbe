import Networks
import TestSupport
import Testing

@Suite("SHA-256")
struct SHA256Tests {
    private func digest(_ bytes: [UInt8]) -> String {
        bytes.withUnsafeBytes { SHA256(of: $0).hexadecimal }
    }

    @Test("The published vectors of FIPS 180-4 come out")
    func vectors() {
        #expect(
            digest([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(
            digest(Array("abc".utf8))
                == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            digest(Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8))
                == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
        #expect(
            digest([UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000))
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test("Messages around the block boundary are padded right")
    func boundaries() {
        let lengths = [
            (55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"),
            (56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"),
            (63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"),
            (64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"),
        ]
        for (length, expected) in lengths {
            #expect(digest([UInt8](repeating: UInt8(ascii: "a"), count: length)) == expected)
        }
    }

    @Test("A file has the digest of its bytes")
    func file() throws {
        let folder = TemporaryFolder()
        let path = folder.write(Array("abc".utf8), to: "abc")
        #expect(try SHA256(ofFile: path).hexadecimal == digest(Array("abc".utf8)))
        #expect(throws: SafetensorsError.self) { try SHA256(ofFile: path + "d") }
    }
}
