// The clips that pairs are made of: where they lie, who they are, how large and how long.
import FileNames
import Glibc
import Media
import Networks

/// One clip of good quality.
public struct Footage: Sendable, Hashable {
    /// The file.
    public let path: String
    /// Its name without extension, as `--hold-out` compares it.
    public let stem: String
    /// Who it is: stem and six digits of the content, so that equal names and other folders are no matter.
    public let name: String
    /// Size and sampling that its pairs have, before any reduction, and frames, where the file says how many.
    let width: Int, height: Int, sampling: ChromaSampling, frameCount: Int?
}

extension Footage {
    /// Opens the file and decodes its first frame.
    ///
    /// - Throws: ``MediaError``; interlaced clips are refused, since their combs are no pristine picture.
    public init(path: String) throws {
        let reader = try VideoReader(path: path, options: ReadOptions(threads: 1))
        guard let frame = try reader.next() else { throw MediaError.noFrames(path: path) }
        guard !frame.isInterlaced else {
            throw MediaError.unsupported(
                path: path, what: "is interlaced",
                advice: "deinterlace it first: ffmpeg -i IN -vf bwdif -c:v ffv1 OUT.mkv")
        }
        let file = path.split(separator: "/").last.map(String.init) ?? path
        stem = file.lastIndex(of: ".").map { String(file[..<$0]) } ?? file
        self.path = path
        name = "\(Footage.plain(stem))-\(try Footage.mark(path))"
        // Chroma of 4:2:0 wants even sizes, which all recipes share.
        (width, height) = (reader.width & ~1, reader.height & ~1)
        sampling = [.yuv444, .rgb].contains(reader.format.sampling) ? .yuv444 : .yuv420
        frameCount = reader.estimatedFrameCount
        guard min(width, height) >= 16 else {
            throw MediaError.unsupported(
                path: path, what: "\(reader.width)x\(reader.height) is too small",
                advice: "16x16 is the least, 96x96 the least to train on")
        }
    }

    /// Letters, digits, and what is harmless in the name of a file.
    private static func plain(_ stem: String) -> String {
        let kept = stem.unicodeScalars.prefix(60).map { scalar in
            scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                || "-_.".unicodeScalars.contains(scalar) ? scalar : "_"
        }
        return String(String.UnicodeScalarView(kept))
    }

    /// Six digits of the file's length and beginning.
    private static func mark(_ path: String) throws -> String {
        guard let file = fopen(path.fileName, "rb") else {
            throw MediaError.unreadableInput(path: path, reason: String(cString: strerror(errno)))
        }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        bytes.removeLast(bytes.count - fread(&bytes, 1, bytes.count, file))
        bytes += Array("\(Machine.fileSize(path))".utf8)
        return bytes.withUnsafeBytes { String(SHA256(of: $0).hexadecimal.prefix(6)) }
    }
}

extension Footage {
    /// The videos among `inputs` and, by name, in the folders among them, subfolders included.
    ///
    /// - Parameter excluded: a folder that is not looked into: where the pairs go.
    /// - Throws: ``MediaError`` with status 66 for what is not there, 65 for a folder without videos.
    public static func files(_ inputs: [String], excluding excluded: String) throws -> [String] {
        var output = stat()
        let isThere = stat(excluded.fileName, &output) == 0
        func isExcluded(_ path: String) -> Bool {
            var status = stat()
            guard isThere, stat(path.fileName, &status) == 0 else { return false }
            return status.st_dev == output.st_dev && status.st_ino == output.st_ino
        }
        func videos(in folder: String) throws -> [String] {
            try Folder.names(in: folder).flatMap { name -> [String] in
                let path = folder.hasSuffix("/") ? folder + name : "\(folder)/\(name)"
                if Folder.exists(path) { return isExcluded(path) ? [] : try videos(in: path) }
                return MediaName.isVideo(name) ? [path] : []
            }
        }
        var paths: [String] = []
        for input in inputs {
            var status = stat()
            guard stat(input.fileName, &status) == 0 else {
                throw MediaError.missingInput(path: input)
            }
            guard Folder.exists(input) else {
                paths.append(input)
                continue
            }
            let found = try videos(in: input)
            guard !found.isEmpty else {
                throw MediaError.notVideo(path: input, reason: "a folder without videos")
            }
            paths += found
        }
        var seen: Set<String> = []
        return paths.filter { seen.insert($0).inserted }
    }
}
