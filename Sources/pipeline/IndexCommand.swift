// pipeline index: remembers videos, so that they are found again.
import Batch
import Enhancement
import Finding
import Interaction
import Media
import Networks
import Terminal

enum IndexCommand {
    static let output = Option.path(
        "output", short: "o", placeholder: "MEMORY",
        help: "Folder of the memory; what is in it already stays.", group: "Output")
    static let noInteractions = Option.flag(
        "no-interactions",
        help: "Do not look for things and what people do: faster, but words find nothing.",
        group: "Work")
    static let forget = Option.flag(
        "forget-missing", help: "Forget videos of the memory that are gone from the disk.",
        group: "Work")
    static let jobs = Option.integer(
        "jobs", short: "j", in: 1...1024,
        help: "Read so many files at a time; as many as there are cores.", group: "Work")
    static let threads = Option.integer(
        "threads", in: 1...1024, default: 1,
        help: "Threads of each of them, to look for things with.", group: "Work")

    static let command = Command(
        "index", summary: "Remember videos and photographs, to find them again.",
        discussion: [
            "Two pictures a second are remembered, more where much moves. Every two seconds, and at the "
                + "beginning of each shot, things and what people do are looked for, as 'hoi detect' "
                + "does it.",
            "The same command goes on after any end: what is unchanged is not read again, what is new or "
                + "changed is. A file that cannot be read to its end is reported and left out; the "
                + "status is then 1.",
        ], operands: [WorkOptions.inputs],
        options: [
            output, noInteractions, forget, jobs, threads, FindingOptions.detector,
            FindingOptions.head, WorkOptions.maximumPixels, CommonOptions.progress,
            CommonOptions.logFile, CommonOptions.verbose, CommonOptions.quiet,
        ],
        answers: [
            Answer(to: "resume", "continue", text: "give the same command again: it goes on"),
            Answer(to: "workers", text: "write --jobs"),
        ],
        examples: [
            Example("pipeline index videos/ -o memory/", "Remembers all below the folder."),
            Example("pipeline find photo.jpg memory/", "Then says where the photograph is from."),
        ], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        let log = try CommonOptions.log(arguments)
        guard let path = arguments[output] else {
            throw UsageError.nonsense("name the folder of the memory: -o MEMORY")
        }
        let folder = MemoryFolder(absolutePath(path))
        let tree = try InputTree(arguments[WorkOptions.inputs], output: folder.path)
        for warning in tree.warnings { log.warning(warning) }
        var job = IndexJob(tree.inputs.map(\.path))
        job.jobs = arguments[jobs] ?? Machine.coreCount
        job.forgetsMissing = arguments[forget]
        job.shouldStop = { Signals.isStopRequested }
        if let pixels = arguments[WorkOptions.maximumPixels] {
            job.reading.maximumPixels = Int(pixels)
            job.reading.maximumStillPixels = Int(pixels)
        }
        if !arguments[noInteractions] {
            let catalogue = ModelCatalogue.current
            var setup = FindingSetup(
                detector: try catalogue.path(
                    of: arguments[FindingOptions.detector] ?? "detector",
                    advice: "--no-interactions goes without"),
                head: try catalogue.path(
                    of: arguments[FindingOptions.head] ?? "verbs",
                    advice: "--no-interactions goes without"))
            setup.threads = arguments[threads]
            let ready = setup
            job.makeEyes = { try IndexEyes(ready) }
        }
        let progress = Progress(
            "index", total: nil, unit: "files", mode: CommonOptions.progressMode(arguments))
        defer { progress.finish() }
        let summary = try job.run(into: folder) { report in
            switch report {
            case .progress(let done, let total): progress.update(done: done, total: total)
            case .failure(_, let text): log.error(text)
            }
        }
        progress.finish()
        return conclude(summary, of: tree.inputs.count, folder, log)
    }

    private static func conclude(
        _ summary: IndexJob.Summary, of count: Int, _ folder: MemoryFolder, _ log: Log
    ) -> ExitCode {
        log.info(summary.line)
        if summary.missing > 0 {
            log.info(
                "\(summary.missing) videos of the memory are gone from the disk; --forget-missing "
                    + "forgets them")
        }
        if let code = Signals.exitCode {
            log.info("to go on, give the same command again")
            return code
        }
        guard summary.failed > 0 else { return .success }
        guard count > 1 else { return ExitCode(rawValue: summary.lastFailure) ?? .someFailed }
        log.error("\(summary.failed) of \(count) failed")
        return .someFailed
    }
}
