import Media
import TestSupport
import Testing

@testable import Interaction

@Suite("What a job leaves behind")
struct FindingsOutputTests {
    private let folder = TemporaryFolder()
    private let pixels = picture(300, 260) { x, y, c in x + 2 * y + 50 * c }

    private func found(_ image: String, time: Double? = nil) -> PictureFindings {
        var found = PictureFindings(image: image)
        (found.width, found.height, found.time) = (300, 260, time)
        found.findings = [finding("ride", "horse")]
        return found
    }

    private func run(
        _ pictures: [PictureFindings], _ change: (inout OutputRequest) -> Void
    ) throws -> FindingsOutput {
        var request = OutputRequest()
        change(&request)
        let output = try FindingsOutput(request, inputs: pictures.map(\.image))
        try output.begin()
        for picture in pictures { try output.add(picture, output.wantsPixels ? pixels : nil) }
        try output.finish()
        return output
    }

    private func names(_ path: String) throws -> [String] { try Folder.names(in: path) }

    @Test("A folder gets a line a picture, and drawings of those with findings, each its own")
    func folderOutput() throws {
        defer { shell("rm -r '\(folder("out"))'") }
        var nothing = found("c.jpg")
        nothing.findings = []
        let output = try run([
            found("x/a.jpg"), found("y/a.jpg"), found("b.png"), nothing,
            found("clip.mp4", time: 61.5),
        ]) { $0.output = folder("out/") }
        #expect(
            try names(folder("out")) == [
                "a-2.jpg", "a.jpg", "b.png", "clip.00-01-01.500.jpg", "interactions.jsonl",
            ])
        #expect(output.drawings == 4)
        #expect(readBytes(folder("out/interactions.jsonl")).count { $0 == 0x0A } == 5)
    }

    @Test("Drawings stand beside pictures, or where one is asked for; none unless asked for")
    func drawings() throws {
        #expect(try !run([found(folder("a.jpg"))]) { $0.format = .csv }.wantsPixels)
        #expect(folder.names.isEmpty)
        _ = try run([found(folder("a.jpg"))]) { $0.draws = true }
        #expect(folder.names == ["a.interactions.jpg"])
        _ = try run([found(folder("a.jpg"))]) { $0.output = folder("d.png") }
        #expect(folder.names == ["a.interactions.jpg", "d.png"])
        let drawn = try #require(try StillReader(path: folder("d.png")).next())
        #expect(drawn.width == 300 && drawn.height == 260)
    }

    @Test("A file's ending says its form, and --no-draw keeps a folder free of drawings")
    func forms() throws {
        defer { shell("rm -r '\(folder("out"))'") }
        _ = try run([found("a.jpg")]) { $0.output = folder("f.csv") }
        #expect(String(decoding: readBytes(folder("f.csv")), as: UTF8.self).hasPrefix("image,time"))
        _ = try run([found("a.jpg")]) {
            ($0.output, $0.draws, $0.format) = (folder("out/"), false, .hico)
        }
        #expect(try names(folder("out")) == ["hico.json"])
    }

    @Test("Several pictures for one drawing, and what is there, are refused")
    func refusals() throws {
        #expect {
            try run([found("a.jpg"), found("b.jpg")]) { $0.output = folder("d.jpg") }
        } throws: { ($0 as? MediaError)?.exitCode == 64 }
        folder.write([1], to: "old.jsonl")
        #expect {
            try run([found("a.jpg")]) { $0.output = folder("old.jsonl") }
        } throws: { ($0 as? MediaError)?.exitCode == 73 }
        #expect(readBytes(folder("old.jsonl")) == [1])
    }

    @Test("Captions are of one video")
    func captions() throws {
        let output = try FindingsOutput(
            {
                var r = OutputRequest(); (r.output, r.format) = (folder("a.vtt"), .vtt); return r
            }(),
            inputs: ["a.mp4", "b.mp4"])
        try output.add([], of: "a.mp4")
        #expect { try output.add([], of: "b.mp4") } throws: { ($0 as? MediaError)?.exitCode == 64 }
    }
}
