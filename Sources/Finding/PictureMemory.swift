// Remembered pictures, ready to be searched: an associative memory for each block of a picture, and one of coarse forms.
import Memory
import Tensors

/// All key pictures of the videos of a memory. Belongs to the thread that uses it.
///
/// Distances add up over the blocks of a picture, so one comparison with every block answers for the whole picture, for
/// each half of it, and for any other choice of blocks that are known. A rim that is narrower than a block is one part more.
public final class PictureMemory {
    /// Where a picture is from.
    struct Place: Hashable {
        /// Its video's place in the list, and seconds from the start of it.
        let video: Int, time: Double
    }

    /// The videos.
    public let videos: [IndexedVideo]
    /// Where each picture is from; nil for what a killed process left.
    let places: [Place?]
    /// The video of each picture, -1 where it is none.
    private let owners: [Int]
    /// How many pictures of each video are there.
    let pictureCounts: [Int]
    /// Threads to compute with.
    public let threads: Int
    let keys: Tensor<Float>
    let coarse: CoarsePatterns
    private let blocks: [Compared]
    private var rim: Compared?
    private var knownSizes: [[Int]: [Float]] = [:]

    /// Pictures of videos.
    ///
    /// - Parameters:
    ///   - keys: `[N, 384]`, patterns.
    ///   - coarse: `[N, 96]`, their coarse forms.
    ///   - names: "VIDEO MILLISECONDS" of each.
    /// - Throws: `MemoryError`.
    public init(
        _ videos: [IndexedVideo], keys: Tensor<Float>, coarse: Tensor<Float>, names: [String],
        threads: Int = 1
    ) throws {
        precondition(keys.shape == [names.count, PicturePattern.width], "keys \(keys.shape)")
        precondition(coarse.shape == [names.count, PicturePattern.coarseWidth])
        let numbers = Dictionary(
            videos.enumerated().map { ($1.number, $0) }, uniquingKeysWith: { $1 })
        let places = names.map { name -> Place? in
            guard let place = Self.place(name), let video = numbers[place.video] else { return nil }
            return Place(video: video, time: place.time)
        }
        var counts = [Int](repeating: 0, count: videos.count)
        for place in places { if let place { counts[place.video] += 1 } }
        (self.videos, self.places, pictureCounts) = (videos, places, counts)
        owners = places.map { $0?.video ?? -1 }
        (self.keys, self.threads) = (keys, threads)
        self.coarse = CoarsePatterns(coarse.elements) { places[$0] != nil }
        blocks = try (0..<PicturePattern.blocks).map {
            try Compared(keys, $0, threads: threads)
        }
    }

    /// How many pictures there are.
    public var count: Int { places.count }

    /// What a picture's name says; nil where it is none.
    static func place(_ name: String) -> (video: Int, time: Double)? {
        let parts = name.split(separator: " ")
        guard parts.count == 2, let video = Int(parts[0]), let time = Int(parts[1]) else {
            return nil
        }
        return (video, Double(time) / 1000)
    }

    /// The pattern of a picture that is remembered.
    func pattern(_ position: Int) -> [Float] {
        keys.withUnsafeBufferPointer { keys in
            let start = position * PicturePattern.width
            return Array(keys[start..<start + PicturePattern.width])
        }
    }

    // MARK: - Comparing

    /// One part of all patterns.
    private struct Compared {
        let memory: AssociativeMemory
        /// The sum of magnitudes of each picture.
        let sizes: [Float]

        init(_ keys: Tensor<Float>, _ part: Int, threads: Int) throws {
            let width = PicturePattern.width(of: part)
            var numbers: [Float] = [], sizes: [Float] = []
            numbers.reserveCapacity(keys.shape[0] * width)
            keys.withUnsafeBufferPointer { keys in
                for start in stride(from: 0, to: keys.count, by: PicturePattern.width) {
                    let pattern = keys[start..<start + PicturePattern.width]
                    PicturePattern.append(
                        part, of: UnsafeBufferPointer(rebasing: pattern), to: &numbers)
                    var size: Float = 0
                    for index in numbers.count - width..<numbers.count {
                        size += abs(numbers[index])
                    }
                    sizes.append(size)
                }
            }
            memory = try AssociativeMemory(
                Tensor(numbers, shape: [keys.shape[0], width]), similarity: .manhattan,
                threads: threads)
            self.sizes = sizes
        }
    }

    /// A part of all patterns. The rim is made when it is first asked for.
    private func compared(_ part: Int) throws -> Compared {
        if part < blocks.count { return blocks[part] }
        if let rim { return rim }
        let made = try Compared(keys, part, threads: threads)
        rim = made
        return made
    }

