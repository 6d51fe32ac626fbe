// One input of a batch: what it is, what is made of it, in which units.
import Enhancement
import Media
import Terminal

/// What is known of an input before any work.
public struct InputFacts: Sendable, Hashable {
    /// Size of its frames, how many there are, how many a second; nil where nobody knows.
    public var width: Int, height: Int, frames: Int?, rate: Double
    /// Whether it is a picture.
    public var isPicture: Bool
    /// Why it counts as truncated; nil where it is whole.
    public var truncation: String?
    /// About how many bytes its output takes; nil where nothing says.
    public var expectedBytes: Int64?
    /// What does not fit into its output, a line each.
    public var warnings: [String]

    var json: JSONValue {
        .object([
            ("width", .int(width)), ("height", .int(height)),
            ("frames", frames.map(JSONValue.int) ?? .null), ("rate", .number(rate)),
            ("picture", .bool(isPicture)),
            ("truncated", truncation.map(JSONValue.string) ?? .null),
            ("expectedBytes", expectedBytes.map { .int(Int($0)) } ?? .null),
            ("warnings", .array(warnings.map(JSONValue.string))),
        ])
    }

    init?(_ json: JSONValue) {
        guard let width = json["width"]?.integer, let height = json["height"]?.integer,
            let rate = json["rate"]?.double, let isPicture = json["picture"]?.boolean,
            let warnings = json["warnings"]?.elements
        else { return nil }
        // What no decoder would say is not believed: sizes are multiplied.
        guard (1...1_000_000).contains(width), (1...1_000_000).contains(height), rate >= 0,
            (0...1 << 40).contains(json["frames"]?.integer ?? 0)
        else { return nil }
        (self.width, self.height, self.rate, self.isPicture) = (width, height, rate, isPicture)
        frames = json["frames"]?.integer
        truncation = json["truncated"]?.text
        expectedBytes = json["expectedBytes"]?.integer.map(Int64.init)
        self.warnings = warnings.compactMap(\.text)
    }

    init(
        width: Int, height: Int, frames: Int?, rate: Double, isPicture: Bool, truncation: String?,
        expectedBytes: Int64?, warnings: [String]
    ) {
        (self.width, self.height, self.frames, self.rate) = (width, height, frames, rate)
        (self.isPicture, self.truncation) = (isPicture, truncation)
        (self.expectedBytes, self.warnings) = (expectedBytes, warnings)
    }
}

/// Why something could not be done, and the status that says so.
public struct JobFailure: Error, Sendable, Hashable, ExitCodeProviding {
    /// One line.
    public var description: String
    /// Its status.
    public var exitCode: Int32

    /// What an error says.
    public init(_ error: any Error) {
        description = "\(error)"
        exitCode = (error as? any ExitCodeProviding)?.exitCode ?? ExitCode.someFailed.rawValue
    }

    /// A reason in words.
    init(_ description: String, exitCode: Int32) {
        (self.description, self.exitCode) = (description, exitCode)
    }

    var json: JSONValue {
        .object([("error", .string(description)), ("exitCode", .int(Int(exitCode)))])
    }

    init?(_ json: JSONValue) {
        guard let text = json["error"]?.text, let code = json["exitCode"]?.integer else {
            return nil
        }
        (description, exitCode) = (text, Int32(clamping: code))
    }
}

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
    }

    /// About how much work one of its units is.
    public func cost(ofPart part: Int) -> Double {
        guard let facts, segments.indices.contains(part) else { return cost }
        return Double(facts.width * facts.height) * Double(segments[part].times.count)
    }
}

/// One piece of work by its number.
public struct BatchUnit: Sendable, Hashable {
    /// Its number.
    public var index: Int
    /// The number of its job, and of the job's part.
    public var job: Int, part: Int
}
