// Pieces cut out of remembered pictures: laid where they may have been, the rest unknown.
import Media

/// Looks for a picture as a piece of remembered ones.
///
/// First coarsely, in all places and sizes that its shape allows, with the rest of the coarse pattern unknown; then what
/// was found is laid more finely, and the best of that moved and scaled in smaller steps. The smaller a piece, the more is
/// like it: so all counts relative to what chance finds where it is laid.
struct PieceSearch {
    private let memory: PictureMemory
    /// Parts of the longer fit that pieces are looked for in.
    static let scales = [0.5, 0.6, 0.71, 0.85, 1.0]
    /// How much of a remembered picture a piece must be at least.
    static let leastArea = 0.22
    /// How many pictures are kept of each place and size, how many are looked at finely, and how many most finely.
    static let kept = 12, followed = 24, refinedCount = 6
    /// What chance finds in one place, at least, in parts of what it finds in half of all: where a shot is remembered a
    /// dozen times it is no chance.
    static let leastChance: Float = 0.8
    /// How a piece is moved, in parts of a picture, and scaled to find where it fits best.
    static let wide = Steps(move: 1.0 / 16, scale: 0.08)
    static let fine = [Steps(move: 1.0 / 32, scale: 0.04), Steps(move: 1.0 / 64, scale: 0.02)]

    struct Steps { let move: Double, scale: Double }

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
        var layings: [Int: [Laying]] = [:]
        let tried = Self.leastLikeChance(rows).prefix(Self.followed).map { row, position -> Laid in
            let ways =
                layings[row]
                ?? Self.places(around: Self.masks[row / 2].part, Self.wide).map {
                    Laying(views[row % 2], $0)
                }
            layings[row] = ways
            let fit = best(of: ways, on: position)
            return Laid(position: position, row: row, part: fit.part, distance: fit.distance)
        }.sorted { $0.distance < $1.distance }
        var known = Set<Int>()
        return tried.filter { known.insert($0.position).inserted }.prefix(Self.refinedCount)
            .compactMap { laid -> Sighting? in
                guard let place = memory.places[laid.position] else { return nil }
                // Others are laid as widely as this one was.
                let others = rows[laid.row].map(\.position).filter {
                    memory.places[$0]?.video != place.video
                }
                let chance = others.map { best(of: layings[laid.row] ?? [], on: $0).distance }.min()
                let fit = refined(laid, views[laid.row % 2])
                let relative = Sureness.piece.relative(fit.distance, chance: chance)
                return Sighting(
                    video: place.video, time: place.time, sureness: Sureness.piece(relative),
                    distance: Double(fit.distance), relative: relative, view: .piece(fit.part),
                    isMirrored: laid.row % 2 == 1, position: laid.position)
            }
    }

    /// A remembered picture on which a piece was laid, and how unlike it is where it fits best.
    private struct Laid { let position: Int, row: Int, part: Part, distance: Float }

    /// What was found coarsely with its row, least like what chance finds there first.
    static func leastLikeChance(
        _ rows: [[CoarsePatterns.Match]]
    ) -> [(row: Int, position: Int)] {
        let chances = rows.map { $0.last?.distance ?? 1 }
        let usual = chances.sorted()[chances.count / 2]
        return rows.enumerated().flatMap { row, matches in
            matches.map { match in
                (
                    row: row, position: match.position,
                    distance: match.distance / max(chances[row], leastChance * usual)
                )
            }
        }.sorted { $0.distance < $1.distance }.map { ($0.row, $0.position) }
    }

    /// Moves and scales a piece in smaller and smaller steps, as long as it fits better.
    private func refined(_ laid: Laid, _ picture: SmallPicture) -> (part: Part, distance: Float) {
        var found = (part: laid.part, distance: laid.distance)
        for steps in Self.fine {
            for _ in 0..<2 {
                let ways = Self.places(around: found.part, steps).map { Laying(picture, $0) }
                let better = best(of: ways, on: laid.position)
                guard better.distance < found.distance else { break }
                found = better
            }
        }
        return found
    }

    /// A piece laid into a pattern: of each block and plane the numbers that are known, and their values less their mean.
    private struct Laying {
        let part: Part
        let blocks: [(numbers: [Int], values: [Float])]

        init(_ picture: SmallPicture, _ part: Part) {
            self.part = part
            blocks = (0..<3).flatMap { plane -> [(numbers: [Int], values: [Float])] in
                let side = PicturePattern.side(of: plane)
                let inside = PieceSearch.cells(in: part, side: side)
                let seen = picture.cells(of: plane, frame(part), columns: side, rows: side)
                return (0..<PicturePattern.blocks).compactMap { block in
                    let known = PicturePattern.cells(of: plane, in: block)
                        .filter { inside[$0.cell] }
                    guard known.count > 1 else { return nil }
                    let mean = known.reduce(0) { $0 + seen[$1.cell] } / Float(known.count)
                    let weight = PicturePattern.weight(of: plane)
                    return (known.map(\.number), known.map { weight * (seen[$0.cell] - mean) })
                }
            }
        }
    }

    /// How unlike a remembered picture a piece is in the best of some layings, and where that is.
    private func best(of layings: [Laying], on position: Int) -> (part: Part, distance: Float) {
        let key = memory.pattern(position)
        var best = (part: Part.whole, distance: Float(1))
        for laying in layings {
            var (difference, size): (Float, Float) = (0, 0)
            var count = 0
            for (numbers, values) in laying.blocks {
                // What is remembered is less the mean of the whole block.
                let mean = numbers.reduce(0) { $0 + key[$1] } / Float(numbers.count)
                for (number, value) in zip(numbers, values) {
                    difference += abs(value - (key[number] - mean))
                    size += abs(value) + abs(key[number] - mean)
                }
                count += numbers.count
            }
            guard size >= 2 * Float(count), difference < best.distance * size else { continue }
            best = (laying.part, difference / size)
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

    /// A place, and those a step away, smaller and larger.
    private static func places(around part: Part, _ steps: Steps) -> [Part] {
        var places: [Part] = []
        for scale in [1 - steps.scale, 1, 1 + steps.scale] {
            // What reaches from edge to edge is not scaled that way.
            let width = part.width == 1 ? 1 : min(part.width * scale, 1)
            let height = part.height == 1 ? 1 : min(part.height * scale, 1)
            guard scale == 1 || width != part.width || height != part.height else { continue }
            func moved(_ start: Double, _ old: Double, _ new: Double) -> [Double] {
                (new == 1 ? [0] : [-steps.move, 0, steps.move]).map {
                    min(max(start + (old - new) / 2 + $0, 0), 1 - new)
                }
            }
            for y in moved(part.y, part.height, height) {
                for x in moved(part.x, part.width, width) {
                    places.append(Part(x: x, y: y, width: width, height: height))
                }
            }
        }
        return places
    }
}