    /// Distances of some patterns to all pictures, part by part.
    struct Comparison {
        /// For each part the Manhattan distances, negated: `[rows, N]`.
        fileprivate var distances: [Int: Tensor<Float>] = [:]
        /// For each part the magnitudes of each row, and of each picture.
        fileprivate var sizes: [Int: [Float]] = [:], theirs: [Int: [Float]] = [:]
    }

    /// Compares patterns with all that is remembered.
    ///
    /// - Parameter parts: What of them is compared: blocks, or ``PicturePattern/narrowRim``.
    /// - Throws: `MemoryError`.
    func compare(
        _ patterns: [[Float]], by parts: [Int] = Array(0..<PicturePattern.blocks)
    ) throws -> Comparison {
        var comparison = Comparison()
        for part in parts {
            let compared = try compared(part)
            let rows = patterns.map { PicturePattern.numbers(of: part, in: $0) }
            comparison.distances[part] = try compared.memory.similarities(
                to: Tensor(
                    rows.flatMap { $0 }, shape: [rows.count, PicturePattern.width(of: part)]))
            comparison.sizes[part] = rows.map { $0.reduce(0) { $0 + abs($1) } }
            comparison.theirs[part] = compared.sizes
        }
        return comparison
    }

    /// What is least unlike a row.
    struct Nearest {
        /// Pictures, the least unlike first.
        let pictures: [(position: Int, distance: Float)]
        /// Videos with their least unlike picture, the least unlike first; one more than chance is told by.
        fileprivate let videos: [(position: Int, distance: Float)]

        static let none = Nearest(pictures: [], videos: [])

        /// How unlike what chance finds is: the twelfth of the videos but this; nil where there are fewer.
        func chance(besides video: Int) -> Float? {
            let others = videos.filter { $0.position != video }
            return others.count < Sureness.rank ? nil : others[Sureness.rank - 1].distance
        }
    }

    /// The pictures and videos that are least unlike a row where these parts, which were compared, are known.
    ///
    /// - Parameters:
    ///   - wanted: How many pictures.
    ///   - isWanted: Whether a picture may be found; all count for what chance finds.
    func nearest(
        _ comparison: Comparison, row: Int, knowing known: [Int], count wanted: Int,
        where isWanted: (Int) -> Bool = { _ in true }
    ) -> Nearest {
        let own = known.reduce(0) { $0 + (comparison.sizes[$1]?[row] ?? 0) }
        let numbers = known.reduce(0) { $0 + PicturePattern.width(of: $1) }
        let least = PicturePattern.leastSize * Float(numbers) / Float(PicturePattern.width)
        guard own >= least else { return .none }
        let theirs = sizes(comparison, knowing: known)
        var differences = [Float](repeating: 0, count: count)
        var ofVideos = [Float](repeating: .infinity, count: videos.count)
        let count = count
        differences.withUnsafeMutableBufferPointer { sums in
            for part in known {
                comparison.distances[part]?.withUnsafeBufferPointer { values in
                    let start = row * count
                    for index in 0..<count { sums[index] -= values[start + index] }
                }
            }
            theirs.withUnsafeBufferPointer { theirs in
                for index in 0..<count {
                    sums[index] = theirs[index] < least ? 1 : sums[index] / (own + theirs[index])
                }
            }
            owners.withUnsafeBufferPointer { owners in
                ofVideos.withUnsafeMutableBufferPointer { ofVideos in
                    for index in 0..<count where owners[index] >= 0 {
                        let owner = owners[index]
                        ofVideos[owner] = min(ofVideos[owner], sums[index])
                    }
                }
            }
        }
        return Nearest(
            pictures: smallest(differences, wanted) { owners[$0] >= 0 && isWanted($0) },
            videos: smallest(ofVideos, Sureness.rank + 1) { _ in true })
    }

    /// Sums of magnitudes over some parts, for each picture.
    private func sizes(_ comparison: Comparison, knowing known: [Int]) -> [Float] {
        if let sums = knownSizes[known] { return sums }
        var sums = [Float](repeating: 0, count: count)
        for part in known {
            guard let theirs = comparison.theirs[part] else { continue }
            for index in sums.indices { sums[index] += theirs[index] }
        }
        // What a query's own blanks leave is seldom asked again.
        if knownSizes.count < 16 { knownSizes[known] = sums }
        return sums
    }
}

/// The smallest of many numbers with their positions, the smallest first.
func smallest(
    _ numbers: [Float], _ count: Int, where isWanted: (Int) -> Bool
) -> [(position: Int, distance: Float)] {
    var found: [(position: Int, distance: Float)] = []
    var limit = Float.infinity
    numbers.withUnsafeBufferPointer { numbers in
        for (index, number) in numbers.enumerated() where number < limit && isWanted(index) {
            let place = found.firstIndex { $0.distance > number } ?? found.count
            found.insert((index, number), at: place)
            if found.count > count { found.removeLast() }
            if found.count == count { limit = found[count - 1].distance }
        }
    }
    return found
}
