// What a detector's features say of a pair: of which of its parts, in how many numbers.

/// A part of a picture that a pair is told by.
public enum PairRegion: String, Sendable, CaseIterable {
    /// The human's box.
    case human
    /// The smallest box around the human and the thing.
    case union
    /// The thing's box.
    case object

    /// The part of a pair of boxes.
    func box(_ human: Box, _ thing: Box) -> Box {
        switch self {
        case .human: human
        case .union: human.union(thing)
        case .object: thing
        }
    }
}

/// The numbers that describe parts of a picture: each part is a grid of cells, each cell a number of channels.
public struct RegionShape: Sendable, Hashable, CustomStringConvertible {
    /// Numbers of each cell.
    public let channels: Int
    /// Cells along each side.
    public let cells: Int
    /// Which parts, one behind the other.
    public let parts: [PairRegion]

    /// Parts in grids of `cells` x `cells` x `channels`.
    public init(channels: Int, cells: Int, parts: [PairRegion]) {
        precondition(channels > 0 && cells > 0 && !parts.isEmpty, "regions without numbers")
        (self.channels, self.cells, self.parts) = (channels, cells, parts)
    }

    /// Numbers of a part, cell by cell.
    public var partCount: Int { cells * cells * channels }
    /// Numbers of all parts.
    public var count: Int { parts.count * partCount }
    /// Numbers of a pair: ``SpatialFeatures``, then those of the parts.
    public var featureCount: Int { SpatialFeatures.count + count }

    /// Whether rows that have `other`'s numbers are the first part of rows that have these.
    public func begins(with other: RegionShape) -> Bool {
        channels == other.channels && cells == other.cells && parts.starts(with: other.parts)
    }

    /// `448 3 human union`
    public var description: String {
        (["\(channels)", "\(cells)"] + parts.map(\.rawValue)).joined(separator: " ")
    }

    /// The shape that ``description`` describes; nil for anything else.
    public init?(_ description: String) {
        let words = description.split(separator: " ").map(String.init)
        guard words.count > 2, let channels = Int(words[0]), let cells = Int(words[1]),
            (1...65_536).contains(channels), (1...64).contains(cells)
        else { return nil }
        let parts = words[2...].compactMap(PairRegion.init(rawValue:))
        guard parts.count == words.count - 2, Set(parts).count == parts.count else { return nil }
        self.init(channels: channels, cells: cells, parts: parts)
    }
}
