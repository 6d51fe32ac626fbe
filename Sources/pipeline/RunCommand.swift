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
    static let deadline = Option.time(
        "deadline", placeholder: "8h",
        help: "As --auto, but be done in this time, counted from now.", group: "Work")
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
        options: WorkOptions.planning + [jobs, threads, deadline, dryRun] + WorkOptions.messages,
        answers: WorkOptions.answers,
        examples: [
            Example("pipeline run videos/ -o out/", "Then open out/index.html."),
            Example(
                "pipeline run videos/ -o out/ --deadline 8h", "What can be done by morning."),
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
    /// When all must be done, by `monotonicSeconds`.
    let deadline: Double?

    init(_ arguments: Arguments) throws {
        self.arguments = arguments
        log = try CommonOptions.log(arguments)
        let seconds = arguments[Options.deadline]
        deadline = seconds.map { $0 + monotonicSeconds() }
        planning = try Planning(arguments, log, deadline: seconds)
    }

    func run() throws -> ExitCode {
        let isRehearsal = arguments[Options.dryRun]
        // Two runs at once would only do everything twice.
        let lock = isRehearsal ? nil : try waitForTurn()
        defer { withExtendedLifetime(lock) {} }
        if Signals.isStopRequested { throw Signals.exitCode ?? .interrupted }
        guard var plan = try planning.plan(threads: Machine.coreCount) else {
            throw Signals.exitCode ?? .interrupted
        }
        let (workers, threads) = shares(of: plan)
        var rounds: DeadlineRounds?
        if let deadline {
            rounds = try planning.survey(&plan, threads: Machine.coreCount).map {
                try DeadlineRounds(
                    plan, $0, deadline: deadline, workers: workers, threads: threads)
            }
            plan = rounds?.plan ?? plan
        } else {
            try planning.allot(&plan, threads: Machine.coreCount)
        }
        if let code = Signals.exitCode { throw code }
        if isRehearsal {
            let state = BatchState(plan)
            for line in try Forecast(state, planning.loaded?.model, workers, threads).lines {
                CommonOptions.output(line)
            }
            return .success
        }
        let models = try BatchModels(plan.options, workers: workers)
        let summary: RunSummary
        if var rounds {
            summary = try work(&rounds, models, workers, threads)
            plan = rounds.plan
        } else {
            summary = try work(plan, models, workers, threads, only: nil)
        }
        try BatchReport(BatchState(plan)).write()
        return try conclude(summary)
    }

    /// Does what is missing of a plan.
    private func work(
        _ plan: Manifest, _ models: BatchModels, _ workers: Int, _ threads: Int, only: Set<Int>?
    ) throws -> RunSummary {
        try plan.write(to: planning.folder.manifest)
        let mode = CommonOptions.progressMode(arguments)
        return LocalRunner(
            BatchState(plan), models, workers: workers, threads: threads, only: only, log: log,
            shouldStop: { Signals.isStopRequested }
        ) { amount in
            BatchProgress(
                total: amount.units, cost: amount.cost, done: amount.doneUnits,
                doneCost: amount.doneCost, mode: mode)
        }.run()
    }

    /// Does it round after round; what is left is planned anew in between.
    private func work(
        _ rounds: inout DeadlineRounds, _ models: BatchModels, _ workers: Int, _ threads: Int
    ) throws -> RunSummary {
        // What has failed already is told once.
        var jobs = Set(rounds.plan.jobs.indices.filter { rounds.plan.jobs[$0].failure != nil })
        var all: RunSummary?
        repeat {
            jobs.formUnion(rounds.next() ?? [])
            log.detail("\(jobs.count) jobs next; about \(humanDuration(rounds.seconds)) for all")
            let start = monotonicSeconds()
            let summary = try work(rounds.plan, models, workers, threads, only: jobs)
            if all == nil { all = summary } else { all!.add(summary) }
            if summary.fatal != nil || Signals.isStopRequested { break }
            try rounds.finish(after: monotonicSeconds() - start)
            jobs = []
        } while rounds.isOpen
        return all ?? RunSummary()
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
