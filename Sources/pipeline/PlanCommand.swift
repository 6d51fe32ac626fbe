// pipeline plan: numbers the units of a batch, for any machine to take.
import Batch
import Enhancement
import Media
import Terminal

enum PlanCommand {
    static let manifest = Option.path(
        "manifest", placeholder: "FILE",
        help: "Write the plan there; OUTPUT/manifest.jsonl unless said.",
        group: "Output")

    static let command = Command(
        "plan", summary: "Number the units of work, for other machines to do.",
        discussion: [
            "Reads through every input once. The plan fixes all that the outputs depend on: digests of "
                + "inputs and weights, arithmetic, instructions, encoder and its threads."
        ], operands: [WorkOptions.inputs],
        options: WorkOptions.planning + [manifest] + WorkOptions.messages,
        answers: WorkOptions.answers,
        examples: [
            Example(
                "pipeline plan videos/ -o out/",
                "Writes out/manifest.jsonl, and says how many units.")
        ], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        let log = try CommonOptions.log(arguments)
        let planning = try Planning(arguments, log)
        guard var plan = try planning.plan(threads: Machine.coreCount) else {
            throw Signals.exitCode ?? .interrupted
        }
        try planning.allot(&plan, threads: Machine.coreCount)
        if let code = Signals.exitCode { throw code }
        try Folder.make(planning.folder.path)
        let path = arguments[manifest] ?? planning.folder.manifest
        try plan.write(to: path)
        let failed = plan.jobs.compactMap(\.failure)
        for failure in failed { log.error(failure.description) }
        CommonOptions.output(path)
        let missing = BatchState(plan).missingUnits.count
        log.info(
            "\(plan.jobs.count) inputs, \(plan.unitCount) units, \(missing) of them still to be done"
        )
        return failed.isEmpty ? .success : .someFailed
    }
}
