// What pictures can be compared by: descriptors, similarities, both memories, and the plain alternatives.
import Finding
import Glibc
import Interaction
import Media
import Memory
import Tensors
import Wavelets

/// Top-1 within one second of each way to compare, on copies at half size and qp 37 and on copies with a half covered,
/// told what is covered and untold.
struct FindingComparison {
    private let half: FindingData
    private let copies: [(queries: [FindingData.Query], known: Set<Int>?)]
    /// Pictures of clips with the clip and the time, then photographs.
    private let keys: [(clip: Int?, time: Double, picture: SmallPicture)]

    init(_ data: String, _ folder: String) throws {
        let half = try FindingData(data, side: 1, folder: folder, photographs: 700)
        self.half = half
        let left = Set((0..<16).filter { $0 % 4 < 2 }), lower = Set(8..<16)
        let rows: [(Int, Set<Int>?)] = [(0, nil), (5, left), (6, lower)]
        copies = try rows.map { (try half.queries(FindingData.copies[$0.0], every: 8), $0.1) }
        var all: [(clip: Int?, time: Double, picture: SmallPicture)] = []
        for (clip, keys) in half.keys.enumerated() {
            for key in keys { all.append((clip, key.time, key.small)) }
        }
        for photograph in half.photographs.prefix(600) {
            all.append((nil, 0, SmallPicture(photograph)))
        }
        keys = all
    }

    /// A way to turn a picture into numbers, in so many numbers for each of 4x4 blocks, block by block.
    private struct Descriptor: Sendable {
        let name: String
        let numbers: @Sendable (SmallPicture) -> [Float]
        /// How far up numbers are moved where distributions are compared.
        var shift: Float = 0
    }

    private static let descriptors = [
        Descriptor(
            name: "cells less their block (ours)", numbers: { PicturePattern($0).fine }, shift: 600),
        Descriptor(name: "cells less those around", numbers: { around(grid($0)) }, shift: 600),
        Descriptor(name: "luma and colour", numbers: { grid($0) }, shift: 600),
        Descriptor(
            name: "luma and colour, mean removed", numbers: { centred(grid($0)) }, shift: 900),
        Descriptor(name: "Haar packet energies", numbers: energies),
    ]

    func report() throws {
        print(
            "\(keys.count) pictures remembered; top-1 within 1 s of \(copies[0].queries.count) each"
        )
        print(
            "| pictures by | compared by | qp 37, half size | half covered | told what is covered |"
        )
        print("|---|---|---|---|---|")
        for descriptor in Self.descriptors {
            let rows = keys.map { descriptor.numbers($0.picture) }
            for measure in Similarity.Measure.allCases {
                let shift = measure.comparesDistributions ? descriptor.shift : 0
                // What is counted equal must be rounded first.
                let unit: Float = measure == .hamming ? 8 : 0
                func prepared(_ numbers: [Float]) -> [Float] {
                    if unit > 0 { return numbers.map { ($0 / unit).rounded() } }
                    return shift > 0 ? numbers.map { max($0 + shift, 0) } : numbers
                }
                try row(descriptor.name, Similarity(measure), rows.map(prepared)) {
                    prepared(descriptor.numbers($0))
                }
            }
        }
        try row("64-bit hash of gradients", .hamming, keys.map { Self.hash($0.picture) }, Self.hash)
        try predictiveCoding()
        try detector()
    }

    private func row(
        _ name: String, _ similarity: Similarity, _ rows: [[Float]],
        _ numbers: (SmallPicture) -> [Float]
    ) throws {
        let width = rows[0].count
        let memory = try AssociativeMemory(
            Tensor(rows.flatMap { $0 }, shape: [rows.count, width]), similarity: similarity,
            threads: benchmarkThreads)
        let queries = copies.map { $0.queries.map { numbers($0.picture) } }
        let plain = try shares(memory, queries, width) { _ in nil }
        let told = try shares(memory, queries, width) { known in
            known.map { blocks in
                Tensor(
                    (0..<width).map { blocks.contains($0 * 16 / width) ? 1 : 0 }, shape: [1, width])
            }
        }
        show(
            name, similarity.measure.rawValue,
            [plain[0], (plain[1] + plain[2]) / 2, (told[1] + told[2]) / 2])
    }

