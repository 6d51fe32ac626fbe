// What pictures can be compared by: descriptors, similarities, separations, both memories, and the plain alternatives.
import Finding
import Glibc
import Interaction
import Media
import Memory
import Tensors

/// Each way to compare side by side on the same copies, of clips that nothing is tuned on.
///
/// A picture is asked as it is and mirrored; right is the clip within one second. At one false alarm in a hundred are
/// those found that are right and nearer than the nearest of all but one photograph in a hundred that nobody remembers.
struct FindingComparison {
    private let half: FindingData
    private let copies: [Copy]
    /// Pictures of clips with the clip and the time, then photographs.
    private let keys: [(clip: Int?, time: Double, picture: SmallPicture)]
    private let foreign: [SmallPicture]

    /// Pictures of one kind of copy, and the blocks that are as they were, where that can be told.
    private struct Copy {
        let name: String, queries: [FindingData.Query], known: Set<Int>?
    }

    init(_ data: String, _ folder: String) throws {
        let half = try FindingData(data, side: 1, folder: folder)
        self.half = half
        let right = Set((0..<16).filter { $0 % 4 >= 2 })
        let kinds: [(String, Set<Int>?)] = [
            ("half size, qp 37", nil), ("mirrored", nil), ("left half black", right),
            ("upper half other", Set(8..<16)), ("middle covered", nil),
        ]
        copies = try kinds.map { name, known in
            guard let copy = FindingData.copies.first(where: { $0.name == name }) else {
                preconditionFailure("no copy \(name)")
            }
            return Copy(name: name, queries: try half.queries(copy, every: 8), known: known)
        }
        var all: [(clip: Int?, time: Double, picture: SmallPicture)] = []
        for (clip, keys) in half.keys.enumerated() {
            for key in keys { all.append((clip, key.time, key.small)) }
        }
        for photograph in half.photographs { all.append((nil, 0, SmallPicture(photograph))) }
        keys = all
        foreign = half.foreign.map(SmallPicture.init)
    }

    func report() throws {
        print(
            "\(keys.count) pictures remembered, \(keys.filter { $0.clip != nil }.count) of "
                + "\(half.clips.count) clips; \(copies[0].queries.count) asked of each kind, and "
                + "\(foreign.count) photographs from elsewhere")
        print(
            "| pictures by | compared by | \(copies.map(\.name).joined(separator: " | ")) "
                + "| halves, told which | at 1 % false |")
        print("|---|---|" + String(repeating: "---|", count: copies.count + 2))
        try shipped()
        for descriptor in PictureDescriptor.all { try rows(descriptor) }
        try predictiveCoding()
        try detector()
        try separations()
    }

    private func show(_ name: String, _ way: String, _ shares: [Double?]) {
        let texts = shares.map { $0.map { "\((1000 * $0).rounded() / 10) %" } ?? "" }
        print("| \(name) | \(way) | \(texts.joined(separator: " | ")) |")
        fflush(nil)
    }

    private func isRight(_ query: FindingData.Query, _ position: Int) -> Bool {
        keys[position].clip == query.clip && abs(keys[position].time - query.time) <= 1
    }

    // MARK: - What ships

    /// The search itself, with all the parts that it looks at, but no pieces.
    private func shipped() throws {
        let memory = try half.memory(others: half.photographs.count, threads: benchmarkThreads)
        var search = PictureSearch(memory)
        search.findsPieces = false
        func best(_ picture: SmallPicture) throws -> Sighting? {
            try search.places(of: picture, limit: 1, atLeast: 0).first
        }
        let alarm = quantile(try foreign.map { Float(try best($0)?.sureness ?? 0) })
        var shares: [Double?] = [], sure = 0, all = 0
        for (kind, copy) in copies.enumerated() {
            let right = try copy.queries.map { query -> Sighting? in
                guard let found = try best(query.picture), found.video == query.clip,
                    abs(found.time - query.time) <= 1
                else { return nil }
                return found
            }
            shares.append(Double(right.compactMap { $0 }.count) / Double(right.count))
            guard kind < Self.unspoilt else { continue }
            sure += right.count { ($0?.sureness ?? 0) > Double(alarm) }
            all += right.count
        }
        show(
            "what ships", "whole and in parts",
            shares + [nil, Double(sure) / Double(max(all, 1))])
    }

    /// Of so many kinds of copies, the first, all of the picture is there.
    private static let unspoilt = 2

    /// What one number in a hundred is above.
    private func quantile(_ numbers: [Float]) -> Float {
        let sorted = numbers.sorted(by: >)
        return sorted.isEmpty ? 0 : sorted[sorted.count / 100]
    }

    // MARK: - Descriptors and similarities

