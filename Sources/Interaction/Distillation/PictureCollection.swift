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
    private var things: [[Detection]]?
    /// How often each is drawn, summed up; nil for all alike.
    private var ends: [Double]?
    /// What close-ups are of, and how often each kind is drawn, summed up.
    private var kinds: (seen: [[Sighting]], ends: [Double])?
    private let memory = PictureMemory()

    /// Nothing.
    public init() {}

    /// Number of pictures.
    public var count: Int { entries.count }

    /// Adds a photograph, which is not opened before it is asked for.
    public mutating func append(photograph path: String) {
        entries.append(.file(path))
        (ends, things, kinds) = (nil, nil, nil)
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
        (ends, things, kinds) = (nil, nil, nil)
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
        if things != nil { (rest.things, chosen.things) = ([], []) }
        for (index, entry) in entries.enumerated() {
            if index % interval == interval - 1 {
                chosen.entries.append(entry)
                if let things { chosen.things!.append(things[index]) }
            } else {
                rest.entries.append(entry)
                if let things { rest.things!.append(things[index]) }
            }
        }
        return (rest, chosen)
    }

    /// The pictures of which something is known, which may be that nothing is in them.
    ///
    /// - Parameter things: What is in each picture, in its pixels; those with nil are left out.
    public func knowing(_ things: [[Detection]?]) -> PictureCollection {
        precondition(things.count == count, "things of \(things.count) pictures, not \(count)")
        var known = PictureCollection()
        known.entries = zip(entries, things).compactMap { $1 == nil ? nil : $0 }
        known.things = things.compactMap { $0 }
        return known
    }

    /// The position of a picture drawn at random.
    public func index(_ random: inout RandomSource) -> Int {
        ends.map { draw($0, &random) } ?? random.index(below: count)
    }

    /// A picture drawn at random, or a part of one around a thing in it.
    ///
    /// Kinds of things are drawn for close-ups as often as the root of how often they are seen: small and rare things, which
    /// whole pictures show a few cells of, fill a part of many.
    ///
    /// - Parameter closeUps: How many of all are such parts; none where rare kinds are not favoured.
    /// - Throws: `MediaError` for a photograph that cannot be read.
    func drawn(_ random: inout RandomSource, closeUps: Double) throws -> UprightPicture {
        guard closeUps > 0, let kinds, random.uniform() < closeUps else {
            return try self[index(&random)]
        }
        let sightings = kinds.seen[draw(kinds.ends, &random)]
        let sighting = sightings[random.index(below: sightings.count)]
        return try self[sighting.picture].closeUp(of: sighting.box, &random)
    }

    /// The first place whose end lies over a number drawn below the last end.
    private func draw(_ ends: [Double], _ random: inout RandomSource) -> Int {
        let place = random.uniform() * ends.last!
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
        guard let things else { preconditionFailure("nobody looked what is in the pictures") }
        var pictures: [Int: Int] = [:]
        for kind in things.flatMap({ Set($0.map(\.category)) }) { pictures[kind, default: 0] += 1 }
        let factors = pictures.filter { $0.value >= least }.mapValues {
            max(1, (threshold * Double(count) / Double($0)).squareRoot())
        }
        var (other, sum) = (self, 0.0)
        other.ends = things.map { own in
            sum += own.reduce(1) { max($0, factors[$1.category] ?? 1) }
            return sum
        }
        var seen: [Int: [Sighting]] = [:]
        for (index, own) in things.enumerated() {
            for thing in own where factors[thing.category] != nil {
                seen[thing.category, default: []].append(Sighting(picture: index, box: thing.box))
            }
        }
        let sorted = seen.sorted { $0.key < $1.key }.map(\.value)
        sum = 0
        let kindEnds = sorted.map { sightings in
            sum += Double(sightings.count).squareRoot()
            return sum
        }
        other.kinds = sorted.isEmpty ? nil : (sorted, kindEnds)
        return other
    }
}

/// A thing in one of the pictures.
private struct Sighting: Sendable {
    let picture: Int, box: Box
}

extension UprightPicture {
    /// A part around a thing, of one to four times its extent, wherever in the part it is.
    fileprivate func closeUp(of box: Box, _ random: inout RandomSource) -> UprightPicture {
        func range(_ low: Double, _ high: Double, in extent: Int, _ factor: Double) -> Range<Int> {
            // Nothing is told of a few pixels.
            let length = max(factor * (high - low), Double(min(extent, Self.leastCloseUp)))
            let start = low - (length - (high - low)) * random.uniform()
            let first = min(max(Int(start), 0), extent - 1)
            return first..<min(max(Int(start + length), first + 1), extent)
        }
        let factor = exp(random.uniform(in: 0..<log(4)))
        let columns = range(box.x1, box.x2, in: width, factor)
        let rows = range(box.y1, box.y2, in: height, factor)
        var part: [UInt8] = []
        part.reserveCapacity(3 * columns.count * rows.count)
        for row in rows {
            let start = 3 * (row * width + columns.lowerBound)
            part += pixels[start..<start + 3 * columns.count]
        }
        return UprightPicture(width: columns.count, height: rows.count, pixels: part)
    }

    /// Pixels that a close-up has at least in each direction.
    private static let leastCloseUp = 48
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
