// The experiments about memories, in the order in which they are listed.

/// The experiments about memories.
enum MemoryExperiments {
    static let all: [any Experiment] = [
        HopfieldSimilarity(), HopfieldSeparation(), HopfieldCapacity(),
        MemoryCompletion(), MemoryDenoising(), MemoryDepth(), MemoryHetero(),
    ]
}
