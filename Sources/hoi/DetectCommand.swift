// hoi detect: says what people in pictures do, as a table of options.
import Interaction
import Teaching
import Terminal

enum DetectCommand {
    static let inputs = Operand(
        "INPUT",
        help: "Picture, video, folder, pattern such as 'photos/*.jpg', or - for a list of names on "
            + "standard input.", isVariadic: true)

    // MARK: Output

    static let output = Option.path(
        "output", short: "o", placeholder: "OUT",
        help: "DIR/ for drawings and DIR/interactions.jsonl; or a file for what --format says. "
            + "Without it, findings go to standard output.", group: "Output")
    static let format = Option<FindingsFormat?>(
        "format", placeholder: "FORMAT", fallback: nil,
        expectation: FindingsFormat.allCases.map(\.rawValue).joined(separator: ", "),
        help: "text (a line a finding), jsonl (a line a picture), json, csv, coco (boxes as COCO's "
            + "results), hico, vcoco (predictions as their evaluations read them) or vtt (what "
            + "happens in a video, for players); text on standard output, jsonl with -o.",
        group: "Output", completion: .words(FindingsFormat.allCases.map(\.rawValue))
    ) { text, _ in FindingsFormat(rawValue: text).map(Optional.some) }
    static let boxes = Option.flag(
        "boxes", help: "In jsonl and json, also write all things that were found.",
        group: "Output")
    static let draw = Option.flag(
        "draw",
        help: "Draw what is found, as NAME.interactions.jpg beside the picture; with -o DIR/ that "
            + "is done anyway, into DIR/.", group: "Output", excludes: ["no-draw"])
    static let noDraw = Option.flag(
        "no-draw", help: "Draw nothing.", group: "Output", excludes: ["draw"])
    static let gallery = Option.path(
        "gallery", placeholder: "FILE.html",
        help: "Write a page with all pictures in which something is found, as one file.",
        group: "Output")
    static let yes = Option.flag(
        "yes", short: "y", help: "Overwrite what is there.", group: "Output")

    // MARK: Findings

    static let score = FindingOptions.score
    static let top = FindingOptions.top
    static let verbs = Option.string(
        "verbs", placeholder: "VERB,...",
        help: "Look for these verbs only, as ride,sit_on; no_interaction is said only if it is "
            + "among them.", group: "Findings")
    static let objects = Option.string(
        "objects", placeholder: "THING,...",
        help: "Look for what is done to these things only, as bicycle,cell_phone.",
        group: "Findings")
    static let mode = FindingOptions.mode

    // MARK: Model

    static let detector = FindingOptions.detector
    static let side = FindingOptions.side
    static let detections = Option.path(
        "detections", placeholder: "FILE.json",
        help: "Take boxes from a file instead: COCO's results, or JSON lines with image and boxes.",
        group: "Model")
    static let numbering = Option.choice(
        "category-ids", default: KnownDetections.Numbering.annotations,
        help: "How COCO's results in --detections number categories: as COCO does, or from 0.",
        group: "Model")
    static let head = FindingOptions.head

    // MARK: Memory

    static let memory = Option.path(
        "memory", placeholder: "FOLDER|none",
        help: "Also say what was taught there; without it what 'hoi teach' keeps for you, where "
            + "there is anything.", group: "Memory")

    // MARK: Input

    static let every = FindingOptions.every
    static let keyFrames = FindingOptions.keyFrames
    static let lenient = Option.flag(
        "lenient", help: "Keep what can be read of a truncated file.", group: "Input")
    static let maximumPixels = Option.byteSize(
        "max-pixels", placeholder: "N",
        help: "Refuse larger pictures, as 33M (67M for video, 178M for stills).", group: "Input")

    static let command = Command(
        "detect", summary: "Say what the people in pictures and videos do.",
        discussion: [
            "Things are found by a detector, each person is paired with each thing, and verbs are "
                + "told by how the two lie to each other. A score is person x thing x verb.",
            "What was taught by example ('hoi teach') is said, too, and marked so: its score is person "
                + "x verb, told by looks and by what is near, since the thing may not be seen.",
            "A picture that cannot be read is reported and skipped; the exit status is then 1. "
                + "Ctrl-C stops after the current picture and keeps what is written.",
        ], operands: [inputs],
        options: [
            output, format, boxes, draw, noDraw, gallery, yes, score, top, verbs, objects, mode,
            detector, side, detections, numbering, head, memory, LookSpace.option,
            CommonOptions.threads, every, keyFrames,
            lenient, maximumPixels,
            CommonOptions.progress, CommonOptions.logFile, CommonOptions.verbose,
            CommonOptions.quiet,
        ],
        examples: [
            Example("hoi detect photo.jpg", "A line for each thing that somebody does."),
            Example("hoi detect holiday/ -o out/", "Drawings, and all findings as JSON lines."),
            Example(
                "hoi detect clip.mp4 --format vtt -o clip.vtt", "Captions of what people do in it."),
            Example(
                "hoi detect 'photos/*.jpg' --verbs ride --gallery riders.html",
                "A page of everybody who rides something."),
            Example(
                "find . -name '*.jpg' -print0 | hoi detect - --format csv",
                "Names from another program."),
        ], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        try DetectRun(arguments).run()
    }
}
