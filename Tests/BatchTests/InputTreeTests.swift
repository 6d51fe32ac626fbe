// Which files folders mean.
import FileNames
import Glibc
import Media
import TestSupport
import Testing

@testable import Batch

@Suite("Input trees")
struct InputTreeTests {
    private let place = TemporaryFolder()

    private func touch(_ names: String...) throws {
        for name in names {
            try Folder.make(folderPart(of: place(name))!)
            place.write([1], to: name)
        }
    }

    private func names(_ words: String...) throws -> [String] {
        try InputTree(words.map { place($0) }, output: place("in/out")).inputs.map(\.name)
    }

    @Test("Subfolders count; hidden files, results, parts, other files and the outputs do not")
    func walking() throws {
        try touch(
            "in/b.mp4", "in/a/c.JPG", "in/.hidden.mp4", "in/text.txt", "in/b.enhanced.mp4",
            "in/out/x.mp4", "in/y.mkv.part/0000.mkv", "in/p.interactions.jpg", "in/d.webp")
        #expect(try names("in") == ["a/c.JPG", "b.mp4", "d.webp"])
    }

    @Test("A link that leads back is passed over with a warning, a link to elsewhere is followed")
    func links() throws {
        try touch("in/a.mp4", "other/b.mp4")
        symlink("..", place("in/up"))
        symlink(".", place("in/here"))
        symlink(place("other"), place("in/z"))
        let tree = try InputTree([place("in")], output: place("out"))
        // The folder above holds both, so everything there is seen once.
        #expect(tree.inputs.map(\.name) == ["a.mp4", "up/other/b.mp4"])
        #expect(tree.warnings.count == 3)
    }

    @Test("Of several folders the names begin with the folder's; the same file twice is one")
    func several() throws {
        try touch("x/a.mp4", "y/a.mp4", "c.mp4")
        #expect(try names("x", "y", "c.mp4", "c.mp4") == ["c.mp4", "x/a.mp4", "y/a.mp4"])
    }

    @Test("Two files of one name, nothing at all, and no such file are errors of their own")
    func errors() throws {
        try touch("x/a.mp4", "y/a.mp4", "empty/readme.txt")
        #expect { try names("x/a.mp4", "y/a.mp4") } throws: { ($0 as? MediaError)?.exitCode == 64 }
        #expect { try names("empty") } throws: { ($0 as? MediaError)?.exitCode == 65 }
        #expect { try names("none") } throws: { ($0 as? MediaError)?.exitCode == 66 }
    }

    @Test("Names that are no text stay what they are")
    func bytes() throws {
        try Folder.make(place("in"))
        let path = String(
            fileNameBytes: Array(place("in/").utf8) + [0xFF, 0xFE] + Array(".mp4".utf8))
        let descriptor = open(path.fileName, O_CREAT | O_WRONLY, 0o644)
        try #require(descriptor >= 0)
        close(descriptor)
        let tree = try InputTree([place("in")], output: place("out"))
        #expect(access(tree.inputs[0].path.fileName, R_OK) == 0)
    }
}
