// What somebody wants to find again: a photograph, a clip, or what words say.
import FileNames
import Glibc
import Interaction
import Media

/// A question to a memory of videos.
public struct FindRequest: Sendable, Hashable {
    /// What is asked: a path, or words.
    public let query: String
    /// Whether it is a file.
    public let isFile: Bool
    /// Places at most.
    public var limit = 5
    /// Places less sure are left out; nil: less than an even chance of a copy, or of words what 'hoi detect' leaves out.
    public var leastSureness: Double?
    /// Threads to compute with.
    public var threads = 1

    /// A question; what names a file, or looks like the name of one, is a file.
    public init(_ query: String) {
        self.query = query
        isFile =
            access(query.fileName, F_OK) == 0 || query.contains("/") || MediaName.isVideo(query)
            || MediaName.isPicture(query) || MediaName.isOtherPicture(query)
    }

    /// The places, surest first; none is an answer.
    ///
    /// - Throws: ``FinderError``, `MediaError`, `MemoryStoreError`, `MemoryError`.
    public func places(in folder: MemoryFolder) throws -> [FoundPlace] {
        guard isFile else {
            return try folder.places(
                of: query, limit: limit, atLeast: leastSureness ?? FindingRules().leastScore)
        }
        // What cannot be read needs no memory.
        var pictures: [KeyPicture] = []
        var step = 1, number = 0
        _ = try KeyPictureReader(query).read { picture, _ in
            defer { number += 1 }
            guard number.isMultiple(of: step) else { return }
            pictures.append(picture)
            // However long a clip is, some pictures all over it are enough.
            guard pictures.count >= 4 * ClipSearch.mostPictures else { return }
            pictures = pictures.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
            step *= 2
        }
        guard pictures.contains(where: \.pattern.saysSomething) else {
            throw FinderError.saysNothing(path: query)
        }
        let memory = try folder.open(threads: threads)
        return try ClipSearch(PictureSearch(memory))
            .places(of: pictures, limit: limit, atLeast: leastSureness ?? Sureness.found)
    }
}
