// Which files the folders and names of a command line mean, and what each is called in the outputs.
import FileNames
import Glibc
import Media

/// One input of a batch.
public struct BatchInput: Sendable, Hashable {
    /// What it is called below the folder of outputs: unique, without `..`.
    public var name: String
    /// Where it is, absolute.
    public var path: String

    /// Whether it is a picture by its name.
    var isPicture: Bool { MediaName.isPicture(name) || MediaName.isOtherPicture(name) }
}

/// The videos and pictures below folders.
public struct InputTree: Sendable {
    /// Inputs in order of their names.
    public private(set) var inputs: [BatchInput] = []
    /// What was passed over that somebody might miss, a line each.
    public private(set) var warnings: [String] = []

    /// Walks through folders and their subfolders; hidden files, results of earlier runs and `output` are left out.
    ///
    /// - Parameters:
    ///   - words: Folders and files. Of a single folder the names are those below it; of several, each begins with the
    ///     folder's own name.
    ///   - output: The folder of outputs.
    /// - Throws: `MediaError` with status 64 (two inputs of one name), 65 (nothing to do) or 66.
    public init(_ words: [String], output: String) throws {
        let own = FolderIdentity(output)
        for word in words {
            guard Folder.exists(word) else {
                var status = stat()
                guard stat(word.fileName, &status) == 0 else {
                    throw MediaError.missingInput(path: word)
                }
                inputs.append(BatchInput(name: lastPart(of: word), path: absolutePath(word)))
                continue
            }
            let prefix = words.count == 1 ? "" : lastPart(of: absolutePath(word)) + "/"
            var visited = Set([FolderIdentity(word)].compactMap { $0 })
            try walk(absolutePath(word), prefix, own, &visited)
        }
        guard !inputs.isEmpty else {
            throw MediaError.notVideo(
                path: words.joined(separator: ", "), reason: "no videos or pictures are in it")
        }
        inputs.sort { $0.name < $1.name }
        // The same file twice is one input; two of one name cannot both have an output.
        var seen: [String: String] = [:]
        inputs = try inputs.filter { input in
            guard let other = seen.updateValue(input.path, forKey: input.name) else { return true }
            guard other == input.path else {
                throw MediaError.usage(
                    "\(other) and \(input.path) would have the same output; name the folders above "
                        + "them instead")
            }
            return false
        }
    }

    private mutating func walk(
        _ folder: String, _ prefix: String, _ own: FolderIdentity?,
        _ visited: inout Set<FolderIdentity>
    ) throws {
        let names: [String]
        do {
            names = try Folder.names(in: folder)
        } catch  where !prefix.isEmpty {
            // One closed folder among many is no reason to leave the others.
            warnings.append("\(error)")
            return
        }
        for name in names {
            let path = folder == "/" ? "/" + name : "\(folder)/\(name)"
            if let identity = FolderIdentity(path) {
                guard identity != own, !name.hasSuffix(".part") else { continue }
                guard visited.insert(identity).inserted else {
                    warnings.append("\(path): leads back to a folder that was seen; passed over")
                    continue
                }
                try walk(path, prefix + name + "/", own, &visited)
                continue
            }
            guard Self.isMedia(name) else { continue }
            inputs.append(BatchInput(name: prefix + name, path: path))
        }
    }

    private static func isMedia(_ name: String) -> Bool {
        let words = name.split(separator: ".")
        guard words.count >= 2,
            !["enhanced", "interactions", "preview"].contains(words.dropLast().last)
        else { return false }
        return MediaName.isVideo(name) || MediaName.isPicture(name)
            || MediaName.isOtherPicture(name)
    }
}

/// What tells a folder from others, whatever leads to it.
private struct FolderIdentity: Hashable {
    let device: UInt64, inode: UInt64

    /// Nil where `path` is no folder.
    init?(_ path: String) {
        var status = stat()
        guard stat(path.fileName, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            return nil
        }
        (device, inode) = (UInt64(status.st_dev), UInt64(status.st_ino))
    }
}

/// A path that means the same wherever a process is started; symbolic links in it stay.
public func absolutePath(_ path: String) -> String {
    var parts: [Substring] = []
    var text = path
    if !path.hasPrefix("/") {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        if getcwd(&buffer, buffer.count) != nil { text = String(fileName: buffer) + "/" + path }
    }
    // A `..` behind a symbolic link means what the system says it means: those stay.
    for part in text.split(separator: "/") where part != "." { parts.append(part) }
    return "/" + parts.joined(separator: "/")
}

/// What stands behind the last slash.
func lastPart(of path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
}

/// What stands before the last slash; nil where there is none.
func folderPart(of path: String) -> String? {
    path.lastIndex(of: "/").map { String(path[..<$0]) }
}
