// pipeline status: what is done of a plan, and what is missing.
import Batch
import Media
import Terminal

enum StatusCommand {
    static let json = Option.flag("json", help: "One JSON object.", group: "Output")

    static let command = Command(
        "status", summary: "Say what is done of a plan, and what is missing.",
        discussion: ["The status is 0 where nothing is missing, else 75."],
        operands: [UnitCommand.manifest],
        options: [json, CommonOptions.logFile, CommonOptions.verbose, CommonOptions.quiet],
        examples: [
            Example(
                "pipeline status out/manifest.jsonl", "A line, and one for each job that failed."),
            Example(
                "pipeline status out/manifest.jsonl --json", "With the numbers of missing units."),
        ], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        let log = try CommonOptions.log(arguments)
        let state = BatchState(try Manifest(contentsOf: arguments[UnitCommand.manifest][0]))
        let count = BatchCount(state)
        if arguments[json] {
            CommonOptions.output(count.json.pretty)
        } else {
            CommonOptions.output(count.line)
            for (name, failure) in count.failed { log.error("\(name): \(failure.description)") }
        }
        return count.isComplete ? .success : .tryLater
    }
}
