// Where a picture was seen: whole or in part, as it is or mirrored, or as a piece cut out of another.
import Media
import Tensors

/// A place where a picture was found.
public struct Sighting: Sendable, Hashable {
    /// The video's place in ``PictureMemory/videos``, and seconds from the start of it.
    public let video: Int, time: Double
    /// How surely it is so: 0 to 1.
    public let sureness: Double
    /// How unlike what was compared is: 0 to 1; and in parts of how unlike chance finds it.
    public let distance: Double, relative: Double
    /// How it was seen.
    public let view: View
    /// Whether it was found turned around, left to right.
    public let isMirrored: Bool
    let position: Int

    /// How a picture can be seen.
    public enum View: Sendable, Hashable {
        /// All of it.
        case whole
        /// So much of it, as the rest looks like something else: what is known in words, and how many of 16 blocks.
        case part(String, blocks: Int)
        /// It is a piece of a remembered picture.
        case piece(Part)

        /// In words.
        public var words: String {
            switch self {
            case .whole: "whole"
            case .part(let name, _): name
            case .piece: "piece"
            }
        }
    }
}

/// Asks a memory for pictures.
public struct PictureSearch {
    /// The memory.
    public let memory: PictureMemory
    /// Whether pieces cut out of remembered pictures are looked for where nothing else is found: takes longer.
    public var findsPieces = true
    /// Of each way of looking, as many pictures as are followed.
    static let followed = 12

    /// A search in a memory.
    public init(_ memory: PictureMemory) { self.memory = memory }

    /// Blocks, or other parts of patterns, that are compared, and how what is found by them was seen.
    typealias Blocks = (view: Sighting.View, blocks: [Int])

    private static func part(_ name: String, _ isKnown: (Int, Int) -> Bool) -> Blocks {
        let blocks = (0..<16).filter { isKnown($0 / 4, $0 % 4) }
        return (.part(name, blocks: blocks.count), blocks)
    }

    /// Which blocks may be all that is left of a picture.
    static let parts: [Blocks] = [
        (.whole, Array(0..<16)), part("left half") { $1 < 2 }, part("right half") { $1 >= 2 },
        part("upper half") { row, _ in row < 2 }, part("lower half") { row, _ in row >= 2 },
        part("middle, top to bottom") { $1 == 1 || $1 == 2 },
        part("middle, side to side") { row, _ in row == 1 || row == 2 },
        part("left and right") { $1 % 3 == 0 }, part("top and bottom") { row, _ in row % 3 == 0 },
        part("rim") { row, column in row % 3 == 0 || column % 3 == 0 },
    ]

    /// Which blocks of a picture may be all that is left of another.
    private static func parts(of picture: SmallPicture) -> [Blocks] {
        // Edges of bars are stronger than what is between, and all bars have them.
        if let inner = picture.betweenBars {
            let rest = part("between bars") { row, column in
                Double(row) >= 4 * inner.y && Double(row + 1) <= 4 * (inner.y + inner.height)
                    && Double(column) >= 4 * inner.x
                    && Double(column + 1) <= 4 * (inner.x + inner.width)
            }
            return rest.blocks.count < 6 ? [] : [rest]
        }
        // What is of one colour may be what was laid over it.
        let blanks = blanks(picture)
        guard (2...10).contains(blanks.count) else { return parts }
        return parts + [part("what is not of one colour") { !blanks.contains(4 * $0 + $1) }]
    }

    /// Where a picture was seen, surest first; one place of each shot.
    ///
    /// - Parameter least: Places less sure than that are left out.
    /// - Throws: `MemoryError`.
    public func places(of picture: SmallPicture, limit: Int, atLeast least: Double = 0.05)
        throws -> [Sighting]
    {
        var found = try sightings(of: [picture])[0]
        if findsPieces, (found.first?.sureness ?? 0) < Sureness.found {
            found += PieceSearch(memory).sightings(of: picture.withoutBars ?? picture)
        }
        return distinct(found.filter { $0.sureness >= least }, limit)
    }

    /// All that resembles each of some pictures, surest first.
    ///
    /// - Throws: `MemoryError`.
    func sightings(of pictures: [SmallPicture]) throws -> [[Sighting]] {
        var result: [[Sighting]] = []
        // Distances of a row take 64 bytes for each remembered picture.
        let step = max(1, min(4, (1 << 22) / max(1, memory.count)))
        for start in stride(from: 0, to: pictures.count, by: step) {
            result += try some(Array(pictures[start..<min(start + step, pictures.count)]))
        }
        return result
    }

