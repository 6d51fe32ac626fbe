// Options that say what a batch does: the same for all commands that plan.
import Batch
import Compute
import Enhancement
import Interaction
import Media
import Networks
import Teaching
import Terminal

enum WorkOptions {
    static let inputs = Operand(
        "INPUT", help: "Folder of videos and pictures, with its subfolders; or a single file.",
        isVariadic: true)

    static let output = Option.path(
        "output", short: "o", placeholder: "DIR", help: "Folder of outputs.", group: "Output")
    static let stages = Option<[BatchStage]>(
        "stages", placeholder: "enhance,hoi", fallback: BatchStage.allCases,
        defaultText: "enhance,hoi", expectation: "enhance, hoi, or both with a comma",
        help: "What is done with each input: enhance restores it, hoi finds what people do, in the "
            + "restored file where there is one.",
        group: "Output", completion: .words(["enhance", "hoi", "enhance,hoi"])
    ) { text, _ in
        let words = text.split(separator: ",", omittingEmptySubsequences: false)
        let stages = words.map { BatchStage(rawValue: String($0)) }
        return stages.contains(nil) ? nil : stages.compactMap { $0 }
    }
    static let container = Option<String?>(
        "container", placeholder: "auto|mp4|mov|mkv|webm", fallback: nil, defaultText: "auto",
        expectation: "auto, mp4, mov, mkv or webm",
        help:
            "What videos are written into: auto is as their inputs, or mkv where that cannot hold "
            + "them.",
        group: "Output", completion: .words(["auto", "mp4", "mov", "mkv", "webm"])
    ) { text, _ in
        if text == "auto" { return .some(nil) }
        return ["mp4", "mov", "mkv", "webm"].contains(text) ? .some(text) : .none
    }
    static let segment = Option<PartLength>(
        "segment", placeholder: "auto|off|SECONDS", fallback: .automatic, defaultText: "auto",
        expectation: "auto, off or a number of seconds",
        help:
            "Work long videos in parts of so many seconds, each a unit of its own; auto: from about "
            + "a minute of work on.",
        group: "Output", completion: .words(["auto", "off"])
    ) { text, _ in PartLength(text) }
    static let encoderThreads = Option.integer(
        "encoder-threads", in: 1...64, default: 1,
        help: "Threads of each encoder, which may change its output: the same on every machine.",
        group: "Output")
    static let automatic = Option.flag(
        "auto",
        help:
            "Choose the model, its balance and strength for each shot of all videos together: the most "
            + "that the time of 'live' for all of them gives; with --size also which shots get more bits.",
        group: "Model")
    static let every = Option.integer(
        "every", in: 1...1_000_000,
        help: "Search every Nth frame of a video; its key frames unless said.", group: "Findings")
    static let taught = Option.path(
        "taught", placeholder: "FOLDER|none",
        help:
            "Also say what 'hoi teach' keeps there; without it what it keeps for you, where there "
            + "is anything.", group: "Findings")
    static let maximumPixels = Option.byteSize(
        "max-pixels", placeholder: "N",
        help: "Refuse larger pictures, as 33M (67M for video, 178M for stills).", group: "Input")

    static let planning: [any OptionDeclaring] = [
        output, stages, container, segment, EncodingOptions.size, EncodingOptions.encoder,
        EncodingOptions.crf,
        EncodingOptions.preset, EncodingOptions.tune, EncodingOptions.encoderOptions,
        encoderThreads, EncodingOptions.depth, CommonOptions.model, CommonOptions.balance,
        CommonOptions.memory,
        CommonOptions.strength, CommonOptions.precision, automatic, FindingOptions.detector,
        FindingOptions.head, FindingOptions.side, FindingOptions.score, FindingOptions.top,
        FindingOptions.mode, every, taught, LookSpace.option, maximumPixels,
    ]

    static let messages: [any OptionDeclaring] = [
        CommonOptions.config, CommonOptions.printConfig, CommonOptions.progress,
        CommonOptions.logFile, CommonOptions.verbose, CommonOptions.quiet,
    ]

    static let answers = [
        Answer(
            to: "scale", "upscale", "outscale",
            text: "Percept does not upscale: the output has the size of the input"),
        Answer(to: "resume", "continue", text: "give the same command again: it goes on"),
        Answer(to: "workers", text: "write --jobs"),
        Answer(to: "teach", text: "'hoi teach' teaches; --taught names its memory"),
        Answer(to: "overwrite", "force", text: "remove the output: what is missing is made"),
    ]

