// A folder that a test may fill, removed with the object.
import Glibc

/// A fresh folder under /tmp that goes away with everything in it.
public final class TemporaryFolder {
    /// Its absolute path.
    public let path: String

    /// Makes the folder.
    public init() {
        var template = Array("/tmp/percept-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { fatalError("no temporary folder") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The names of the files in it.
    public var names: [String] { Self.names(in: path) }

    /// The names of the files in a folder; none where there is no folder.
    public static func names(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Writes bytes to a file in it and returns its path.
    @discardableResult
    public func write(_ bytes: [UInt8], to name: String) -> String {
        let file = "\(path)/\(name)"
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        precondition(descriptor >= 0 && Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
        close(descriptor)
        return file
    }

    /// The bytes of a file.
    public static func bytes(of file: String) -> [UInt8] {
        let descriptor = open(file, O_RDONLY)
        precondition(descriptor >= 0)
        defer { close(descriptor) }
        var status = stat()
        fstat(descriptor, &status)
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = read(descriptor, &bytes, bytes.count)
        precondition(count == bytes.count)
        return bytes
    }

    deinit { Self.remove(Array(path.utf8CString)) }

    /// Removes a file, or a folder with everything in it; names are bytes, which a string would not all bring back.
    private static func remove(_ path: [CChar]) {
        guard unlink(path) != 0, let directory = opendir(path) else { return }
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                bytes.prefix { $0 != 0 }.map { CChar(bitPattern: $0) }
            }
            if name != [46], name != [46, 46] { remove(path.dropLast() + [47] + name + [0]) }
        }
        closedir(directory)
        rmdir(path)
    }
}
