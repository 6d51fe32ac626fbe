// Options that say what is looked for in pictures, and with which weights.
import Terminal

/// Which combinations of verb and thing are believed.
public enum FindingMode: String, Sendable, CaseIterable {
    /// HICO-DET's 600.
    case closed
    /// All.
    case open
}

/// What is looked for.
public enum FindingOptions {
    public static let score = Option.real(
        "score", in: 0...1, default: 0.2, help: "Say what scores at least so much.",
        group: "Findings")
    public static let top = Option.integer(
        "top-k", in: 1...100_000, help: "Say at most so much of a picture, the surest.",
        group: "Findings")
    public static let mode = Option.choice(
        "mode", default: FindingMode.closed,
        help: "closed believes only HICO-DET's 600 pairs of verb and thing, open any.",
        group: "Findings")
    public static let detector = Option.string(
        "detector", placeholder: "NAME|FILE",
        help: "Weights that find things: YOLOX with COCO's 80 kinds, as .safetensors; without it "
            + "detector.safetensors, looked up as 'verbs' is.",
        group: "Model", completion: .file)
    public static let side = Option.integer(
        "side", in: 32...4096, default: 416,
        help: "Side of the square that the detector sees, a multiple of 32: 640 finds smaller "
            + "things and takes twice as long.", group: "Model")
    public static let head = Option.string(
        "head", placeholder: "NAME|FILE",
        help: "Weights that tell verbs, from 'hoi train'; without it verbs.safetensors, in "
            + "$PERCEPT_MODELS, beside the program or in ../share/percept/models.",
        group: "Model", completion: .file)
    public static let every = Option.integer(
        "every", in: 1...1_000_000,
        help: "Look at every Nth frame of a video; about two a second unless said.",
        group: "Input")
    public static let keyFrames = Option.flag(
        "keyframes", help: "Look at a video's key frames only, which is fast.", group: "Input",
        excludes: ["every"])

    /// The side that the options ask for.
    ///
    /// - Throws: `UsageError` for one that the network cannot halve five times.
    public static func side(
        _ arguments: Arguments, _ option: Option<Int> = side
    ) throws -> Int {
        let side = arguments[option]
        guard side % 32 == 0 else {
            throw UsageError.nonsense("--side \(side) is no multiple of 32")
        }
        return side
    }
}
