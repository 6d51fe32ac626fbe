import Glibc
import Networks
import TestSupport
import Testing

@Suite("Atomic files")
struct AtomicFileTests {
    let folder = TemporaryFolder()

    private func write(_ bytes: [UInt8], to path: String) throws {
        try bytes.withUnsafeBytes { try writeAtomically([$0, $0], to: path) }
    }

    @Test("All chunks arrive in order and nothing else stays in the folder")
    func contents() throws {
        folder.write([9], to: "a")
        try write([1, 2, 3], to: "\(folder.path)/a")
        #expect(TemporaryFolder.bytes(of: "\(folder.path)/a") == [1, 2, 3, 1, 2, 3])
        #expect(folder.names == ["a"])
    }

    @Test("A failure leaves what was there and no part of the new file")
    func failure() throws {
        mkdir("\(folder.path)/taken", 0o755)
        #expect {
            try write([1], to: "\(folder.path)/taken")
        } throws: {
            ($0 as? FileWriteError)?.step == "rename" && "\($0)".contains("Is a directory")
        }
        #expect(folder.names == ["taken"])
        #expect {
            try write([1], to: "\(folder.path)/none/a")
        } throws: {
            ($0 as? FileWriteError)?.isCreation == true
        }
    }

    @Test("Parts of processes that are gone are removed, those of living ones stay")
    func abandoned() throws {
        var host = [CChar](repeating: 0, count: 256)
        gethostname(&host, 255)
        let name = String(decoding: host.prefix { $0 != 0 }.map { UInt8($0) }, as: UTF8.self)
        let living = "a.\(name)-\(getppid()).part"
        let foreign = "a.elsewhere-1.part"
        folder.write([1], to: "a.\(name)-\(pid_t.max).part")
        folder.write([1], to: "a.\(name)-\(getpid()).part")
        folder.write([1], to: living)
        folder.write([1], to: foreign)
        try write([1], to: "\(folder.path)/a")
        #expect(folder.names == ["a", living, foreign].sorted())
    }
}
