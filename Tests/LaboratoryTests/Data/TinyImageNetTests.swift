import Glibc
import TestSupport
import Testing

@testable import Laboratory

@Suite struct TinyImageNetTests {
    @Test("A folder without kinds, or with a file that is no picture, is named")
    func errors() throws {
        let folder = TemporaryFolder()
        #expect(throws: DataError(folder.path, .holdsNone(of: ["n*/"]))) {
            try TinyImageNet(contentsOf: folder.path)
        }
        let kind = "\(folder.path)/n01234567"
        #expect(mkdir(kind, 0o755) == 0)
        #expect(throws: DataError(folder.path, .holdsNone(of: ["n*/*.jpg"]))) {
            try TinyImageNet(contentsOf: folder.path)
        }
        let file = folder.write([1, 2, 3], to: "n01234567/a.jpg")
        #expect(throws: DataError(file, .malformed("cannot be decoded as JPEG"))) {
            try TinyImageNet(contentsOf: folder.path)
        }
    }

    @Test("Pictures are 64x64 in colour, about as many of each kind")
    func real() throws {
        guard let dataFolder else {
            print("skipped: PERCEPT_DATA names no folder with tinyimagenet")
            return
        }
        let folder = try DataFolder(dataFolder)
        guard folder.holds("tinyimagenet") else {
            print("skipped: no tinyimagenet in \(dataFolder)")
            return
        }
        let set = try TinyImageNet(contentsOf: "\(folder.path)/tinyimagenet", limit: 20).pictures
        #expect(set.pixelCount == 3 * 64 * 64 && set.count >= 10)
        #expect(set.labels == set.labels.sorted())
    }
}
