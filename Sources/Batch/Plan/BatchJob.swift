// One input of a batch: what it is, what is made of it, in which units.
import Enhancement
import Media

/// One input of a batch.
public struct BatchJob: Sendable {
    /// What it is called below the folder of outputs, and where it is.
    public var input: BatchInput
    /// What it holds, and how the system stamps that.
    public var seal: FileSeal, stamp: FileStamp
    /// The enhanced file, below the folder of outputs; nil: nothing is enhanced.
    public var output: String?
    /// What is known of it; nil where it cannot be worked on.
    public var facts: InputFacts?
    /// Why it cannot be worked on.
    public var failure: JobFailure?
    /// Its parts, where it is worked in such; empty: in one piece.
    public var segments: [Segment] = []
    /// What each of its shots gets; nil: all are treated as the options say.
    public var shots: PlannedShots?
    /// The number of its first unit.
    public var firstUnit = 0

    /// How many units it has.
    public var unitCount: Int { failure != nil ? 0 : max(1, segments.count) }
    /// Its units.
    public var units: Range<Int> { firstUnit..<firstUnit + unitCount }

    /// About how much work it is, in pixels of all frames.
    public var cost: Double {
        guard let facts else { return 0 }
        return Double(facts.width * facts.height) * Double(max(1, facts.frames ?? 1))
            * (shots?.cost ?? 1)
    }

    /// About how much work one of its units is.
    public func cost(ofPart part: Int) -> Double {
        guard let facts, segments.indices.contains(part) else { return cost }
        return Double(facts.width * facts.height) * Double(segments[part].times.count)
            * (shots?.cost ?? 1)
    }
}

/// One piece of work by its number.
public struct BatchUnit: Sendable, Hashable {
    /// Its number.
    public var index: Int
    /// The number of its job, and of the job's part.
    public var job: Int, part: Int
}
