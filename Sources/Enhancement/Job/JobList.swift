// Which files a command line means, and what each of their outputs is called.
import FileNames
import Glibc
import Media

/// One input and where its result goes.
public struct JobItem: Sendable, Equatable {
    /// The file that is read, and the one that is written.
    public let input: String, output: String
}

/// The inputs of one command in order.
public struct JobList: Sendable, Equatable {
    /// Inputs with their outputs.
    public let items: [JobItem]

    /// Expands folders (not their subfolders) and names the outputs.
    ///
    /// - Parameters:
    ///   - output: what `-o` said: a file, or a folder (ending in `/`, or existing), which is made if
    ///     need be.
    ///   - word: what stands between name and extension of outputs without a name.
    /// - Throws: ``MediaError`` with status 64 (several inputs for one file, two inputs for one
    ///   name), 65 (a folder without videos), 66 or 73.
    public init(_ inputs: [String], output: String?, word: String = "enhanced") throws {
        var paths: [String] = []
        var isMany = inputs.count > 1
        for input in inputs {
            if Machine.isFolder(input) {
                isMany = true
                paths += try JobList.media(in: input)
            } else {
                paths.append(input)
            }
        }
        let folder = output.flatMap { $0.hasSuffix("/") || Machine.isFolder($0) ? $0 : nil }
        guard isMany, folder == nil else {
            if let folder { try JobList.makeFolder(folder) }
            items = paths.map { input in
                JobItem(input: input, output: JobList.output(for: input, output, folder, word))
            }
            var seen: [String: String] = [:]
            for item in items {
                if let other = seen.updateValue(item.input, forKey: item.output) {
                    throw MediaError.usage(
                        "\(other) and \(item.input) would both become \(item.output); "
                            + "enhance them one by one")
                }
            }
            return
        }
        throw MediaError.usage("several inputs want a folder: -o DIR/")
    }

    private static func output(
        for input: String, _ output: String?, _ folder: String?, _ word: String
    ) -> String {
        if let output, folder == nil { return output }
        if input == "-" { return folder == nil ? "-" : "\(folder!)/stdin.enhanced.mkv" }
        let name = defaultOutput(for: input, in: folder, isStill: isStill(input))
        guard word != "enhanced", let dot = name.lastIndex(of: ".") else { return name }
        return name[..<dot].dropLast("enhanced".count) + word + name[dot...]
    }

    /// Whether a name is that of a single picture.
    public static func isStill(_ path: String) -> Bool {
        !path.contains("%") && pictures.contains(ending(of: path))
    }

    private static let pictures: Set<String> = ["png", "jpg", "jpeg", "jpe"]
    private static let videos: Set<String> = [
        "mp4", "m4v", "mov", "qt", "mkv", "webm", "avi", "wmv", "asf", "flv", "gif", "ts", "m2ts",
        "mts", "mpg", "mpeg", "m2v", "vob", "3gp", "3g2", "ogv", "ogg", "mxf", "dv", "y4m", "h264",
        "264", "h265", "265", "hevc", "ivf", "nut", "rm", "rmvb",
    ]

    private static func ending(of path: String) -> String {
        guard let dot = path.lastIndex(of: "."), !path[dot...].contains("/") else { return "" }
        return path[path.index(after: dot)...].lowercased()
    }

    /// Videos and pictures of a folder by name; results of earlier runs are left out.
    private static func media(in folder: String) throws -> [String] {
        let names = try names(in: folder).filter { name in
            let isResult = name.split(separator: ".").dropLast().last == "enhanced"
            return !isResult && (isVideo(name) || pictures.contains(ending(of: name)))
        }
        guard !names.isEmpty else {
            throw MediaError.notVideo(path: folder, reason: "a folder without videos or pictures")
        }
        return names.map { folder.hasSuffix("/") ? folder + $0 : "\(folder)/\($0)" }
    }

    /// Whether a name is that of a video.
    static func isVideo(_ path: String) -> Bool { videos.contains(ending(of: path)) }

    /// The names in a folder in order, hidden ones left out.
    static func names(in folder: String) throws -> [String] {
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

    /// Makes a folder, and those above it.
    static func makeFolder(_ path: String) throws {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            made += "/" + part
            guard mkdir(made.fileName, 0o777) != 0, errno != EEXIST else { continue }
            let reason = errno
            if Machine.isFolder(made) { continue }
            throw MediaError.cannotCreate(path: path, reason: String(cString: strerror(reason)))
        }
        guard Machine.isFolder(path) else {
            throw MediaError.cannotCreate(path: path, reason: "is no folder")
        }
    }
}
