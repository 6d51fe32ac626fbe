import Glibc
import Media
import Testing

@Suite("An output file appears complete or not at all")
struct OutputFileTests {
    private func write(_ text: String, _ file: OutputFile) throws {
        try Array(text.utf8).withUnsafeBytes { try file.write($0) }
    }

    @Test("The name exists only after finish, and nothing else is left")
    func appearsAtTheEnd() throws {
        let folder = ScratchFolder()
        let file = try OutputFile(path: folder.file("out.bin"))
        try write("hello", file)
        #expect(folder.names.count == 1)
        #expect(
            folder.names[0].hasPrefix("out.bin.") && folder.names[0].hasSuffix("-\(getpid()).part"))
        try file.finish()
        #expect(folder.names == ["out.bin"])
        #expect(contents(folder.file("out.bin")) == Array("hello".utf8))
    }

    @Test("What is abandoned or forgotten leaves nothing, and what was there before stays")
    func abandoned() throws {
        let folder = ScratchFolder()
        put(Array("old".utf8), folder.file("out.bin"))
        for isExplicit in [true, false] {
            let file = try OutputFile(path: folder.file("out.bin"), overwrite: .replace)
            try write("new", file)
            if isExplicit { file.abandon() }
        }
        #expect(folder.names == ["out.bin"])
        #expect(contents(folder.file("out.bin")) == Array("old".utf8))
    }

    @Test("An existing output is refused without -y, and replaced with it")
    func overwrite() throws {
        let folder = ScratchFolder()
        put(Array("old".utf8), folder.file("out.bin"))
        #expect(
            throws: MediaError.cannotCreate(
                path: folder.file("out.bin"), reason: "exists; -y replaces it")
        ) { try OutputFile(path: folder.file("out.bin")) }
        let file = try OutputFile(path: folder.file("out.bin"), overwrite: .replace)
        try write("new", file)
        try file.finish()
        #expect(contents(folder.file("out.bin")) == Array("new".utf8))
    }

    @Test("A file that appears meanwhile is not replaced without -y")
    func raced() throws {
        let folder = ScratchFolder()
        let file = try OutputFile(path: folder.file("out.bin"))
        try write("mine", file)
        put(Array("theirs".utf8), folder.file("out.bin"))
        #expect(throws: MediaError.self) { try file.finish() }
        #expect(folder.names == ["out.bin"])
        #expect(contents(folder.file("out.bin")) == Array("theirs".utf8))
    }

    @Test("The input is refused as output, by another name, a link or a hard link too")
    func inputIsOutput() throws {
        let folder = ScratchFolder()
        let input = folder.file("in.mkv")
        put([1, 2, 3], input)
        symlink(input, folder.file("soft.mkv"))
        link(input, folder.file("hard.mkv"))
        for name in ["in.mkv", "soft.mkv", "hard.mkv", "./in.mkv"] {
            let error = #expect(throws: MediaError.self) {
                try OutputFile(path: folder.file(name), overwrite: .replace, inputs: [input])
            }
            #expect(error?.exitCode == 64)
        }
        #expect(contents(input) == [1, 2, 3])
    }

    @Test(
        "Folders that cannot be written, devices and folders themselves are refused with 73",
        arguments: [
            "/proc/out.mkv", "/dev/null/out.mkv", "/no/such/folder/out.mkv", "/dev/null", "/tmp",
        ])
    func unwritable(_ path: String) {
        let error = #expect(throws: MediaError.self) {
            try OutputFile(path: path, overwrite: .replace)
        }
        #expect(error?.exitCode == 73)
        #expect(error.map { !"\($0)".contains("\n") && "\($0)".contains(path) } == true)
    }

    @Test("A full disk is 74, says how much is needed, and leaves the old output")
    func diskFull() throws {
        let folder = ScratchFolder()
        put(Array("old".utf8), folder.file("out.bin"))
        let file = try OutputFile(path: folder.file("out.bin"), overwrite: .replace, capacity: 4)
        file.expectedBytes = 5_000_000
        try write("1234", file)
        let error = #expect(throws: OutputError.self) { try write("5", file) }
        #expect(error?.exitCode == 74)
        #expect(error.map { "\($0)".contains("5.0 MB") } == true)
        // The failure stays: a caller that ignores it cannot complete the file.
        #expect(throws: OutputError.self) { try file.finish() }
        #expect(folder.names == ["out.bin"])
        #expect(contents(folder.file("out.bin")) == Array("old".utf8))
    }

    @Test("A part whose process is gone is removed; those of the living and of other hosts stay")
    func staleParts() throws {
        let folder = ScratchFolder()
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, 255)
        let host = name.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        // A process that has ended for certain: our own child, already waited for.
        var child = pid_t()
        var words: [UnsafeMutablePointer<CChar>?] = [strdup("true"), nil]
        posix_spawnp(&child, "true", nil, nil, &words, environ)
        waitpid(child, nil, 0)
        free(words[0])
        let dead = "out.mkv.\(host)-\(child).part"
        let living = "out.mkv.\(host)-\(getppid()).part"
        let elsewhere = "out.mkv.another-host-\(child).part"
        let other = "other.mkv.\(host)-\(child).part"
        let earlierSelf = "out.mkv.\(host)-\(getpid()).part"
        for part in [dead, living, elsewhere, other, earlierSelf] { put([0], folder.file(part)) }
        let file = try OutputFile(path: folder.file("out.mkv"))
        try file.finish()
        #expect(folder.names == [living, elsewhere, other, "out.mkv"].sorted())
    }

    @Test("Two writers of one name in one process do not share a part")
    func twice() throws {
        let folder = ScratchFolder()
        let first = try OutputFile(path: folder.file("out.mkv"))
        let second = try OutputFile(path: folder.file("out.mkv"))
        #expect(folder.names.count == 2)
        try write("1", first)
        try write("22", second)
        try first.finish()
        #expect(contents(folder.file("out.mkv")) == Array("1".utf8))
        // Who may not replace it finds that it has appeared.
        #expect(throws: MediaError.self) { try second.finish() }
        #expect(folder.names == ["out.mkv"])
        let third = try OutputFile(path: folder.file("out.mkv"), overwrite: .replace)
        let fourth = try OutputFile(path: folder.file("out.mkv"), overwrite: .replace)
        try write("333", third)
        try write("4444", fourth)
        try fourth.finish()
        try third.finish()
        #expect(contents(folder.file("out.mkv")) == Array("333".utf8))
        #expect(folder.names == ["out.mkv"])
    }

    @Test("The longest possible name works")
    func longName() throws {
        let folder = ScratchFolder()
        let name = String(repeating: "ä", count: 125) + ".mkv"
        let file = try OutputFile(path: folder.file(name))
        try file.finish()
        #expect(folder.names == [name])
    }

    @Test("Too little room is said before any work")
    func freeSpace() throws {
        let folder = ScratchFolder()
        let free = try #require(DiskSpace.available(for: folder.file("out.mkv")))
        #expect(free > 0)
        try DiskSpace.require(1, for: folder.file("out.mkv"))
        let error = #expect(throws: OutputError.self) {
            try DiskSpace.require(free * 2 + 1_000_000_000_000, for: folder.file("out.mkv"))
        }
        #expect(error?.exitCode == 74)
    }
}
