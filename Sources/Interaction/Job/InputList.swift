// Which files a command line means: names, folders, patterns, and lists on standard input.
import FileNames
import Glibc
import Media

/// The pictures and videos that words of a command line stand for.
public enum InputList {
    /// What stands between name and extension of drawings, which are no input.
    public static let word = "interactions"

    /// Expands folders (not their subfolders), patterns (`*`, `?`, `[...]`) and `-`.
    ///
    /// A name that is no file and no pattern that fits any is kept: opening it will say so.
    ///
    /// - Parameters:
    ///   - list: The bytes behind `-`: names separated by line ends, or by zeros where there is one.
    /// - Throws: `MediaError` with status 64 (`-` without a name behind it), 65 (a folder without pictures) or 66.
    public static func expand(_ words: [String], list: () -> [UInt8]) throws -> [String] {
        var paths: [String] = []
        for word in words {
            guard word == "-" else {
                paths += try files(of: word)
                continue
            }
            let names = names(in: list())
            guard !names.isEmpty else {
                throw MediaError.usage("-: no names on standard input; one a line is wanted")
            }
            for name in names { paths += try files(of: name) }
        }
        return paths
    }

    /// The names in a list.
    static func names(in bytes: [UInt8]) -> [String] {
        let separators: Set<UInt8> = bytes.contains(0) ? [0] : [0x0A, 0x0D]
        return bytes.split(whereSeparator: separators.contains).map { String(fileNameBytes: $0) }
    }

    private static func files(of word: String) throws -> [String] {
        if Folder.exists(word) { return try media(in: word) }
        guard access(word.fileName, F_OK) != 0, word.contains(where: { "*?[".contains($0) }) else {
            return [word]
        }
        let found = matches(of: word)
        guard !found.isEmpty else { return [word] }
        return try found.flatMap { Folder.exists($0) ? try media(in: $0) : [$0] }
    }

    private static func media(in folder: String) throws -> [String] {
        let names = try Folder.names(in: folder).filter { name in
            let isDrawing = name.split(separator: ".").dropLast().last.map(String.init) == word
            return !isDrawing
                && (MediaName.isPicture(name) || MediaName.isOtherPicture(name)
                    || MediaName.isVideo(name))
        }
        guard !names.isEmpty else {
            throw MediaError.notVideo(path: folder, reason: "a folder without pictures or videos")
        }
        return names.map { folder.hasSuffix("/") ? folder + $0 : "\(folder)/\($0)" }
    }

    private static func matches(of pattern: String) -> [String] {
        var found = glob_t()
        defer { globfree(&found) }
        guard glob(pattern.fileName, 0, nil, &found) == 0 else { return [] }
        return (0..<Int(found.gl_pathc)).compactMap { index in
            found.gl_pathv[index].map { String(fileName: $0) }
        }
    }
}
