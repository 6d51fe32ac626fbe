// Pieces cut out of remembered pictures: laid where they may have been, the rest unknown.
import Media

/// Looks for a picture as a piece of remembered ones.
///
/// First coarsely, in all places and sizes that its shape allows, with the rest of the coarse pattern unknown; then what
/// was found is laid more finely.
struct PieceSearch {
    private let memory: PictureMemory
    /// Parts of the longer fit that pieces are looked for in, and cells of a step.
    static let scales = [0.5, 0.6, 0.71, 0.85, 1.0]
    /// How much of a remembered picture a piece must be at least.
    static let leastArea = 0.22
    /// How many pictures are kept of each place and size, and how many are looked at finely.
    static let kept = 6, followed = 24

    init(_ memory: PictureMemory) { self.memory = memory }

    /// Where a picture may be a piece of a remembered one.
    func sightings(of picture: SmallPicture) -> [Sighting] {
        let views = [picture, picture.mirrored]
        let queries = Self.masks.map { mask in
            CoarsePatterns.Query(
                mask: mask.known,
                rows: views.map {
                    Self.coarse($0, mask.part, mask.cells).map(CoarsePatterns.byte)
                })
        }
        let rows = memory.coarse.nearest(
            to: queries, count: Self.kept, threads: memory.threads)
        let found = rows.enumerated().flatMap { row, matches in
            matches.map {
                (match: $0, laying: Laying(part: Self.masks[row / 2].part, view: row % 2))
            }
        }.sorted { $0.match.distance < $1.match.distance }
        var layings: [Laying: [[KnownCells]]] = [:]
        let tried = found.prefix(Self.followed).map { match, laying -> Laid in
            let ways = layings[laying] ?? Self.fineLayings(views[laying.view], laying.part)
            layings[laying] = ways
            return Laid(
                position: match.position, laying: laying,
                distance: distance(of: match.position, laid: ways))
        }
        return sightings(tried)
    }

    /// A picture beside which a piece was laid, and how unlike it is where it fits best.
    private struct Laid { let position: Int, laying: Laying, distance: Float }

    private func sightings(_ all: [Laid]) -> [Sighting] {
        var ofVideos: [Int: Float] = [:]
        for laid in all {
            guard let video = memory.places[laid.position]?.video else { continue }
            ofVideos[video] = min(ofVideos[video] ?? 1, laid.distance)
        }
        return all.compactMap { laid in
            guard let place = memory.places[laid.position] else { return nil }
            let others = ofVideos.filter { $0.key != place.video }.values.sorted()
            let chance = others.count < Sureness.rank ? nil : others[Sureness.rank - 1]
            let relative = Sureness.piece.relative(laid.distance, chance: chance)
            return Sighting(
                video: place.video, time: place.time, sureness: Sureness.piece(relative),
                distance: Double(laid.distance), relative: relative,
                view: .piece(laid.laying.part), isMirrored: laid.laying.view == 1,
                position: laid.position)
        }
    }

    /// What a piece says of one plane of a block: places of numbers in a pattern, and values less their mean.
    private struct KnownCells { let numbers: [Int], values: [Float] }

    private struct Laying: Hashable { let part: Part, view: Int }

    /// How unlike a remembered picture a piece is in the best of some layings.
    private func distance(of position: Int, laid layings: [[KnownCells]]) -> Float {
        let key = memory.pattern(position)
        var best = Float(1)
        for laying in layings {
            var (difference, size): (Float, Float) = (0, 0)
            var count = 0
            for block in laying {
                // What is remembered is less the mean of the whole block.
                let mean = block.numbers.reduce(0) { $0 + key[$1] } / Float(block.numbers.count)
                for (number, value) in zip(block.numbers, block.values) {
                    difference += abs(value - (key[number] - mean))
                    size += abs(value) + abs(key[number] - mean)
                }
                count += block.numbers.count
            }
            if size >= 2 * Float(count) { best = min(best, difference / size) }
        }
        return best
    }

    // MARK: - Where pieces can lie