    private func rows(_ descriptor: PictureDescriptor) throws {
        for measure in descriptor.measures ?? Similarity.Measure.allCases {
            let shift = measure.comparesDistributions ? descriptor.shift : 0
            let table = try Table(keys.map(\.picture), Similarity(measure)) { picture in
                let numbers = descriptor.numbers(picture)
                if measure == .hamming { return numbers.map { ($0 / descriptor.unit).rounded() } }
                return shift > 0 ? numbers.map { max($0 + shift, 0) } : numbers
            }
            try show(descriptor.name, table)
            if measure == .manhattan, descriptor.measures == nil {
                var relative = table
                relative.isRelative = true
                try show(descriptor.name, relative)
            }
        }
    }

    /// Pictures' numbers, ready to be compared with.
    private struct Table {
        let numbers: (SmallPicture) throws -> [Float]
        let memory: AssociativeMemory
        /// Whether distances are divided by the sum of magnitudes of both.
        var isRelative = false

        init(
            _ pictures: [SmallPicture], _ similarity: Similarity,
            _ numbers: @escaping (SmallPicture) throws -> [Float]
        ) throws {
            self.numbers = numbers
            let rows = try pictures.map(numbers)
            memory = try AssociativeMemory(
                Tensor(rows.flatMap { $0 }, shape: [rows.count, rows[0].count]),
                similarity: similarity, threads: benchmarkThreads)
        }

        var name: String {
            memory.similarity.measure.rawValue + (isRelative ? ", by magnitudes" : "")
        }

        /// The most alike picture for each, as it is or mirrored.
        func nearest(_ pictures: [SmallPicture], knowing known: Set<Int>? = nil) throws -> [(
            position: Int, similarity: Float
        )] {
            let (width, count) = (memory.width, memory.count)
            var best = [(position: Int, similarity: Float)](
                repeating: (0, -Float.infinity), count: pictures.count)
            for isMirrored in [false, true] {
                let rows = try pictures.map { try numbers(isMirrored ? $0.mirrored : $0) }
                // What is known of a picture is known of its mirror image on the other side.
                let mask = known.map { blocks in
                    (0..<width).map { index -> Float in
                        let block = index * 16 / width
                        let seen = isMirrored ? block / 4 * 4 + 3 - block % 4 : block
                        return blocks.contains(seen) ? 1 : 0
                    }
                }
                let scores = try memory.similarities(
                    to: Tensor(rows.flatMap { $0 }, shape: [rows.count, width]),
                    knowing: mask.map { Tensor($0, shape: [1, width]) }
                ).elements
                let sizes = isRelative ? sizes(mask) : nil
                for (row, numbers) in rows.enumerated() {
                    let own = isRelative ? magnitude(numbers[...], mask) : 0
                    for position in 0..<count {
                        var score = scores[row * count + position]
                        if let sizes { score /= max(sizes[position] + own, 1e-6) }
                        if score > best[row].similarity { best[row] = (position, score) }
                    }
                }
            }
            return best
        }

        private func magnitude(_ numbers: ArraySlice<Float>, _ mask: [Float]?) -> Float {
            var sum: Float = 0
            for (index, number) in numbers.enumerated() { sum += abs(number) * (mask?[index] ?? 1) }
            return sum
        }

        private func sizes(_ mask: [Float]?) -> [Float] {
            let (keys, width) = (memory.keys.elements, memory.width)
            return (0..<memory.count).map {
                magnitude(keys[$0 * width..<($0 + 1) * width], mask)
            }
        }
    }

    private func show(_ name: String, _ table: Table) throws {
        let alarm = quantile(try table.nearest(foreign).map(\.similarity))
        var shares: [Double?] = [], told: [Double] = [], sure = 0, all = 0
        func share(_ found: [(position: Int, similarity: Float)], _ copy: Copy) -> Double {
            let right = zip(copy.queries, found).count { isRight($0, $1.position) }
            return Double(right) / Double(max(copy.queries.count, 1))
        }
        for (kind, copy) in copies.enumerated() {
            let pictures = copy.queries.map(\.picture)
            let found = try table.nearest(pictures)
            shares.append(share(found, copy))
            if kind < Self.unspoilt {
                sure += zip(copy.queries, found).count {
                    isRight($0, $1.position) && $1.similarity > alarm
                }
                all += found.count
            }
            guard let known = copy.known else { continue }
            told.append(share(try table.nearest(pictures, knowing: known), copy))
        }
        show(
            name, table.name,
            shares + [
                told.reduce(0, +) / Double(max(told.count, 1)), Double(sure) / Double(max(all, 1)),
            ])
    }

    // MARK: - Separations

