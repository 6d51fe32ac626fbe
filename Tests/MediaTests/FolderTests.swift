import Media
import TestSupport
import Testing

@Suite("Folders")
struct FolderTests {
    @Test("A folder is made with those above it, and is there afterwards")
    func making() throws {
        let folder = TemporaryFolder()
        defer { shell("rm -r '\(folder("a"))'") }
        #expect(!Folder.exists(folder("a/b")))
        try Folder.make(folder("a/b"))
        try Folder.make(folder("a/b/"))
        #expect(Folder.exists(folder("a/b")))
    }

    @Test("A file is no folder, and none is made in its place")
    func files() {
        let folder = TemporaryFolder()
        let file = folder.write([1], to: "file")
        #expect(!Folder.exists(file))
        #expect { try Folder.make(file) } throws: { ($0 as? MediaError)?.exitCode == 73 }
        #expect { try Folder.names(in: file) } throws: { ($0 as? MediaError)?.exitCode == 66 }
    }

    @Test("Names come in order, hidden ones not at all")
    func names() throws {
        let folder = TemporaryFolder()
        for name in ["b", ".hidden", "a"] { folder.write([], to: name) }
        #expect(try Folder.names(in: folder.path) == ["a", "b"])
    }
}
