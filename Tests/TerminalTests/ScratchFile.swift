// A file that a test writes, in a folder of its own.
import Glibc

/// A text file under a name that the test chooses.
struct ScratchFile {
    let folder: String
    let path: String

    init(name: String, _ text: String) throws {
        var template = Array("/tmp/percept-terminal-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(path: "mkdtemp") }
        folder = String(decoding: template.dropLast().map(UInt8.init), as: UTF8.self)
        path = "\(folder)/\(name)"
        guard let file = fopen(path, "w") else { throw Failure(path: path) }
        let bytes = Array(text.utf8)
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
    }

    func remove() {
        unlink(path)
        rmdir(folder)
    }

    struct Failure: Error { let path: String }
}
