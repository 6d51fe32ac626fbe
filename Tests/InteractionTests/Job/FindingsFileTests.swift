import Media
import TestSupport
import Testing

@testable import Interaction

@Suite("Files of findings")
struct FindingsFileTests {
    private let folder = TemporaryFolder()

    @Test("What grows by lines is there at once; what does not appears when it is complete")
    func appearance() throws {
        let lines = try FindingsFile(
            path: folder("a.jsonl"), isIncremental: true, overwrite: .refuse, inputs: [])
        try lines.write("one\n")
        #expect(readBytes(folder("a.jsonl")) == Array("one\n".utf8))
        let whole = try FindingsFile(
            path: folder("b.json"), isIncremental: false, overwrite: .refuse, inputs: [])
        try whole.write("[]")
        #expect(!folder.names.contains("b.json"))
        try whole.finish()
        #expect(readBytes(folder("b.json")) == Array("[]".utf8))
    }

    @Test("What is there is not overwritten unasked", arguments: [true, false])
    func overwriting(isIncremental: Bool) throws {
        let path = folder.write(Array("old content".utf8), to: "a")
        #expect {
            try FindingsFile(
                path: path, isIncremental: isIncremental, overwrite: .refuse, inputs: [])
        } throws: {
            ($0 as? MediaError)?.exitCode == 73
        }
        #expect(readBytes(path) == Array("old content".utf8))
        let file = try FindingsFile(
            path: path, isIncremental: isIncremental, overwrite: .replace, inputs: [])
        try file.write("new")
        try file.finish()
        #expect(readBytes(path) == Array("new".utf8))
    }

    @Test("An input is never the output")
    func inputs() {
        let path = folder.write([1], to: "a.jsonl")
        #expect {
            try FindingsFile(
                path: path, isIncremental: true, overwrite: .replace, inputs: [path])
        } throws: {
            ($0 as? MediaError)?.exitCode == 64
        }
        #expect(readBytes(path) == [1])
    }
}
