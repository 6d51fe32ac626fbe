// Pictures that unfold to far more than their files: refused, in little memory.
import Glibc
import Media
import TestSupport
import Testing

@Suite("Decompression bombs", .serialized)
struct PictureBombTests {
    private let folder = TemporaryFolder()

    /// A small PNG with `chunks` behind its header.
    private func png(_ name: String, with chunks: [[UInt8]]) -> String {
        let plain = folder("plain.png"), path = folder(name)
        ffmpeg("-f lavfi -i testsrc2=s=32x32 -frames:v 1 -pix_fmt rgb24 '\(plain)'")
        let bytes = readBytes(plain)
        // 8 bytes of signature, 25 of IHDR.
        writeBytes(bytes[..<33] + chunks.joined() + bytes[33...], to: path)
        return path
    }

    @Test(
        "A text or a profile that unfolds without bound is refused with 65",
        arguments: ["zTXt", "iTXt", "iCCP", "zTXt repeated", "zTXt endless"])
    func bombs(_ kind: String) throws {
        let megabytes = kind == "zTXt repeated" ? 30 : kind == "zTXt endless" ? 2000 : 200
        let name: String = String(kind.prefix(4))
        let data: [UInt8]
        switch name {
        case "zTXt": data = Array("Comment\0\0".utf8) + PictureBombTests.packed(megabytes)
        case "iTXt": data = Array("Comment\0\u{1}\0\0\0".utf8) + PictureBombTests.packed(megabytes)
        default:
            data =
                Array("profile\0\0".utf8)
                + PictureBombTests.packed(megabytes, after: PictureBombTests.profile(megabytes))
        }
        let chunk = PictureBombTests.chunk(name, data)
        let path = png(
            "bomb.png", with: [[UInt8]](repeating: chunk, count: kind == "zTXt repeated" ? 8 : 1))
        #expect(readBytes(path).count < 3_000_000)
        let before = PictureBombTests.peakMemory
        let error = #expect(throws: MediaError.self) { _ = try StillReader(path: path) }
        #expect(error?.exitCode == 65)
        #expect(PictureBombTests.peakMemory - before < 150_000_000)
    }

    @Test("Texts and profiles of ordinary size are no bombs")
    func ordinary() throws {
        let text = PictureBombTests.chunk(
            "zTXt", Array("Comment\0\0".utf8) + PictureBombTests.packed(1))
        let path = png("fine.png", with: [[UInt8]](repeating: text, count: 20))
        #expect(try StillReader(path: path).width == 32)
    }

    @Test("A picture that declares more pixels than are allowed is refused before its samples")
    func pixels() throws {
        var header: [UInt8] = []
        for value in [30000, 30000] {
            header += (0..<4).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        header += [8, 2, 0, 0, 0]
        let bytes: [UInt8] =
            [0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10] + PictureBombTests.chunk("IHDR", header)
            + PictureBombTests.chunk("IDAT", PictureBombTests.packed(1))
            + PictureBombTests.chunk("IEND", [])
        let path = folder.write(bytes, to: "huge.png")
        let before = PictureBombTests.peakMemory
        let error = #expect(throws: MediaError.self) { _ = try StillReader(path: path) }
        #expect(error?.exitCode == 65)
        #expect(PictureBombTests.peakMemory - before < 50_000_000)
    }

    // MARK: - Making them

    /// Most bytes that this process has ever had in memory.
    private static var peakMemory: Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss * 1024
    }

    /// A zlib stream (RFC 1950) of `start` and the letter "a" up to so many megabytes, by gzip.
    private static func packed(_ megabytes: Int, after start: [UInt8] = []) -> [UInt8] {
        let octal = start.map { byte in
            "\\" + String(byte / 64) + String(byte / 8 % 8) + String(byte % 8)
        }.joined()
        let count = megabytes * 1_000_000 - start.count
        let packed = shell(
            "{ printf '\(octal)'; head -c \(count) /dev/zero | tr '\\0' a; } | gzip -n"
        ).output
        // Adler-32 of `start`, then of `count` equal bytes at once.
        var (a, b) = (1, 0)
        for byte in start {
            a = (a + Int(byte)) % 65521
            b = (b + a) % 65521
        }
        b = (b + count % 65521 * a + count * (count + 1) / 2 % 65521 * 97) % 65521
        a = (a + count % 65521 * 97) % 65521
        let sum = b << 16 | a
        return [0x78, 0x9C] + packed.dropFirst(10).dropLast(8)
            + (0..<4).reversed().map { UInt8(truncatingIfNeeded: sum >> (8 * $0)) }
    }

    /// The header of an ICC profile (ICC.1:2010, 7.2) of so many megabytes, with no tags.
    private static func profile(_ megabytes: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 132)
        let size = megabytes * 1_000_000
        for index in 0..<4 { bytes[index] = UInt8(truncatingIfNeeded: size >> (24 - 8 * index)) }
        bytes[8] = 2
        func put(_ text: String, at start: Int) {
            bytes.replaceSubrange(start..<(start + text.utf8.count), with: Array(text.utf8))
        }
        put("mntrRGB XYZ ", at: 12)
        put("acsp", at: 36)
        bytes.replaceSubrange(68..<80, with: [0, 0, 0xF6, 0xD6, 0, 1, 0, 0, 0, 0, 0xD3, 0x2D])
        return bytes
    }

    /// A chunk of PNG: length, name, data, CRC (ISO 3309).
    private static func chunk(_ name: String, _ data: [UInt8]) -> [UInt8] {
        func word(_ value: UInt32) -> [UInt8] {
            (0..<4).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        let body = Array(name.utf8) + data
        var crc = UInt32.max
        for byte in body {
            crc ^= UInt32(byte)
            for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xEDB8_8320 : crc >> 1 }
        }
        return word(UInt32(data.count)) + body + word(~crc)
    }
}
