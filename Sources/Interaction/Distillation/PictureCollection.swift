// Pictures to practise on: photographs by their files, and frames of videos.
import Glibc
import Media
import Synchronization
import Tensors

/// Pictures that stay files until they are asked for; frames of videos are kept, and photographs while memory lasts.
public struct PictureCollection: Sendable {
    private enum Entry: Sendable {
        case file(String)
        case frame(UprightPicture)
    }

    private var entries: [Entry] = []
    /// What is in each, where somebody looked.
    private var kinds: [Set<Int>]?
    /// How often each is drawn, summed up; nil for all alike.
    private var ends: [Double]?
    private let memory = PictureMemory()

    /// Nothing.
    public init() {}

    /// Number of pictures.
    public var count: Int { entries.count }

    /// Adds a photograph, which is not opened before it is asked for.
    public mutating func append(photograph path: String) {
        entries.append(.file(path))
        (ends, kinds) = (nil, nil)
    }

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
        (ends, kinds) = (nil, nil)
    }

    /// A picture, upright.
    ///
    /// - Throws: `MediaError` for a photograph that cannot be read.
    public subscript(index: Int) -> UprightPicture {
        get throws {
            switch entries[index] {
            case .frame(let picture): return picture
            case .file(let path):
                return try memory.picture(path) {
                    guard let frame = try openSource(path: path).next() else {
                        throw MediaError.notVideo(path: path, reason: "no picture in it")
                    }
                    return frame.upright()
                }
            }
        }
    }

    /// Two collections, of all but every `interval`-th picture and of those.
    public func divided(every interval: Int) -> (rest: PictureCollection, chosen: PictureCollection)
    {
        var (rest, chosen) = (PictureCollection(), PictureCollection())
        if kinds != nil { (rest.kinds, chosen.kinds) = ([], []) }
        for (index, entry) in entries.enumerated() {
            if index % interval == interval - 1 {
                chosen.entries.append(entry)
                if let kinds { chosen.kinds!.append(kinds[index]) }
            } else {
                rest.entries.append(entry)
                if let kinds { rest.kinds!.append(kinds[index]) }
            }
        }
        return (rest, chosen)
    }

    /// The pictures of which something is known, which may be that nothing is in them.
    ///
    /// - Parameter kinds: What is in each picture; those with nil are left out.
    public func knowing(_ kinds: [Set<Int>?]) -> PictureCollection {
        precondition(kinds.count == count, "kinds of \(kinds.count) pictures, not \(count)")
        var known = PictureCollection()
        known.entries = zip(entries, kinds).compactMap { $1 == nil ? nil : $0 }
        known.kinds = kinds.compactMap { $0 }
        return known
    }

    /// The position of a picture drawn at random.
    public func index(_ random: inout RandomSource) -> Int {
        guard let ends, let total = ends.last else { return random.index(below: count) }
        let place = random.uniform() * total
        var (low, high) = (0, ends.count - 1)
        while low < high {
            let middle = (low + high) / 2
            if ends[middle] > place { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// The same pictures, of which those with rare things are drawn more often: as often as the rarest of their kinds
    /// asks, which is the root of how much rarer it is than `threshold` pictures of all.
    ///
    /// - Parameters:
    ///   - threshold: A part of all.
    ///   - least: Kinds that are in fewer pictures ask for nothing.
    /// - SeeAlso: Gupta et al., "LVIS" (arXiv:1908.03195), section 4.2, repeat factor sampling.
    public func favouringRareKinds(
        threshold: Double = 0.02, least: Int = 5
    ) -> PictureCollection {
        guard let kinds else { preconditionFailure("nobody looked what is in the pictures") }
        var pictures: [Int: Int] = [:]
        for kind in kinds.joined() { pictures[kind, default: 0] += 1 }
        let factors = pictures.filter { $0.value >= least }.mapValues {
            max(1, (threshold * Double(count) / Double($0)).squareRoot())
        }
        var (other, sum) = (self, 0.0)
        other.ends = kinds.map { own in
            sum += own.reduce(1) { max($0, factors[$1] ?? 1) }
            return sum
        }
        return other
    }
}

/// Pictures that were read before, up to a quarter of the machine's memory.
private final class PictureMemory: Sendable {
    private struct Content {
        var pictures: [String: UprightPicture] = [:]
        var bytes = 0
    }

    private let content = Mutex(Content())
    private let limit = sysconf(Int32(_SC_PHYS_PAGES)) / 4 * sysconf(Int32(_SC_PAGESIZE))

    /// The picture of a file, read if it is not known.
    func picture(_ path: String, read: () throws -> UprightPicture) rethrows -> UprightPicture {
        if let known = content.withLock({ $0.pictures[path] }) { return known }
        let picture = try read()
        content.withLock {
            guard $0.bytes + picture.pixels.count <= limit else { return }
            $0.bytes += picture.pixels.count
            $0.pictures[path] = picture
        }
        return picture
    }
}
