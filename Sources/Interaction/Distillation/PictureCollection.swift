// Pictures to practise on: photographs by their files, and frames of videos.
import Media

/// Pictures that stay files until they are asked for; frames of videos are kept.
public struct PictureCollection: Sendable {
    private enum Entry: Sendable {
        case file(String)
        case frame(UprightPicture)
    }

    private var entries: [Entry] = []

    /// Nothing.
    public init() {}

    /// Number of pictures.
    public var count: Int { entries.count }

    /// Adds a photograph, which is not opened before it is asked for.
    public mutating func append(photograph path: String) { entries.append(.file(path)) }

    /// Adds every `interval`-th frame of a video.
    ///
    /// - Throws: `MediaError`.
    public mutating func append(video path: String, every interval: Int) throws {
        precondition(interval > 0, "every \(interval) frames")
        let source = try openSource(path: path)
        var index = 0
        while let frame = try source.next() {
            if index % interval == 0 { entries.append(.frame(frame.upright())) }
            index += 1
        }
    }

    /// A picture, upright.
    ///
    /// - Throws: `MediaError` for a photograph that cannot be read.
    public subscript(index: Int) -> UprightPicture {
        get throws {
            switch entries[index] {
            case .frame(let picture): return picture
            case .file(let path):
                guard let frame = try openSource(path: path).next() else {
                    throw MediaError.notVideo(path: path, reason: "no picture in it")
                }
                return frame.upright()
            }
        }
    }

    /// Two collections, of all but every `interval`-th picture and of those.
    public func divided(every interval: Int) -> (rest: PictureCollection, chosen: PictureCollection)
    {
        var (rest, chosen) = (PictureCollection(), PictureCollection())
        for (index, entry) in entries.enumerated() {
            if index % interval == interval - 1 {
                chosen.entries.append(entry)
            } else {
                rest.entries.append(entry)
            }
        }
        return (rest, chosen)
    }
}
