// Folders: whether they are there, what is in them, and making them.
import FileNames
import Glibc

/// What is asked of folders.
public enum Folder {
    /// Whether `path` is an existing folder.
    public static func exists(_ path: String) -> Bool {
        var status = stat()
        return stat(path.fileName, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The names in a folder in order, hidden ones left out.
    ///
    /// - Throws: ``MediaError`` with status 66.
    public static func names(in folder: String) throws -> [String] {
        guard let directory = opendir(folder.fileName) else {
            throw MediaError.unreadableInput(
                path: folder, reason: String(cString: strerror(errno)))
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(fileName: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted()
    }

    /// Makes a folder, and those above it, unless it is there.
    ///
    /// - Throws: ``MediaError`` with status 73.
    public static func make(_ path: String) throws {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            made += "/" + part
            guard mkdir(made.fileName, 0o777) != 0, errno != EEXIST else { continue }
            let reason = errno
            if exists(made) { continue }
            throw MediaError.cannotCreate(path: path, reason: String(cString: strerror(reason)))
        }
        guard exists(path) else {
            throw MediaError.cannotCreate(path: path, reason: "is no folder")
        }
    }
}
