// What 'hoi detect' does with its options.
import FileNames
import Glibc
import Interaction
import Media
import Networks
import Teaching
import Terminal

struct DetectRun {
    typealias Options = DetectCommand

    let arguments: Arguments
    let log: Log
    let paths: [String]
    let source: BoxSource
    let finder: InteractionFinder

    init(_ arguments: Arguments) throws {
        self.arguments = arguments
        log = try CommonOptions.log(arguments)
        let threads = arguments[CommonOptions.threads]
        paths = try InputList.expand(arguments[Options.inputs], list: readStandardInput)
        let head = try BranchedModel(
            contentsOf: DetectRun.weights(
                arguments[Options.head] ?? "verbs", advice: "'hoi train' makes such weights"))
        let side = try FindingOptions.side(arguments)
        if let path = arguments[Options.detections] {
            guard !arguments.isGiven(Options.side) else {
                throw UsageError.nonsense("--side is of a detector, which --detections replace")
            }
            guard arguments[Options.memory] ?? "none" == "none" else {
                throw UsageError.nonsense(
                    "--memory is told by what a detector sees, which --detections replace")
            }
            source = .known(
                try KnownDetections(contentsOf: path, numbering: arguments[Options.numbering]))
            finder = try InteractionFinder(
                head, rules: DetectRun.rules(arguments, of: head), threads: threads)
        } else {
            let path = try DetectRun.weights(
                arguments[Options.detector] ?? "detector",
                advice: "--detector takes YOLOX-Nano weights (.safetensors), "
                    + "--detections boxes of any detector")
            let taught = try TaughtFindings.chosen(
                arguments[Options.memory], in: try TeachingOptions.space(arguments),
                detector: path, side: side, beside: head, threads: threads,
                warn: { [log] in log.warning($0) })
            var setup = FindingSetup(detector: path, head: "")
            (setup.side, setup.threads) = (side, threads)
            setup.rules = try DetectRun.rules(
                arguments, of: head, and: taught?.triplets ?? [])
            let isBlind: Bool
            (source, finder, isBlind) = try setup.load(head, telling: taught)
            if isBlind {
                log.info(
                    "verbs are told by boxes alone: how things look was learned from another "
                        + "detector than \(path)")
            }
        }
    }

    /// The path of weights given by name or as a file of any name.
    static func weights(_ name: String, advice: String) throws -> String {
        if name.contains("."), access(name.fileName, F_OK) == 0, !Folder.exists(name) {
            return name
        }
        return try ModelCatalogue.current.path(of: name, advice: advice)
    }

    private static func rules(
        _ arguments: Arguments, of head: BranchedModel, and taught: [Triplet] = []
    ) throws -> FindingRules {
        let doings = (head.people?.model.verbNames ?? []).compactMap { Triplet($0) } + taught
        var rules = FindingRules()
        rules.leastScore = arguments[Options.score]
        rules.limit = arguments[Options.top]
        rules.isClosed = arguments[Options.mode] == .closed
        rules.verbs = try arguments[Options.verbs].map {
            Set(
                try words(
                    $0, of: "--verbs", among: head.geometry.verbNames + doings.map(\.verb)))
        }
        rules.objects = try arguments[Options.objects].map {
            Set(
                try words(
                    $0, of: "--objects",
                    among: (COCO.categories + doings.map(\.object)).map {
                        $0.replacing(" ", with: "_")
                    }
                ).map { $0.replacing("_", with: " ") })
        }
        return rules
    }

    /// The words of a list, spaces in them written as underscores.
    private static func words(
        _ text: String, of option: String, among known: [String]
    ) throws -> [String] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            let word = String(part).replacing(" ", with: "_")
            guard known.contains(word) else {
                throw UsageError.badValue(
                    option: option, value: String(part), expected: "names separated by commas",
                    suggestion: suggestion(for: word, among: known))
            }
            return word
        }
    }

    private var outputRequest: OutputRequest {
        var request = OutputRequest()
        request.output = arguments[Options.output]
        request.format = arguments[Options.format]
        request.tellsThings = arguments[Options.boxes]
        request.draws =
            arguments[Options.draw] ? true : arguments[Options.noDraw] ? false : nil
        request.gallery = arguments[Options.gallery]
        request.overwrite = arguments[Options.yes] ? .replace : .refuse
        return request
    }

    /// No bar where findings scroll over the same terminal, unless it is asked for.
    private func progress(besides output: FindingsOutput) -> Progress {
        guard output.isOnTerminal, !arguments.isGiven(CommonOptions.progress) else {
            return CommonOptions.progress(
                "detect", total: paths.count, unit: "files", arguments)
        }
        return Progress("detect", total: paths.count, unit: "files", mode: .none)
    }

    func run() throws -> ExitCode {
        let output = try FindingsOutput(outputRequest, inputs: paths)
        var failures = 0
        var lastCode: Int32 = 0
        var job = DetectionJob(paths)
        job.reading.isLenient = arguments[Options.lenient]
        if let pixels = arguments[Options.maximumPixels] {
            job.reading.maximumPixels = Int(pixels)
            job.reading.maximumStillPixels = Int(pixels)
        }
        job.frames =
            arguments[Options.keyFrames]
            ? .keyFrames : arguments[Options.every].map(FrameChoice.every) ?? .automatic
        job.keepsPixels = output.wantsPixels
        job.shouldStop = { Signals.isStopRequested }
        let progress = progress(besides: output)
        defer { progress.finish() }
        var done = 0, pictures = 0, unknown = 0
        try output.begin()
        try job.run(source, finder) { report in
            switch report {
            case .picture(let findings, let picture):
                pictures += 1
                if case .known(let known) = source, !known.knows(findings.image) { unknown += 1 }
                try output.add(findings, picture)
            case .failure(let findings, let exitCode):
                failures += 1
                lastCode = exitCode
                if let error = findings.error { log.error(error) }
                try output.add(findings, nil)
            case .end(let image, let events):
                if let events { try output.add(events, of: image) }
                done += 1
                progress.update(done: done)
            }
        }
        try output.finish()
        progress.finish()
        if unknown > 0, let path = arguments[Options.detections] {
            log.warning("\(path) says nothing of \(unknown) of \(pictures) pictures")
        }
        if let code = Signals.exitCode { return code }
        guard failures > 0 else { return .success }
        guard paths.count > 1 else { return ExitCode(rawValue: lastCode) ?? .someFailed }
        log.error("\(failures) of \(paths.count) failed")
        return .someFailed
    }
}
