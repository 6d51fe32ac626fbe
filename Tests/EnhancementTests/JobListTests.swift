import Enhancement
import Media
import TestSupport
import Testing

@Suite("Job list")
struct JobListTests {
    @Test("Outputs stand beside their inputs, in a folder, or where -o says")
    func names() throws {
        let folder = TemporaryFolder()
        #expect(try JobList(["/a/b.mp4"], output: nil).items[0].output == "/a/b.enhanced.mp4")
        #expect(try JobList(["/a/b.mp4"], output: "c.mkv").items[0].output == "c.mkv")
        #expect(
            try JobList(["/a/b.jpg"], output: folder.path).items[0].output
                == folder("b.enhanced.jpg"))
        #expect(
            try JobList(["/a/b.mp4"], output: nil, word: "preview").items[0].output
                == "/a/b.preview.mp4")
        #expect(try JobList(["-"], output: nil).items[0].output == "-")
    }

    @Test("A folder stands for its videos and pictures, results of earlier runs left out")
    func folders() throws {
        let folder = TemporaryFolder()
        for name in ["b.mp4", "a.MKV", "a.enhanced.mkv", "notes.txt", ".hidden.mp4", "c.png"] {
            folder.write([], to: name)
        }
        let list = try JobList([folder.path], output: folder.path + "/")
        #expect(list.items.map(\.input) == ["a.MKV", "b.mp4", "c.png"].map { folder($0) })
    }

    @Test("What cannot be is refused before any work")
    func refusals() {
        let folder = TemporaryFolder()
        #expect(throws: MediaError.self) { try JobList(["a.mp4", "b.mp4"], output: "c.mp4") }
        #expect(throws: MediaError.self) { try JobList(["a.mp4", "b.mp4"], output: nil) }
        #expect(throws: MediaError.self) {
            try JobList(["x/a.mp4", "y/a.mp4"], output: folder.path)
        }
        #expect(throws: MediaError.self) { try JobList([folder.path], output: folder.path) }
    }
}
