// Pieces cut out of remembered pictures: laid where they may have been, the rest unknown.
import Media
import Tensors

/// Looks for a picture as a piece of remembered ones.
///
/// First coarsely, in all places and sizes that its shape allows, with the rest of the coarse pattern unknown; then what
/// was found is laid more finely.
struct PieceSearch {
    private let memory: PictureMemory
    /// Parts of the longer fit that pieces are looked for in, and cells of a step.
    static let scales = [0.5, 0.6, 0.71, 0.85, 1.0]
    /// How much of a remembered picture a piece must be at least, and how many are looked at finely.
    static let leastArea = 0.22, followed = 24

    init(_ memory: PictureMemory) { self.memory = memory }

    /// Where a picture may be a piece of a remembered one.
    ///
    /// - Throws: `MemoryError`.
    func sightings(of picture: SmallPicture) throws -> [Sighting] {
        let views = [picture, picture.mirrored]
        let width = PicturePattern.coarseWidth, count = memory.count
        let all = try memory.coarseSizes(
            knowing: Tensor([Float](repeating: 1, count: width), shape: [1, width]))
        var found: [(position: Int, distance: Float, part: Part, view: Int)] = []
        for start in stride(from: 0, to: Self.masks.count, by: 8) {
            let masks = Self.masks[start..<min(start + 8, Self.masks.count)]
            let rows = masks.flatMap { mask in
                views.map { Self.coarse($0, mask.part, mask.cells) }
            }
            let distances = try memory.coarse.similarities(
                to: Tensor(rows.flatMap { $0 }, shape: [rows.count, width]))
            let sizes = try memory.coarseSizes(
                knowing: Tensor(masks.flatMap(\.known), shape: [masks.count, width]))
            var relative = [Float](repeating: 0, count: count)
            for (number, row) in rows.enumerated() {
                let (mask, view) = (number / views.count, number % views.count)
                let own = row.reduce(0) { $0 + abs($1) }
                relative.withUnsafeMutableBufferPointer { relative in
                    distances.withUnsafeBufferPointer { distances in
                        sizes.withUnsafeBufferPointer { sizes in
                            all.withUnsafeBufferPointer { all in
                                for index in 0..<count {
                                    // What a row does not know is 0, and as unlike as it is large.
                                    let size = sizes[mask * count + index]
                                    let difference =
                                        size - all[index] - distances[number * count + index]
                                    relative[index] = difference / (size + own)
                                }
                            }
                        }
                    }
                }
                let part = masks[start + mask].part
                found += smallest(relative, 6) { memory.places[$0] != nil }
                    .map { ($0.position, $0.distance, part, view) }
            }
        }
        found.sort { $0.distance < $1.distance }
        var layings: [Laying: [[KnownCells]]] = [:]
        return found.prefix(Self.followed).compactMap { candidate in
            let laying = Laying(part: candidate.part, view: candidate.view)
            let tried = layings[laying] ?? Self.fineLayings(views[laying.view], laying.part)
            layings[laying] = tried
            return sighting(candidate.position, candidate.part, candidate.view == 1, tried)
        }
    }

    /// What a piece says of one plane of a block: places of numbers in a pattern, and values less their mean.
    private struct KnownCells { let numbers: [Int], values: [Float] }

    private struct Laying: Hashable { let part: Part, view: Int }

    /// The best of some layings beside one remembered picture.
    private func sighting(
        _ position: Int, _ part: Part, _ isMirrored: Bool,
        _ layings: [[KnownCells]]
    ) -> Sighting? {
        guard let place = memory.places[position] else { return nil }
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
        return Sighting(
            video: place.video, time: place.time, sureness: Sureness.crop(best),
            distance: Double(best), view: .piece(part), isMirrored: isMirrored, position: position)
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

    /// A place of a piece, its known cells of luma and of colour, and 1 where a number of a coarse pattern is known.
    private struct Mask: Sendable { let part: Part, cells: [[Bool]], known: [Float] }

    private static let masks: [Mask] = placements.map { part -> Mask in
        let luma = cells(in: part, side: 8), colour = cells(in: part, side: 4)
        return Mask(
            part: part, cells: [luma, colour, colour],
            known: (luma + colour + colour).map { $0 ? 1 : 0 })
    }.filter { $0.known.reduce(0, +) >= 16 }

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
