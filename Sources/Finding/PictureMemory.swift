// Remembered pictures, ready to be searched: an associative memory for each block of a picture, and one of coarse forms.
import Memory
import Tensors

/// All key pictures of the videos of a memory. Belongs to the thread that uses it.
///
/// Distances add up over the blocks of a picture, so one comparison with every block answers for the whole picture, for
/// each half of it, and for any other choice of blocks that are known.
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
    private let blocks: [AssociativeMemory]
    /// Sums of magnitudes of each picture, by block.
    private let sizes: [[Float]]
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
        var blocks: [AssociativeMemory] = [], sizes: [[Float]] = []
        for block in 0..<PicturePattern.blocks {
            let part = Self.columns(of: keys, block)
            sizes.append(Self.rowSizes(part))
            blocks.append(
                try AssociativeMemory(part, similarity: .manhattan, threads: threads))
        }
        (self.blocks, self.sizes) = (blocks, sizes)
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

    private static func columns(of keys: Tensor<Float>, _ block: Int) -> Tensor<Float> {
        let (rows, width) = (keys.shape[0], PicturePattern.blockWidth)
        return Tensor(shape: [rows, width]) { to in
            keys.withUnsafeBufferPointer { from in
                for row in 0..<rows {
                    let start = row * PicturePattern.width + block * width
                    for column in 0..<width { to[row * width + column] = from[start + column] }
                }
            }
        }
    }

    private static func rowSizes(_ part: Tensor<Float>) -> [Float] {
        let width = part.shape[1]
        return part.withUnsafeBufferPointer { values in
            (0..<part.shape[0]).map { row in
                var sum: Float = 0
                for index in row * width..<(row + 1) * width { sum += abs(values[index]) }
                return sum
            }
        }
    }

    /// The pattern of a picture that is remembered.
    func pattern(_ position: Int) -> [Float] {
        keys.withUnsafeBufferPointer { keys in
            let start = position * PicturePattern.width
            return Array(keys[start..<start + PicturePattern.width])
        }
    }

    // MARK: - Comparing

    /// Distances of some patterns to all pictures, block by block.
    struct Comparison {
        /// For each block the Manhattan distances, negated: `[rows, N]`.
        fileprivate let blocks: [Tensor<Float>]
        /// For each row its magnitudes by block.
        fileprivate let sizes: [[Float]]
        fileprivate let count: Int
    }

    /// Compares patterns with all that is remembered.
    ///
    /// - Throws: `MemoryError`.
    func compare(_ patterns: [[Float]]) throws -> Comparison {
        let width = PicturePattern.blockWidth
        var distances: [Tensor<Float>] = []
        for (block, memory) in blocks.enumerated() {
            let queries = patterns.flatMap { $0[block * width..<(block + 1) * width] }
            distances.append(
                try memory.similarities(to: Tensor(queries, shape: [patterns.count, width])))
        }
        let sizes = patterns.map { pattern in
            (0..<PicturePattern.blocks).map { block in
                pattern[block * width..<(block + 1) * width].reduce(0) { $0 + abs($1) }
            }
        }
        return Comparison(blocks: distances, sizes: sizes, count: count)
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

    /// The pictures and videos that are least unlike a row where these blocks are known.
    ///
    /// - Parameters:
    ///   - wanted: How many pictures.
    ///   - isWanted: Whether a picture may be found; all count for what chance finds.
    func nearest(
        _ comparison: Comparison, row: Int, knowing known: [Int], count wanted: Int,
        where isWanted: (Int) -> Bool = { _ in true }
    ) -> Nearest {
        let own = known.reduce(0) { $0 + comparison.sizes[row][$1] }
        let least = PicturePattern.leastSize * Float(known.count) / Float(PicturePattern.blocks)
        guard own >= least else { return .none }
        let theirs = sizes(knowing: known)
        var differences = [Float](repeating: 0, count: count)
        var ofVideos = [Float](repeating: .infinity, count: videos.count)
        let count = count
        differences.withUnsafeMutableBufferPointer { sums in
            for block in known {
                comparison.blocks[block].withUnsafeBufferPointer { values in
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

    /// Sums of magnitudes over some blocks, for each picture.
    private func sizes(knowing known: [Int]) -> [Float] {
        if let sums = knownSizes[known] { return sums }
        var sums = [Float](repeating: 0, count: count)
        for block in known {
            for index in sums.indices { sums[index] += sizes[block][index] }
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
