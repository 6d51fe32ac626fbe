// mwgan enhance: the main job, as a table of options.
import Batch
import Enhancement
import Media
import Terminal

/// Which field comes first, or that there are none.
enum FieldOrderChoice: String, CaseIterable { case auto, progressive, tff, bff }

enum EnhanceCommand {
    static let inputs = Operand(
        "INPUT", help: "Video, picture, folder, %06d pattern of pictures, or - for yuv4mpeg.",
        isVariadic: true)

    // MARK: Output

    static let output = Option.path(
        "output", short: "o", placeholder: "OUT",
        help: "File to write; DIR/ for several inputs; - for yuv4mpeg. Without it, "
            + "NAME.enhanced.EXT beside the input.", group: "Output")
    static let size = EncodingOptions.size
    static let encoder = EncodingOptions.encoder
    static let crf = EncodingOptions.crf
    static let preset = EncodingOptions.preset
    static let tune = EncodingOptions.tune
    static let encoderOptions = EncodingOptions.encoderOptions
    static let depth = EncodingOptions.depth

    // MARK: Model

    static let strength = CommonOptions.strength
    static let tile = Option<Int?>(
        "tile", placeholder: "auto|N", fallback: nil, defaultText: "auto",
        expectation: "auto or a whole number from 64 to 8192",
        help: "Compute in tiles of N luma samples, which takes less memory and changes nothing "
            + "else; auto tiles frames larger than 4096x2304.",
        group: "Model", completion: .words(["auto"])
    ) { text, _ in
        if text == "auto" { return .some(nil) }
        return Int(text).flatMap { (64...8192).contains($0) ? .some(.some($0)) : .none }
    }

    // MARK: Plan

    static let automatic = Option.flag(
        "auto",
        help: "Choose the model, its balance and strength for each shot: the most that the time of "
            + "'live' for all of them gives; with --size also which shots get more bits.",
        group: "Plan")
    static let deadline = Option.time(
        "deadline", placeholder: "8h",
        help: "The same, but be done in this time, counted from now.", group: "Plan")
    static let plan = Option.path(
        "plan", placeholder: "FILE.json",
        help: "Follow this plan, as --report writes it; edit it before if you like.", group: "Plan")

    // MARK: Input

    static let start = Option.time("start", help: "Begin here.", group: "Input")
    static let end = Option.time("end", help: "End here.", group: "Input")
    static let framesPerSecond = Option<Rational?>(
        "fps", placeholder: "N", fallback: nil,
        expectation: "frames a second such as 25 or 30000/1001",
        help: "Frames a second of a sequence of pictures.", group: "Input"
    ) { text, _ in readFrameRate(text).map(Optional.some) }
    static let fieldOrder = Option.choice(
        "field-order", default: FieldOrderChoice.auto,
        help: "Interlacing; auto looks at the pictures and overrides wrong flags.", group: "Input")
    static let strict = Option.flag(
        "strict", help: "Stop at the first damaged frame.", group: "Input", excludes: ["lenient"])
    static let lenient = Option.flag(
        "lenient", help: "Keep what can be read of a truncated file.", group: "Input",
        excludes: ["strict"])
    static let strictStreams = Option.flag(
        "strict-streams", help: "Stop if a stream does not fit into the output.", group: "Input")
    static let maximumPixels = Option.byteSize(
        "max-pixels", placeholder: "N",
        help: "Refuse larger pictures, as 33M (67M for video, 178M for stills).", group: "Input")

    static let conceal = Option.choice(
        "conceal", default: Concealment.auto,
        help: "Parts that were never decoded: auto fills them from other frames and lists them, "
            + "report only lists them, off leaves them to the decoder.", group: "Input")

    // MARK: Reports

    static let compare = Option.path(
        "compare", placeholder: "FILE.png", help: "Write a picture: before, after, details.",
        group: "Reports")
    static let reference = Option.path(
        "reference", help: "The pristine original: the gain against it is measured and printed.",
        group: "Reports")
    static let preview = Option.flag(
        "preview", help: "Enhance 5 seconds from the middle, split-screen.", group: "Reports")
    static let dryRun = Option.flag(
        "dry-run", help: "Say what would be done, how long it takes, how large it gets.",
        group: "Reports")