    private func some(_ pictures: [SmallPicture]) throws -> [[Sighting]] {
        var found = try sightings(of: pictures, atRim: false)
        // Where whole blocks tell nothing, what of them lies at the rim may.
        let unsure = pictures.indices.filter {
            (found[$0].first?.sureness ?? 0) < Sureness.found && pictures[$0].betweenBars == nil
        }
        guard !unsure.isEmpty else { return found }
        let atRims = try sightings(of: unsure.map { pictures[$0] }, atRim: true)
        for (index, atRim) in zip(unsure, atRims) { found[index] = best(found[index] + atRim) }
        return found
    }

    /// All that is left where something lies over what is between.
    private static let narrowRim: Blocks = (
        .part("narrow rim", blocks: PicturePattern.rimWidth / PicturePattern.blockWidth),
        [PicturePattern.narrowRim]
    )

    private func sightings(of pictures: [SmallPicture], atRim: Bool) throws -> [[Sighting]] {
        var rows: [(picture: Int, isMirrored: Bool, pattern: [Float], parts: [Blocks])] = []
        for (index, picture) in pictures.enumerated() {
            for view in [picture, picture.withoutBars].compactMap({ $0 }) {
                for (isMirrored, seen) in [(false, view), (true, view.mirrored)] {
                    let parts = atRim ? [Self.narrowRim] : Self.parts(of: seen)
                    rows.append((index, isMirrored, PicturePattern(seen).fine, parts))
                }
            }
        }
        let comparison = try memory.compare(
            rows.map(\.pattern),
            by: atRim ? Self.narrowRim.blocks : Array(0..<PicturePattern.blocks))
        var found = [[Sighting]](repeating: [], count: pictures.count)
        for (number, row) in rows.enumerated() {
            for part in row.parts {
                let near = memory.nearest(
                    comparison, row: number, knowing: part.blocks, count: Self.followed)
                let scale = atRim ? Sureness.rim : Sureness.known(blocks: part.blocks.count)
                for (position, distance) in near.pictures {
                    guard let place = memory.places[position] else { continue }
                    let relative = scale.relative(
                        distance, chance: near.chance(besides: place.video))
                    found[row.picture].append(
                        Sighting(
                            video: place.video, time: place.time, sureness: scale(relative),
                            distance: Double(distance), relative: relative, view: part.view,
                            isMirrored: row.isMirrored, position: position))
                }
            }
        }
        return found.map(best)
    }

    /// The surest sighting of each picture, surest first.
    private func best(_ all: [Sighting]) -> [Sighting] {
        var byPosition: [Int: Sighting] = [:]
        for sighting in all {
            if let other = byPosition[sighting.position], other.sureness >= sighting.sureness {
                continue
            }
            byPosition[sighting.position] = sighting
        }
        return byPosition.values.sorted {
            ($0.sureness, $1.position) > ($1.sureness, $0.position)
        }
    }

    /// Places far enough from each other to be told apart.
    private func distinct(_ all: [Sighting], _ limit: Int) -> [Sighting] {
        var kept: [Sighting] = []
        for sighting in all.sorted(by: { ($0.sureness, $1.distance) > ($1.sureness, $0.distance) })
        {
            let video = memory.videos[sighting.video]
            let isNew = !kept.contains {
                $0.video == sighting.video
                    && (abs($0.time - sighting.time) < 3
                        || video.shot(at: $0.time) == video.shot(at: sighting.time))
            }
            if isNew { kept.append(sighting) }
            if kept.count == limit { break }
        }
        return kept
    }

    /// Blocks of one colour.
    static func blanks(_ picture: SmallPicture) -> [Int] {
        (0..<16).filter { block in
            let (top, left) = (block / 4 * 16, block % 4 * 16)
            return picture.planes.allSatisfy { plane in
                var (low, high) = (Float.infinity, -Float.infinity)
                // An edge between blocks blurs a sample.
                for y in top + 1..<top + 15 {
                    for x in left + 1..<left + 15 {
                        let value = plane[y * SmallPicture.side + x]
                        (low, high) = (min(low, value), max(high, value))
                    }
                }
                return high - low < 4
            }
        }
    }
}
