// Files that are needed for a moment.
import Glibc
import Media

/// A folder of one's own below `$TMPDIR`, else `/tmp`; it goes with its files when nobody holds it.
package final class ScratchFolder: Sendable {
    /// Where it is.
    package let path: String

    /// An empty folder.
    ///
    /// - Throws: `MediaError` where none can be made.
    package init() throws {
        let place = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var template = Array("\(place)/percept-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw MediaError.cannotCreate(path: place, reason: String(cString: strerror(errno)))
        }
        path = String(
            decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        if let folder = opendir(path) {
            while let entry = readdir(folder) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." { unlink("\(path)/\(name)") }
            }
            closedir(folder)
        }
        rmdir(path)
    }
}
