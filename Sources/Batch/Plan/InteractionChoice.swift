// How a batch looks for interactions.
import Compute
import Interaction
import Media
import Terminal

/// How a batch looks for interactions: all that changes what is found.
public struct InteractionChoice: Sendable {
    /// Weights that find things, and weights that tell verbs.
    public var detector: WeightsFile, head: WeightsFile
    /// What was taught and is told beside; nil: nothing.
    public var taught: TaughtChoice?
    /// Side of the square that the detector sees.
    public var side = 416
    /// Which frames of a video are looked at.
    public var frames = FrameChoice.keyFrames
    /// What is worth saying.
    public var score = 0.2, top: Int?, isClosed = true
    /// The instructions that the networks may use, by name.
    public var instructions: String
    /// Versions of what the work is done with.
    public var versions = BatchOptions.versions

    /// The usual choice with these weights, for machines like this one.
    public init(detector: WeightsFile, head: WeightsFile) {
        self.init(detector: detector, head: head, instructions: Processor.name)
    }

    private init(detector: WeightsFile, head: WeightsFile, instructions: String) {
        (self.detector, self.head, self.instructions) = (detector, head, instructions)
    }

    var json: JSONValue {
        let every: JSONValue =
            switch frames {
            case .keyFrames: .string("keyframes")
            case .automatic: .string("auto")
            case .every(let count): .int(count)
            }
        // Where nothing is taught nothing is said of it: records from before it could be still count.
        return .object(
            [
                ("detector", detector.json), ("head", head.json), ("side", .int(side)),
                ("frames", every), ("score", .number(score)),
                ("top", top.map(JSONValue.int) ?? .null), ("closed", .bool(isClosed)),
                ("instructions", .string(instructions)), ("versions", .string(versions)),
            ] + (taught.map { [("taught", $0.json)] } ?? []))
    }

    init?(_ json: JSONValue) {
        guard let detector = json["detector"].flatMap(WeightsFile.init),
            let head = json["head"].flatMap(WeightsFile.init), let side = json["side"]?.integer,
            let frames = json["frames"], let score = json["score"]?.double,
            let isClosed = json["closed"]?.boolean,
            let instructions = json["instructions"]?.text, let versions = json["versions"]?.text
        else { return nil }
        guard (32...4096).contains(side), side % 32 == 0, (0...1).contains(score),
            (1...100_000).contains(json["top"]?.integer ?? 1)
        else { return nil }
        self.init(detector: detector, head: head, instructions: instructions)
        (self.side, self.score, self.isClosed) = (side, score, isClosed)
        self.versions = versions
        top = json["top"]?.integer
        if let taught = json["taught"] {
            guard let choice = TaughtChoice(taught) else { return nil }
            self.taught = choice
        }
        switch frames {
        case .string("keyframes"): self.frames = .keyFrames
        case .string("auto"): self.frames = .automatic
        case let other:
            guard let count = other.integer, count > 0 else { return nil }
            self.frames = .every(count)
        }
    }

    /// What tells this choice from others; where weights and memories lie makes no difference.
    public var digest: String {
        var bare = self
        (bare.detector.path, bare.head.path) = ("", "")
        bare.taught?.folder = ""
        bare.taught?.looks.path = ""
        return FileSeal.digest(of: bare.json.compact)
    }

    /// The same as what looks at pictures wants to know.
    func setup(detector: String, head: String) -> FindingSetup {
        var setup = FindingSetup(detector: detector, head: head)
        setup.side = side
        setup.rules.leastScore = score
        setup.rules.limit = top
        setup.rules.isClosed = isClosed
        return setup
    }
}
