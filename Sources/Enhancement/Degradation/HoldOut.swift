// Which clips are kept from training, so that models can be chosen by them.

/// How many clips are held out, or which.
public enum HoldOut: Sendable, Equatable {
    /// One in eight, at least one of two or more.
    case share
    /// So many.
    case count(Int)
    /// Those whose file is called so, or so and `_` and anything.
    case names([String])

    /// The set of each clip: "select" of those held out, "train" of all others.
    ///
    /// A clip that `known` lists stays where it is, however many come later: what was trained on
    /// cannot choose, and what has chosen should not be trained on.
    ///
    /// - Throws: `HoldOutError` for a name that no clip has.
    public func sets(
        of clips: [Footage], known: [String: String], seed: Int
    ) throws -> [String: String] {
        var sets: [String: String] = [:]
        for clip in clips { sets[clip.name] = known[clip.name] }
        var wanted: Int
        switch self {
        case .share: wanted = clips.count < 2 ? 0 : max(1, clips.count / 8)
        case .count(let count): wanted = count
        case .names(let names):
            for name in names {
                let found = clips.filter { $0.stem == name || $0.stem.hasPrefix(name + "_") }
                guard !found.isEmpty else { throw HoldOutError(name: name) }
                for clip in found where sets[clip.name] == nil { sets[clip.name] = "select" }
            }
            wanted = 0
        }
        wanted -= sets.values.count { $0 == "select" }
        let free = clips.filter { sets[$0.name] == nil }
        let ranked = free.sorted {
            stableHash("\(seed)/\($0.name)") < stableHash("\(seed)/\($1.name)")
        }
        for (index, clip) in ranked.enumerated() {
            sets[clip.name] = index < wanted ? "select" : "train"
        }
        return sets
    }
}

/// A name that no clip has.
public struct HoldOutError: Error, CustomStringConvertible, Equatable {
    public let name: String
    /// One line.
    public var description: String {
        "no clip is called \(name) or \(name)_...; the names are those of files, without extension"
    }
}