    /// The folder of outputs.
    ///
    /// - Throws: `UsageError` where none is named.
    static func folder(_ arguments: Arguments) throws -> OutputFolder {
        guard let path = arguments[output] else {
            throw UsageError.nonsense("name the folder of outputs: -o DIR")
        }
        return OutputFolder(absolutePath(path))
    }

    /// Everything that decides what is made, with weights by digest and arithmetic resolved.
    ///
    /// - Parameters:
    ///   - shots: What is chosen for each shot; nil: all are treated alike.
    ///   - deadline: Seconds that all may take.
    /// - Throws: What looking up weights throws.
    static func options(
        _ arguments: Arguments, _ loaded: LoadedModel?, shots: ShotModels?, deadline: Double?,
        _ log: Log
    ) throws -> BatchOptions {
        var options = BatchOptions(enhance: nil, interactions: nil)
        let stages = arguments[stages]
        if stages.contains(.enhance) {
            var choice = EnhanceChoice()
            choice.precision = try CommonOptions.precision(arguments, for: loaded)
            choice.strength = arguments[CommonOptions.strength]
            choice.balance = arguments[CommonOptions.balance]
            choice.recallsKeyFrames = arguments[CommonOptions.memory] == .auto
            choice.encoding = EncodingOptions.settings(
                arguments, threads: arguments[encoderThreads])
            choice.depth = arguments[EncodingOptions.depth]
            choice.container = arguments[container]
            if let loaded { try choice.use(weights: loaded.path) }
            choice.shots = try shots.map {
                try ShotsChoice(
                    $0,
                    precision: arguments[CommonOptions.precision] == .auto ? nil : choice.precision,
                    balance: arguments.isGiven(CommonOptions.balance) ? choice.balance : nil,
                    deadline: deadline)
            }
            options.enhance = choice
        }
        if stages.contains(.hoi) {
            let catalogue = ModelCatalogue.current
            var choice = InteractionChoice(
                detector: try WeightsFile(
                    path: catalogue.path(
                        of: arguments[FindingOptions.detector] ?? "detector",
                        advice: "--detector takes YOLOX-Nano weights (.safetensors)")),
                head: try WeightsFile(
                    path: catalogue.path(
                        of: arguments[FindingOptions.head] ?? "verbs",
                        advice: "'hoi train' makes such weights")))
            choice.side = try FindingOptions.side(arguments)
            choice.score = arguments[FindingOptions.score]
            choice.top = arguments[FindingOptions.top]
            choice.isClosed = arguments[FindingOptions.mode] == .closed
            choice.frames = arguments[every].map(FrameChoice.every) ?? .keyFrames
            choice.taught = try taught(arguments, beside: choice, log)
            options.interactions = choice
        }
        options.maximumPixels = arguments[maximumPixels].map { Int($0) }
        return options
    }

    /// What was taught, where anything was and this detector saw it.
    private static func taught(
        _ arguments: Arguments, beside choice: InteractionChoice, _ log: Log
    ) throws -> TaughtChoice? {
        func looks() throws -> String {
            try ModelCatalogue.current.path(
                of: arguments[LookSpace.option] ?? "looks", advice: LookSpace.advice)
        }
        return try TaughtFindings.chosen(
            arguments[taught], "--taught", in: try LookSpace(contentsOf: looks()),
            detector: choice.detector.path, side: choice.side,
            beside: try BranchedModel(contentsOf: choice.head.path), warn: { log.warning($0) }
        ).map { try TaughtChoice($0.memory, looks: WeightsFile(path: looks())) }
    }

    /// The model for restoration that the options ask for; nil where none is needed.
    static func model(_ arguments: Arguments) throws -> LoadedModel? {
        guard arguments[stages].contains(.enhance), arguments[CommonOptions.strength] > 0 else {
            return nil
        }
        return try CommonOptions.model(arguments)
    }

    /// What shots are chosen by, and what they may get; nil where all are treated alike.
    ///
    /// - Throws: `UsageError` where there is nothing to choose; what reading weights throws.
    static func shots(_ arguments: Arguments, deadline: Double?) throws -> ShotModels? {
        guard arguments[automatic] || deadline != nil else { return nil }
        let name = deadline == nil ? "--auto" : "--deadline"
        guard arguments[stages].contains(.enhance) else {
            throw UsageError.nonsense("\(name) chooses how to enhance: --stages leaves that out")
        }
        guard arguments[CommonOptions.strength] > 0 else {
            throw UsageError.nonsense(
                "\(name) chooses how to enhance: --strength 0 changes nothing")
        }
        return try ShotModels(only: arguments[CommonOptions.model])
    }
}