    /// Rectangles of the coarse grid: shapes of a third to three times as wide as high, in parts of the picture.
    static let placements: [Part] = {
        var parts: [Part] = []
        for width in scales {
            for height in scales where width * height >= leastArea && width * height < 0.9 {
                // Halves, and pieces of the picture's own shape or nearly so.
                guard width == 1 || height == 1 || abs(width - height) < 0.01 else { continue }
                let across = Int(((1 - width) * 8).rounded()),
                    down = Int(((1 - height) * 8).rounded())
                for y in 0...down {
                    for x in 0...across {
                        parts.append(
                            Part(
                                x: across > 0 ? (1 - width) * Double(x) / Double(across) : 0,
                                y: down > 0 ? (1 - height) * Double(y) / Double(down) : 0,
                                width: width, height: height))
                    }
                }
            }
        }
        return parts
    }()

    /// Which cells of a grid lie in a part, but for a third of a cell.
    static func cells(in part: Part, side: Int) -> [Bool] {
        let unit = Double(side)
        func covers(_ index: Int, _ start: Double, _ length: Double) -> Bool {
            Double(index) >= start * unit - 0.34
                && Double(index + 1) <= (start + length) * unit + 0.34
        }
        return (0..<side * side).map {
            covers($0 / side, part.y, part.height) && covers($0 % side, part.x, part.width)
        }
    }

    /// A place of a piece, its known cells of luma and of colour, and 255 where a byte of a coarse pattern is known.
    private struct Mask: Sendable { let part: Part, cells: [[Bool]], known: [UInt8] }

    private static let masks: [Mask] = placements.map { part -> Mask in
        let luma = cells(in: part, side: 8), colour = cells(in: part, side: 4)
        return Mask(
            part: part, cells: [luma, colour, colour],
            known: (luma + colour + colour).map { $0 ? 255 : 0 })
    }.filter { $0.known.count { $0 > 0 } >= 16 }

    /// A piece laid into a coarse pattern.
    private static func coarse(
        _ picture: SmallPicture, _ part: Part, _ known: [[Bool]]
    ) -> [Float] {
        (0..<3).flatMap { plane -> [Float] in
            let side = plane == 0 ? 8 : 4
            let values = picture.cells(of: plane, frame(part), columns: side, rows: side)
            return contrasts(
                of: values, side: side, radius: plane == 0 ? 2 : 1, knowing: known[plane]
            ).map { PicturePattern.weight(of: plane) * $0 }
        }
    }

    /// The whole remembered picture, seen from a piece of it.
    private static func frame(_ part: Part) -> Part {
        Part(
            x: -part.x / part.width, y: -part.y / part.height, width: 1 / part.width,
            height: 1 / part.height)
    }

    /// A piece laid into a pattern in and around a place.
    private static func fineLayings(
        _ picture: SmallPicture, _ part: Part
    ) -> [[KnownCells]] {
        var layings: [[KnownCells]] = []
        for scale in [0.92, 1, 1.08] {
            // What reaches from edge to edge is not scaled that way.
            let width = part.width == 1 ? 1 : min(part.width * scale, 1)
            let height = part.height == 1 ? 1 : min(part.height * scale, 1)
            guard scale == 1 || width != part.width || height != part.height else { continue }
            for dy in height == 1 ? [0] : [-1.0, 0, 1] {
                for dx in width == 1 ? [0] : [-1.0, 0, 1] {
                    let moved = Part(
                        x: min(max(part.x + (part.width - width) / 2 + dx / 16, 0), 1 - width),
                        y: min(max(part.y + (part.height - height) / 2 + dy / 16, 0), 1 - height),
                        width: width, height: height)
                    layings.append(fine(picture, moved))
                }
            }
        }
        return layings
    }

    private static func fine(_ picture: SmallPicture, _ part: Part) -> [KnownCells] {
        (0..<3).flatMap { plane -> [KnownCells] in
            let side = PicturePattern.side(of: plane)
            let inside = cells(in: part, side: side)
            let seen = picture.cells(of: plane, frame(part), columns: side, rows: side)
            return (0..<PicturePattern.blocks).compactMap { block in
                let known = PicturePattern.cells(of: plane, in: block).filter { inside[$0.cell] }
                guard known.count > 1 else { return nil }
                let mean = known.reduce(0) { $0 + seen[$1.cell] } / Float(known.count)
                return KnownCells(
                    numbers: known.map(\.number),
                    values: known.map { PicturePattern.weight(of: plane) * (seen[$0.cell] - mean) })
            }
        }
    }
}
