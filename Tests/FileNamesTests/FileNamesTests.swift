import FileNames
import Testing

@Suite("Names of files")
struct FileNamesTests {
    private func back(_ bytes: [UInt8]) -> [UInt8] {
        String(fileNameBytes: bytes).fileName.dropLast().map { UInt8(bitPattern: $0) }
    }

    @Test("Valid names are the strings that people see")
    func valid() {
        for text in ["clip.mp4", "Märchen — 映画.mkv", "👩‍👩‍👧.png", ""] {
            #expect(String(fileNameBytes: Array(text.utf8)) == text)
            #expect(text.fileName.dropLast().map { UInt8(bitPattern: $0) } == Array(text.utf8))
        }
    }

    @Test("Every sequence of bytes comes back as it was, and no two share a string")
    func random() {
        var generator = SystemRandomNumberGenerator()
        // Beginnings of long characters, halves of them, surrogates, and the escapes themselves.
        let pieces: [[UInt8]] = [
            [0x61], [0xE9], [0xC3, 0xA9], [0xEE, 0xBE, 0x80], [0xEE, 0xBF], [0xED, 0xA0, 0x80],
            [0xF0, 0x9F], [0xC0, 0x80], [0xFF], [0xF4, 0x90, 0x80, 0x80], [0x80], [0xEE],
        ]
        var seen: [String: [UInt8]] = [:]
        for _ in 0..<5000 {
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 0...6, using: &generator) {
                bytes += pieces.randomElement(using: &generator)!
            }
            #expect(back(bytes) == bytes)
            let name = String(fileNameBytes: bytes)
            #expect(seen.updateValue(bytes, forKey: name).map { $0 == bytes } ?? true)
        }
    }
}
