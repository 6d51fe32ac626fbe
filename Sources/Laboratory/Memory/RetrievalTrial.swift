// How many damaged pictures a memory brings back.
import Memory
import Tensors

/// Damaged pictures of one set, asked of memories.
struct RetrievalTrial {
    let stored: Tensor<Float>
    let damaged: DamagedPictures
    let threads: Int

    /// So many pictures of a set, drawn and damaged by a seed.
    init(
        _ set: LabelledPictures, count: Int, _ damage: PictureDamage, seed: Int, threads: Int
    ) {
        stored = set.drawn(count, seed: seed)
        var random = RandomSource(seed: UInt64(seed) ^ 0x6461_6d61_6765)
        damaged = damage.applied(
            to: stored, height: set.height, channels: set.channels, using: &random)
        self.threads = threads
    }

    /// A picture counts as retrieved where squared errors sum to no more than 50 per 3072 numbers, as in the paper.
    static let tolerance = 50.0 / 3072

    /// The part of the pictures that come back.
    ///
    /// - Parameter knowing: Whether the memory is told which entries are missing.
    func score(
        _ similarity: Similarity, _ separation: Separation, knowing: Bool = false
    ) throws -> Double {
        let memory = try AssociativeMemory(
            stored, similarity: similarity, separation: separation, threads: threads)
        let found = try memory.retrieve(
            damaged.pictures, knowing: knowing ? damaged.known : nil)
        let errors = found.squaredErrors(to: stored)
        let least = Self.tolerance * Double(stored.shape[1])
        // What is no number is not retrieved.
        return Double(errors.count { $0 <= least }) / Double(errors.count)
    }
}
