import Media
import TestSupport
import Testing

@testable import Interaction

@Suite("Inputs of a command line")
struct InputListTests {
    private let folder = TemporaryFolder()

    private func expand(_ words: String..., list: [UInt8] = []) throws -> [String] {
        try InputList.expand(words, list: { list })
    }

    @Test("A folder stands for its pictures and videos; drawings and other files are left out")
    func folders() throws {
        for name in ["b.mp4", "a.JPG", "a.interactions.jpg", "c.webp", "notes.txt", ".x.png"] {
            folder.write([], to: name)
        }
        #expect(try expand(folder.path) == ["a.JPG", "b.mp4", "c.webp"].map { folder($0) })
    }

    @Test("A pattern stands for what fits; a file of that very name comes first")
    func patterns() throws {
        for name in ["a1.jpg", "a2.jpg", "b.jpg", "[x].jpg"] { folder.write([], to: name) }
        #expect(try expand(folder("a*.jpg")) == [folder("a1.jpg"), folder("a2.jpg")])
        #expect(try expand(folder("[x].jpg")) == [folder("[x].jpg")])
        #expect(try expand(folder("z*.jpg")) == [folder("z*.jpg")])
    }

    @Test("A dash stands for names on standard input, by lines or by zeros")
    func lists() throws {
        #expect(
            try expand("x", "-", list: Array("a b.jpg\r\n\nc.jpg".utf8)) == [
                "x", "a b.jpg", "c.jpg",
            ])
        #expect(try expand("-", list: Array("a\nb\0c\0".utf8)) == ["a\nb", "c"])
        #expect { try expand("-") } throws: { ($0 as? MediaError)?.exitCode == 64 }
    }

    @Test("A folder without pictures is refused; a file that is not there is for the reader to say")
    func refusals() throws {
        #expect { try expand(folder.path) } throws: { ($0 as? MediaError)?.exitCode == 65 }
        #expect(try expand(folder("none.jpg")) == [folder("none.jpg")])
    }
}
