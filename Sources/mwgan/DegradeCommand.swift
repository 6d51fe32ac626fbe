// mwgan degrade: pairs of pristine and compressed clips, to train on and to measure with.
import Enhancement
import Terminal

/// The sets that pairs of one's own belong to.
enum PairSet: String, CaseIterable { case train, select, validate }

enum DegradeCommand {
    static let clips = Operand(
        "CLIPS", help: "Clips of good quality, or folders of them.", isVariadic: true)
    static let output = Option.path(
        "output", short: "o", placeholder: "PAIRS",
        help: "Folder for references/, degraded/ and pairs.jsonl; made if need be.",
        group: "Output", completion: .folder)
    static let dryRun = Option.flag(
        "dry-run", help: "Print the plan, a line for each pair, and make nothing.", group: "Output")
    static let jobs = Option.integer(
        "jobs", short: "j", in: 1...1024,
        help: "Pairs made at the same time, one thread each; as many as there are cores.",
        group: "Output")
    static let codecs = Option.list(
        "codecs", of: Recipe.Codec.allCases.map(\.rawValue), placeholder: "LIST",
        help:
            "Encoders: x264,x265,mpeg2,mpeg4,xvid,vp9,av1,jpeg or some of them; all that there are.",
        group: "Recipes")
    static let rates = Option.list(
        "rate", of: Recipe.Control.allCases.map(\.rawValue), placeholder: "LIST",
        help: "How encoders are told how much: crf,abr,qp or some of them; all.", group: "Recipes")
    static let perClip = Option.integer(
        "per-clip", in: 1...1000, default: 8, help: "Ways in which each window is compressed.",
        group: "Recipes")
    static let seed = Option.integer(
        "seed", in: 0...Int.max, default: 1, help: "Seed of all random choices.", group: "Recipes")
    static let frames = Option.integer(
        "frames", in: 3...1000, default: 32,
        help: "Frames of a window: the first of each clip, and the last of longer ones.",
        group: "Clips")
    static let height = Option.integer(
        "max-height", in: 16...4320, default: 480,
        help: "Reduce higher clips to so many lines, which hides their own artefacts.",
        group: "Clips")
    static let set = Option.choice(
        "set", default: PairSet.train,
        help: "Make pairs to train on, to choose by, or to measure with in the end.",
        group: "Clips")
    static let holdOut = Option.string(
        "hold-out", placeholder: "N|NAMES",
        help:
            "Of the set train, keep so many clips, or those of these names, for choosing; an eighth.",
        group: "Clips")

    static let command = Command(
        "degrade", summary: "Make training pairs: compress clips in many ways.",
        discussion: [
            "Each clip gives one or two windows, stored without loss, and each window is compressed in "
                + "several ways: codecs, rates, presets, B-frames and group lengths as people meet "
                + "them, some twice in a row. Recipes are dealt from a shuffled deck by --seed. What is "
                + "there is not made again: the same command goes on where it was stopped, and "
                + "further clips add pairs and change none.",
            "An eighth of the clips is held out as the set select, which 'mwgan evaluate' measures. A "
                + "clip stays in the set in which pairs.jsonl first has it.",
        ],
        operands: [clips],
        options: [
            output, dryRun, jobs, codecs, rates, perClip, seed, frames, height, set, holdOut,
            CommonOptions.progress, CommonOptions.logFile, CommonOptions.verbose,
            CommonOptions.quiet,
        ],
        examples: [
            Example("mwgan degrade clips/ -o pairs/", "Pairs to train on, and some to choose by."),
            Example(
                "mwgan degrade clips/ -o pairs/ --codecs x264,x265 --rate crf,abr --per-clip 4",
                "What phones and sites make today."),
            Example(
                "mwgan degrade final/ -o pairs/ --set validate", "Pairs that are only measured."),
        ], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode { try DegradeRun(arguments).run() }
}