    private func show(_ name: String, _ way: String, _ shares: [Double]) {
        let texts = shares.map { "\((1000 * $0).rounded() / 10) %" }
        print("| \(name) | \(way) | \(texts.joined(separator: " | ")) |")
        fflush(nil)
    }

    private func shares(
        _ memory: AssociativeMemory, _ queries: [[[Float]]], _ width: Int,
        _ mask: (Set<Int>?) -> Tensor<Float>?
    ) throws -> [Double] {
        try zip(copies, queries).map { copy, rows in
            let found = try memory.nearest(
                to: Tensor(rows.flatMap { $0 }, shape: [rows.count, width]),
                knowing: mask(copy.known))
            return share(copy.queries, found.map { $0.first?.position })
        }
    }

    private func share(_ queries: [FindingData.Query], _ positions: [Int?]) -> Double {
        let right = zip(queries, positions).filter { query, position in
            guard let key = position.map({ keys[$0] }) else { return false }
            return key.clip == query.clip && abs(key.time - query.time) <= 1
        }
        return Double(right.count) / Double(max(queries.count, 1))
    }

    // MARK: - Descriptors

    /// 16x16 of luma and 8x8 of each difference of colour, in the order of ``PicturePattern/fine``.
    private static func grid(_ picture: SmallPicture) -> [Float] {
        let planes = (0..<3).map { plane in
            let side = plane == 0 ? 16 : 8
            return picture.cells(of: plane, columns: side, rows: side)
        }
        return (0..<16).flatMap { block -> [Float] in
            planes.enumerated().flatMap { plane, values -> [Float] in
                let edge = plane == 0 ? 4 : 2
                return (0..<edge * edge).map { cell in
                    let y = block / 4 * edge + cell / edge, x = block % 4 * edge + cell % edge
                    return values[y * 4 * edge + x]
                }
            }
        }
    }

    /// Each cell less the mean of those up to two cells away, of colour one.
    private static func around(_ numbers: [Float]) -> [Float] {
        // Where the number of a cell lies: 4x4 of luma in each block, then 2x2 of each colour.
        func place(_ plane: Int, _ y: Int, _ x: Int) -> Int {
            let edge = plane == 0 ? 4 : 2
            let block = y / edge * 4 + x / edge
            return block * 24 + (plane == 0 ? 0 : 12 + 4 * plane) + y % edge * edge + x % edge
        }
        var result = numbers
        for plane in 0..<3 {
            let side = plane == 0 ? 16 : 8, radius = plane == 0 ? 2 : 1
            for y in 0..<side {
                for x in 0..<side {
                    let rows = max(y - radius, 0)...min(y + radius, side - 1)
                    let columns = max(x - radius, 0)...min(x + radius, side - 1)
                    var sum: Float = 0
                    for row in rows {
                        for column in columns { sum += numbers[place(plane, row, column)] }
                    }
                    let at = place(plane, y, x)
                    result[at] = numbers[at] - sum / Float(rows.count * columns.count)
                    if plane > 0 { result[at] *= 5 }
                }
            }
        }
        return result
    }

    private static func centred(_ numbers: [Float]) -> [Float] {
        // Numbers of luma come first in each block of 24.
        let luma = numbers.indices.filter { $0 % 24 < 16 }
        let mean = luma.reduce(Float(0)) { $0 + numbers[$1] } / Float(luma.count)
        return numbers.enumerated().map { $0.offset % 24 < 16 ? $0.element - mean : $0.element }
    }

    /// Root mean squares of the 16 packets of luma in each block.
    private static func energies(_ picture: SmallPicture) -> [Float] {
        let luma = picture.cells(of: 0, columns: 64, rows: 64)
        let packets = PacketTransform(levels: 2)(Tensor(luma, shape: [1, 1, 64, 64]), threads: 1)
        let values = packets.elements
        return (0..<16).flatMap { block in
            (0..<16).map { subband -> Float in
                var sum: Float = 0
                for cell in 0..<16 {
                    let y = block / 4 * 4 + cell / 4, x = block % 4 * 4 + cell % 4
                    let value = values[subband * 256 + y * 16 + x]
                    sum += value * value
                }
                return (sum / 16).squareRoot()
            }
        }
    }

    /// Whether luma rises to the right, between 9x8 cells.
    private static func hash(_ picture: SmallPicture) -> [Float] {
        let cells = picture.cells(of: 0, columns: 9, rows: 8)
        // Four bits of each of 16 blocks, so that halves can be told.
        return (0..<16).flatMap { block in
            (0..<4).map { bit -> Float in
                let y = block / 4 * 2 + bit / 2, x = block % 4 * 2 + bit % 2
                return cells[y * 9 + x + 1] > cells[y * 9 + x] ? 1 : 0
            }
        }
    }

