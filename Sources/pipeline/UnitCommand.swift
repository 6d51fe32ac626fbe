// pipeline unit: does one unit of a plan.
import Batch
import Enhancement
import Glibc
import Media
import Terminal

enum UnitCommand {
    static let manifest = Operand("MANIFEST", help: "The plan, from 'pipeline plan'.")
    static let index = Option<UnitIndex?>(
        "index", short: "i", placeholder: "N|auto", fallback: nil,
        expectation: "a number from 0 or auto",
        help: "Which unit; auto takes the number from SLURM_ARRAY_TASK_ID, JOB_COMPLETION_INDEX or "
            + "AWS_BATCH_JOB_ARRAY_INDEX.",
        group: "Work", completion: .words(["auto"])
    ) { text, _ in UnitIndex(text).map { .some(.some($0)) } ?? .none }
    static let threads = Option.integer(
        "threads", in: 1...1024, help: "Threads to compute with; as many as there are cores.",
        group: "Work")

    static let command = Command(
        "unit", summary: "Do one unit of a plan.",
        discussion: [
            "Does nothing where the unit is done. Two processes may do the same unit at the same time. "
                + "Exits with 75 where another machine, or a later try, may succeed."
        ], operands: [manifest],
        options: [
            index, threads, CommonOptions.progress, CommonOptions.logFile, CommonOptions.verbose,
            CommonOptions.quiet,
        ],
        examples: [
            Example("pipeline unit out/manifest.jsonl --index 7", "Does the eighth unit."),
            Example(
                "seq 0 99 | parallel -j4 pipeline unit out/manifest.jsonl --index {}",
                "A hundred units, four at a time."),
        ], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        let log = try CommonOptions.log(arguments)
        guard let wanted = arguments[index] else {
            throw UsageError.nonsense("say which unit: --index N, or --index auto")
        }
        let start = monotonicSeconds()
        let plan = try Manifest(contentsOf: arguments[manifest][0])
        let unit = try plan.unit(try wanted.number())
        let state = BatchState(plan)
        let job = plan.jobs[unit.job]
        guard !state.isDone(unit) else {
            log.info("unit \(unit.index) is done")
            return .success
        }
        let models = try BatchModels(plan.options)
        let worker = UnitWorker(
            state, models, threads: arguments[threads] ?? Machine.coreCount,
            shouldStop: { Signals.isStopRequested })
        let frames = job.segments.isEmpty ? job.facts?.frames : job.segments[unit.part].times.count
        let progress = CommonOptions.progress(
            job.input.name, total: frames, arguments)
        defer { progress.finish() }
        let loaded = monotonicSeconds()
        var first: Double?
        do {
            let isDone = try worker.run(unit) { done in
                if first == nil { first = monotonicSeconds() }
                progress.update(done: done)
            }
            guard isDone else { throw Signals.exitCode ?? .tryLater }
        } catch let error where !(error is ExitCode) {
            state.note(error, of: unit)
            throw error
        }
        progress.finish()
        let compiled = models.pool.compilations
        let compiling = compiled.seconds
        log.detail(
            "started in \(fixed(1000 * (loaded - start), decimals: 0)) ms (plan and weights); first frame "
                + "after \(fixed(1000 * ((first ?? loaded) - start - compiling), decimals: 0)) ms and "
                + "\(fixed(1000 * compiling, decimals: 0)) ms of compiling \(compiled.count) networks"
        )
        log.info("unit \(unit.index): \(job.input.name) done")
        return .success
    }
}

/// Which unit is meant.
enum UnitIndex: Equatable {
    case number(Int)
    case automatic

    init?(_ text: String) {
        if text == "auto" {
            self = .automatic
        } else if let number = Int(text), number >= 0 {
            self = .number(number)
        } else {
            return nil
        }
    }

    static let variables = [
        "SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX", "AWS_BATCH_JOB_ARRAY_INDEX",
    ]

    /// The number.
    ///
    /// - Throws: `UsageError` where no scheduler has said one.
    func number() throws -> Int {
        switch self {
        case .number(let number): return number
        case .automatic:
            for name in Self.variables {
                guard let text = environmentVariable(name) else { continue }
                guard let number = Int(text), number >= 0 else {
                    throw UsageError.nonsense("\(name) is '\(text)', not a number from 0")
                }
                return number
            }
            throw UsageError.nonsense(
                "--index auto: none of \(Self.variables.joined(separator: ", ")) is set")
        }
    }
}