    /// The right clip by the sum of its pictures' weights, for each similarity and separation: all of one query's weights
    /// count, not the largest alone.
    private func separations() throws {
        let ways: [(String, Separation)] = [
            ("max", .maximum), ("softmax 1,000", .softmax(1000)),
            ("softmax 10,000", .softmax(10_000)), ("identity", .identity),
            ("cube", .polynomial(3)), ("10th power", .polynomial(10)), ("5 best", .top(5)),
        ]
        print("")
        print("| similarity | \(ways.map(\.0).joined(separator: " | ")) |")
        print("|---|" + String(repeating: "---|", count: ways.count))
        // Each clip is a column, and so is each photograph.
        let owners = keys.enumerated().map { $1.clip ?? half.clips.count + $0 }
        let columns = half.clips.count + keys.count
        let values = Tensor<Float>(shape: [keys.count, columns]) { values in
            values.update(repeating: 0)
            for (row, owner) in owners.enumerated() { values[row * columns + owner] = 1 }
        }
        let rows = keys.map { PicturePattern($0.picture).fine }
        let width = PicturePattern.width
        for measure in [
            Similarity.Measure.dotProduct, .cosine, .euclidean, .manhattan, .hamming,
        ] {
            func prepared(_ numbers: [Float]) -> [Float] {
                measure == .hamming ? numbers.map { ($0 / 8).rounded() } : numbers
            }
            let asked = copies.filter { !["mirrored", "middle covered"].contains($0.name) }
                .flatMap(\.queries)
            let queries = Tensor(
                asked.flatMap {
                    prepared(PicturePattern($0.picture).fine)
                },
                shape: [asked.count, width])
            let shares = try ways.map { _, separation -> Double in
                let memory = try AssociativeMemory(
                    Tensor(rows.flatMap(prepared), shape: [rows.count, width]), values: values,
                    similarity: measure == .dotProduct || measure == .cosine
                        ? Similarity(measure, scalesScores: true) : .published(measure),
                    separation: separation, projection: .sum, threads: benchmarkThreads)
                let answers = try memory.retrieve(queries).elements
                let right = asked.indices.count { index in
                    let answer = answers[index * columns..<(index + 1) * columns]
                    let largest = answer.indices.max { answer[$0] < answer[$1] }
                    return largest.map { $0 - index * columns } == asked[index].clip
                }
                return Double(right) / Double(asked.count)
            }
            let texts = shares.map { "\((1000 * $0).rounded() / 10) %" }
            print("| \(measure.rawValue) | \(texts.joined(separator: " | ")) |")
            fflush(nil)
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
        func share(_ copy: Copy, _ seen: Tensor<Float>) throws -> Double {
            let found = try nearest.nearest(to: seen)
            let right = zip(copy.queries, found).count { query, matches in
                matches.first.map { isRight(query, $0.position) } ?? false
            }
            return Double(right) / Double(copy.queries.count)
        }
        var shares: [Double?] = [], told: [Double] = []
        for copy in copies {
            let queries = Tensor(
                copy.queries.flatMap { scaled($0.picture) }, shape: [copy.queries.count, width])
            shares.append(try share(copy, memory.denoise(queries, rounds: 5)))
            guard let known = copy.known else { continue }
            let mask = Tensor<Float>(
                (0..<width).map { known.contains($0 * 16 / width) ? 1 : 0 }, shape: [1, width])
            told.append(try share(copy, memory.complete(queries, knowing: mask)))
        }
        show(
            "cells less their block, the clips' \(own.count) alone, as they are",
            "predictive coding, then Manhattan",
            shares + [told.reduce(0, +) / Double(max(told.count, 1)), nil])
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
            let planes = (0..<3).map { picture.cells(of: $0, columns: 64, rows: 64) }
            var pixels: [UInt8] = []
            for row in 0..<192 {
                for column in 0..<192 {
                    let at = row / 3 * 64 + column / 3
                    let luma = planes[0][at]
                    let red = luma + planes[2][at] / 0.713, blue = luma + planes[1][at] / 0.564
                    let green = (luma - 0.299 * red - 0.114 * blue) / 0.587
                    pixels += [red, green, blue].map { UInt8(max(0, min(255, $0.rounded()))) }
                }
            }
            let upright = UprightPicture(width: 192, height: 192, pixels: pixels)
            let view = detector.eye.view(of: upright)
            _ = try detector(view)
            return try reader.numbers(
                of: [Box(0, 0, 192, 192)], in: view.letterbox, seenBy: detector)[0]
        }
        for measure in [Similarity.Measure.cosine, .manhattan] {
            try show(
                "detector's features at 64x64",
                Table(keys.map(\.picture), Similarity(measure), numbers))
        }
    }
}