    // MARK: Messages

    static let yes = Option.flag(
        "yes", short: "y", help: "Overwrite and start without asking.", group: "Messages",
        excludes: ["no"])
    static let no = Option.flag(
        "no", short: "n", help: "Never overwrite, start nothing long.", group: "Messages",
        excludes: ["yes"])

    static let command = Command(
        "enhance", summary: "Restore videos and pictures that compression has damaged.",
        discussion: [
            "Frames, times, sound, subtitles and metadata are kept. The output appears under its "
                + "name only when it is complete. Ctrl-C stops after the current frame, twice at "
                + "once; of long videos the finished parts are kept, and the same command goes on."
        ],
        operands: [inputs],
        options: [
            output, segment, keepPartial, size, encoder, crf, preset, tune, encoderOptions, depth,
            CommonOptions.model,
            CommonOptions.balance, CommonOptions.memory, strength, CommonOptions.precision,
            CommonOptions.threads, tile,
            automatic, deadline, plan,
            start, end,
            framesPerSecond, fieldOrder, conceal, strict, lenient, strictStreams, maximumPixels,
            CommonOptions.report, compare, reference, preview, dryRun, yes, no,
            CommonOptions.progress, CommonOptions.logFile, CommonOptions.verbose,
            CommonOptions.quiet,
        ],
        answers: [
            Answer(
                to: "scale", "upscale", "outscale", "resize", "width", "height",
                text: "Percept does not upscale: the output has the size of the input"),
            Answer(
                to: "denoise", "noise", "sharpen",
                text: "Percept undoes compression; --strength says how much of it is applied"),
            Answer(
                to: "gpu", "device", "cuda", "gpu-id",
                text: "Percept computes on the processor; --threads says on how many cores"),
            Answer(
                to: "input", text: "name inputs without an option: mwgan enhance video.mp4"),
            Answer(
                to: "error-concealment", "ec",
                text: "write --conceal auto, report or off"),
            Answer(to: "fp16", "half", text: "write --precision bf16"),
            Answer(to: "fp32", text: "write --precision f32"),
            Answer(to: "int8", text: "write --precision int8"),
            Answer(
                to: "time-limit", "timeout", "until", text: "write --deadline 8h"),
            Answer(
                to: "bitrate", "quality", "qp",
                text: "write --size (keep, 2x, 700M) or --crf"),
            Answer(to: "overwrite", "force", text: "write -y"),
            Answer(
                to: "resume", "continue",
                text: "long videos go on by themselves: give the same command again"),
            Answer(to: "jobs", text: "write --threads"),
            Answer(
                to: "interpolate", "multiplier",
                text: "Percept keeps every frame and makes no new ones"),
            Answer(
                to: "face-enhance", "face_enhance", text: "Percept has no special model for faces"),
        ],
        examples: [
            Example("mwgan enhance video.mp4", "Writes video.enhanced.mp4."),
            Example(
                "mwgan enhance holiday/ -o better/ --size keep",
                "Every video of a folder, none larger than it was."),
            Example(
                "mwgan enhance film.mkv --preview", "Five seconds, before beside after."),
            Example(
                "mwgan enhance film.mkv --deadline 8h --size 1.4G",
                "What can be done by morning, and no larger."),
            Example(
                "mwgan enhance scan.jpg -o scan.png --strength 0.7", "A picture, a little less."),
        ], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        try EnhanceRun(arguments).run()
    }
}

/// Frames a second from `25`, `23.976` (which is 24000/1001) or `30000/1001`.
func readFrameRate(_ text: String) -> Rational? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    if parts.count == 2, let above = Int32(parts[0]), let below = Int32(parts[1]) {
        return above > 0 && below > 0 ? Rational(above, below) : nil
    }
    guard parts.count == 1, let value = Double(text), value > 0, value <= 1000 else { return nil }
    if value == value.rounded() { return Rational(Int32(value), 1) }
    // 23.976, 29.97, 59.94 and their like are rounded names of N * 1000 / 1001.
    let ntsc = (value * 1.001).rounded()
    if abs(ntsc / 1.001 - value) < 0.005 { return Rational(Int32(ntsc) * 1000, 1001) }
    return Rational(Int32((value * 1000).rounded()), 1000)
}
