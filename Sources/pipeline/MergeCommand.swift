// pipeline merge: joins what units have made, checks all of it, and writes the report.
import Batch
import Enhancement
import Media
import Terminal

enum MergeCommand {
    static let threads = UnitCommand.threads
    static let check = Option.flag(
        "check", help: "Read all outputs through and compare their digests.", group: "Work")

    static let command = Command(
        "merge", summary: "Join what units have made, and write the report.",
        discussion: [
            "Every part is compared with its digest before it is joined. Jobs whose units are all done "
                + "are completed, others are left; the status is then 75, or 1 where jobs have failed."
        ], operands: [UnitCommand.manifest],
        options: [
            threads, check, CommonOptions.progress, CommonOptions.logFile, CommonOptions.verbose,
            CommonOptions.quiet,
        ],
        examples: [Example("pipeline merge out/manifest.jsonl", "Then open out/index.html.")],
        action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        let log = try CommonOptions.log(arguments)
        let plan = try Manifest(contentsOf: arguments[UnitCommand.manifest][0])
        let state = BatchState(plan)
        if arguments[check] {
            for name in state.forgetDamaged() {
                log.warning("\(name): an output is not as it was made; it has to be done again")
            }
        }
        let models = try BatchModels(plan.options)
        let worker = UnitWorker(
            state, models, threads: arguments[threads] ?? Machine.coreCount,
            shouldStop: { Signals.isStopRequested })
        for (index, job) in plan.jobs.enumerated() where !Signals.isStopRequested {
            guard job.failure == nil, !state.isDone(job),
                job.segments.isEmpty
                    ? job.output == nil || state.isEnhanced(job)
                    : plan.units(of: index).allSatisfy(state.isDone)
            else { continue }
            do {
                if try worker.complete(index) { log.info("\(job.input.name): done") }
            } catch {
                log.error("\(error)")
                state.note(error, of: plan.units(of: index)[0])
            }
        }
        try BatchReport(state).write()
        if let code = Signals.exitCode { return code }
        let count = BatchCount(state)
        CommonOptions.output(OutputFolder(plan.output).page)
        log.info(count.line)
        for (name, failure) in count.failed { log.error("\(name): \(failure.description)") }
        if count.isComplete { return .success }
        // What failed for good fails again; what is only missing may come.
        return count.missingUnits.isEmpty || count.areAllMissingHopeless ? .someFailed : .tryLater
    }
}
