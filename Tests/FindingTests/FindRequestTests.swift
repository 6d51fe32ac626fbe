// Questions: what can be asked, and what is said of bad ones.
import Media
import TestSupport
import Testing

@testable import Finding

@Suite("Questions")
struct FindRequestTests {
    let folder = TemporaryFolder()

    private func indexed() throws -> MemoryFolder {
        writeClip([(1, 1, 10)], to: folder("a.mkv"))
        let memory = MemoryFolder(folder("memory"))
        _ = try IndexJob([folder("a.mkv")]).run(into: memory) { _ in }
        return memory
    }

    @Test("A picture that cannot be read, says nothing or is not there: one line and its status")
    func badPictures() throws {
        let memory = try indexed()
        ffmpeg("-f lavfi -i color=white:size=160x96 -frames:v 1 '\(folder("white.png"))'")
        ffmpeg("-i '\(folder("a.mkv"))' -frames:v 1 '\(folder("a.jpg"))'")
        let picture = readBytes(folder("a.jpg"))
        folder.write(Array(picture.prefix(picture.count / 2)), to: "cut.jpg")
        folder.write([], to: "empty.png")
        let film = readBytes(folder("a.mkv"))
        folder.write(Array(film.prefix(film.count * 2 / 3)), to: "cut.mkv")
        for (name, status, text) in [
            ("white.png", 65, "is nearly of one colour"), ("cut.jpg", 65, "is cut short"),
            ("cut.mkv", 65, "is cut short"), ("empty.png", 65, "the file is empty"),
            ("gone.jpg", 66, "no such file"),
        ] as [(String, Int32, String)] {
            let error = #expect(throws: (any Error).self) {
                try FindRequest(folder(name)).places(in: memory)
            }
            let line = error.map { "\($0)" } ?? ""
            #expect(line.hasPrefix(folder(name)) && line.contains(text), "\(line)")
            #expect(!line.contains("\n") && !line.contains("--lenient"), "\(line)")
            let code = (error as? MediaError)?.exitCode ?? (error as? FinderError)?.exitCode
            #expect(code == status, "\(line)")
        }
        #expect(try FindRequest(folder("a.jpg")).places(in: memory).first?.start == 0)
    }

    @Test("A memory that is gone, empty or of another version: one line and its status")
    func badMemories() throws {
        let memory = try indexed()
        ffmpeg("-i '\(folder("a.mkv"))' -frames:v 1 '\(folder("a.jpg"))'")
        let list = folder("memory/videos.jsonl")
        let text = String(decoding: readBytes(list), as: UTF8.self)
        func error(_ question: String) -> (any Error)? {
            #expect(throws: (any Error).self) { try FindRequest(question).places(in: memory) }
        }
        func check(_ status: Int32, _ words: String) {
            for question in [folder("a.jpg"), "dog"] {
                let error = error(question)
                #expect((error as? FinderError)?.exitCode == status)
                let line = error.map { "\($0)" } ?? ""
                #expect(line.hasPrefix(memory.path) && line.contains(words), "\(line)")
            }
        }
        writeBytes(Array(text.replacing("\"version\":1", with: "\"version\":2").utf8), to: list)
        check(65, "is of version 2, and this program knows 1 alone; index into another folder")
        writeBytes(Array(text.dropLast(2).utf8), to: list)
        check(65, "is damaged (its lines are not those written)")
        writeBytes(Array(text.utf8), to: list)
        shell("rm '\(folder("a.mkv"))'")
        var job = IndexJob([])
        job.forgetsMissing = true
        _ = try job.run(into: memory) { _ in }
        check(65, "the memory is empty; add videos: pipeline index")
        shell("rm '\(list)'")
        check(66, "holds no memory of videos; make one: pipeline index")
    }
}
