// pipeline run: everything, on this machine.
import Batch
import Enhancement
import Glibc
import Media
import Terminal

enum RunCommand {
    static let jobs = Option.integer(
        "jobs", short: "j", in: 1...1024,
        help: "Work on so many files at a time; as many as there are cores and memory for.",
        group: "Work")
    static let threads = Option.integer(
        "threads", in: 1...1024,
        help: "Threads of each of them; unless said, the cores are shared out.", group: "Work")
    static let dryRun = Option.flag(
        "dry-run", help: "Say what would be done, in how many hours, into how many bytes.",
        group: "Work")

    static let command = Command(
        "run", summary: "Enhance all in folders, find what people do, show it on a page.",
        discussion: [
            "Whatever stops it, the same command goes on with what is missing. A changed input, or "
                + "other options, redo only what they touch. What fails does not stop the rest: it is "
                + "listed at the end, and the status is 1. Ctrl-C keeps all that is finished.",
            "Truncated files are read as far as they go, and marked.",
        ], operands: [WorkOptions.inputs],
        options: WorkOptions.planning + [jobs, threads, dryRun] + WorkOptions.messages,
        answers: WorkOptions.answers,
        examples: [
            Example("pipeline run videos/ -o out/", "Then open out/index.html."),
            Example(
                "pipeline run photos/ -o out/ --stages hoi", "What people in the photographs do."),
            Example(
                "pipeline run videos/ -o out/ --config night.toml", "Options from a file."),
        ], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        try BatchRun(arguments).run()
    }
}

struct BatchRun {
    typealias Options = RunCommand

    let arguments: Arguments
    let log: Log
    let planning: Planning

    init(_ arguments: Arguments) throws {
        self.arguments = arguments
        log = try CommonOptions.log(arguments)
        planning = try Planning(arguments, log)
    }

    func run() throws -> ExitCode {
        let isRehearsal = arguments[Options.dryRun]
        // Two runs at once would only do everything twice.
        let lock = isRehearsal ? nil : try waitForTurn()
        defer { withExtendedLifetime(lock) {} }
        if Signals.isStopRequested { throw Signals.exitCode ?? .interrupted }
        guard let plan = try planning.plan(threads: Machine.coreCount) else {
            throw Signals.exitCode ?? .interrupted
        }
        let state = BatchState(plan)
        let (workers, threads) = shares(of: plan)
        if isRehearsal {
            for line in try Forecast(state, planning.loaded?.model, workers, threads).lines {
                CommonOptions.output(line)
            }
            return .success
        }
        try plan.write(to: planning.folder.manifest)
        let models = try BatchModels(plan.options, workers: workers)
        let mode = CommonOptions.progressMode(arguments)
        let runner = LocalRunner(
            state, models, workers: workers, threads: threads, log: log,
            shouldStop: { Signals.isStopRequested }
        ) { amount in
            BatchProgress(
                total: amount.units, cost: amount.cost, done: amount.doneUnits,
                doneCost: amount.doneCost, mode: mode)
        }
        let summary = runner.run()
        try BatchReport(state).write()
        return try conclude(summary)
    }

    /// Waits until no other run works in the folder.
    private func waitForTurn() throws -> FolderLock? {
        var hasSaid = false
        while !Signals.isStopRequested {
            if let lock = try planning.folder.lock() { return lock }
            if !hasSaid {
                log.info("another run works in \(planning.folder.path); waiting until it is done")
                hasSaid = true
            }
            usleep(200_000)
        }
        return nil
    }

    /// How many files are worked on at a time, with how many threads each.
    private func shares(of plan: Manifest) -> (workers: Int, threads: Int) {
        let machine = MachineShare.current
        var workers = min(machine.cores, max(1, plan.unitCount))
        if let memory = machine.memory {
            let largest = plan.jobs.compactMap(\.facts).map {
                WorkEstimate.memory(width: $0.width, height: $0.height)
            }.max()
            if let largest { workers = max(1, min(workers, Int(memory / largest))) }
        }
        workers = arguments[Options.jobs] ?? workers
        return (workers, arguments[Options.threads] ?? max(1, machine.cores / workers))
    }

    private func conclude(_ summary: RunSummary) throws -> ExitCode {
        log.detail(
            "\(summary.units) units; compiled \(summary.compilations) networks in "
                + "\(fixed(summary.compiling, decimals: 2)) s")
        CommonOptions.output(planning.folder.page)
        if let fatal = summary.fatal {
            log.error("stopped: \(fatal.description)")
            return ExitCode(rawValue: fatal.exitCode) ?? .inputOutput
        }
        if let code = Signals.exitCode {
            log.info("\(summary.done) of \(summary.jobs) are done; to go on:")
            log.info(CommandLine.arguments.map(shellQuoted).joined(separator: " "))
            return code
        }
        let before = summary.before > 0 ? " (\(summary.before) were done before)" : ""
        log.info("\(summary.done) of \(summary.jobs) done\(before)")
        guard !summary.failed.isEmpty else { return .success }
        log.error("\(summary.failed.count) of \(summary.jobs) failed:")
        for (_, failure) in summary.failed { log.error("  \(failure.description)") }
        return .someFailed
    }
}