    // MARK: - The other memory

    /// Pictures of clips in the weights of a network; what it completes is looked for among them.
    private func predictiveCoding() throws {
        let own = keys.filter { $0.clip != nil }
        func scaled(_ picture: SmallPicture) -> [Float] {
            PicturePattern(picture).fine.map { max(-1, min(1, $0 / 64)) }
        }
        let rows = own.map { scaled($0.picture) }
        let width = PicturePattern.width
        let patterns = Tensor(rows.flatMap { $0 }, shape: [rows.count, width])
        var random = RandomSource(seed: 3)
        var memory = PredictiveCodingMemory(
            GenerativeNetwork([64, 256, width]), using: &random)
        memory.threads = benchmarkThreads
        try memory.store(patterns, MemoryTraining(epochs: 600, batch: 500))
        let nearest = try AssociativeMemory(patterns, similarity: .manhattan)
        var results: [Double] = []
        for (index, copy) in copies.enumerated() {
            let queries = Tensor(
                copy.queries.flatMap { scaled($0.picture) }, shape: [copy.queries.count, width])
            let known = copy.known ?? Set(0..<16)
            let mask = Tensor<Float>(
                (0..<width).map { known.contains($0 * 16 / width) ? 1 : 0 }, shape: [1, width])
            let seen =
                index == 0
                ? try memory.denoise(queries, rounds: 5)
                : try memory.complete(queries, knowing: mask)
            let found = try nearest.nearest(to: seen)
            results.append(share(copy.queries, found.map { $0.first?.position }))
        }
        show(
            "cells less their block, the clips' \(own.count) alone",
            "predictive coding, then Manhattan",
            [results[0], .nan, (results[1] + results[2]) / 2])
    }

    // MARK: - The detector's features

    private func detector() throws {
        let path = "models/detector.safetensors"
        guard access(path, R_OK) == 0 else {
            return print("no \(path) here: its features are left out")
        }
        let detector = try Detector(
            contentsOf: path, side: 224, threads: benchmarkThreads, keepsPyramid: true)
        let reader = try RegionReader(of: detector, cells: 4)
        func numbers(_ picture: SmallPicture) throws -> [Float] {
            // Looked at as the memory sees it: 64x64, turned back to colours.
            let (y, b, r) = (
                picture.cells(of: 0, columns: 64, rows: 64),
                picture.cells(of: 1, columns: 64, rows: 64),
                picture.cells(of: 2, columns: 64, rows: 64)
            )
            var pixels: [UInt8] = []
            for row in 0..<192 {
                for column in 0..<192 {
                    let at = row / 3 * 64 + column / 3
                    let red = y[at] + r[at] / 0.713, blue = y[at] + b[at] / 0.564
                    let green = (y[at] - 0.299 * red - 0.114 * blue) / 0.587
                    pixels += [red, green, blue].map { UInt8(max(0, min(255, $0.rounded()))) }
                }
            }
            let upright = UprightPicture(width: 192, height: 192, pixels: pixels)
            let view = detector.eye.view(of: upright)
            _ = try detector(view)
            return try reader.numbers(
                of: [Box(0, 0, 192, 192)], in: view.letterbox, seenBy: detector)[0]
        }
        let rows = try keys.map { try numbers($0.picture) }
        let seen = try copies.map { try $0.queries.map { try numbers($0.picture) } }
        for measure in [Similarity.Measure.cosine, .euclidean, .manhattan] {
            let width = rows[0].count
            let memory = try AssociativeMemory(
                Tensor(rows.flatMap { $0 }, shape: [rows.count, width]),
                similarity: Similarity(measure), threads: benchmarkThreads)
            let plain = try shares(memory, seen, width) { _ in nil }
            let told = try shares(memory, seen, width) { known in
                known.map { blocks in
                    Tensor(
                        (0..<width).map { blocks.contains($0 * 16 / width) ? 1 : 0 },
                        shape: [1, width])
                }
            }
            show(
                "detector's features at 64x64", measure.rawValue,
                [plain[0], (plain[1] + plain[2]) / 2, (told[1] + told[2]) / 2])
        }
    }
}
