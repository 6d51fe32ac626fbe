// Files by what they hold.
import Glibc
import TestSupport
import Testing

@testable import Media

@Suite("File seals")
struct FileSealTests {
    private let place = TemporaryFolder()

    @Test("The digest is SHA-256, whatever the length")
    func digests() throws {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(try FileSeal(of: place.write(Array("abc".utf8), to: "a")).sha256 == abc)
        #expect(FileSeal.digest(of: "abc") == abc)
        for count in [0, 63, 64, 1 << 18, (1 << 18) + 1, 700_001] {
            let path = place.write((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }, to: "b")
            let seal = try FileSeal(of: path)
            let words = String(decoding: shell("sha256sum '\(path)'").output, as: UTF8.self)
            #expect(seal.sha256 == String(words.prefix(64)))
            #expect(seal.bytes == Int64(count))
        }
    }

    @Test("A stamp changes with the content, though the times are put back")
    func stamps() throws {
        let path = place.write([1], to: "a")
        let before = try FileStamp(of: path)
        #expect(try FileStamp(of: path) == before)
        place.write([2], to: "a")
        var times = [timespec(), timespec()]
        times[1].tv_sec = Int(before.written / 1_000_000_000)
        times[1].tv_nsec = Int(before.written % 1_000_000_000)
        utimensat(AT_FDCWD, path, times, 0)
        let after = try FileStamp(of: path)
        #expect(after.written == before.written && after.bytes == before.bytes)
        #expect(after != before)
    }

    @Test("A file that is not there is an unreadable input")
    func missing() {
        #expect(throws: MediaError.self) { try FileSeal(of: place("none")) }
        #expect(throws: MediaError.self) { try FileStamp(of: place("none")) }
    }
}
