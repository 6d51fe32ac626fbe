// pipeline duplicates: shots that videos show more than once.
import Enhancement
import Finding
import Media
import Terminal

enum DuplicatesCommand {
    static let least = Option.real(
        "least", in: 0...1, default: 0.9, help: "Say what is at least so sure.", group: "Output")
    static let json = Option.flag(
        "json", help: "A JSON object on a line for each repetition.", group: "Output")

    static let command = Command(
        "duplicates", summary: "List shots that are shown more than once.",
        discussion: [
            "Shots of one video and of several are compared, whole and as they are. Each line names two "
                + "that show the same, with their times; where none does, that is so said."
        ], operands: [FindCommand.memory],
        options: [
            least, json, CommonOptions.progress, CommonOptions.logFile, CommonOptions.verbose,
            CommonOptions.quiet,
        ],
        examples: [
            Example("pipeline duplicates memory/", "A line for each repeated shot."),
            Example(
                "pipeline duplicates memory/ --json", "For another program, a line for each."),
        ], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        let log = try CommonOptions.log(arguments)
        let folder = MemoryFolder(arguments[FindCommand.memory][0])
        let search = PictureSearch(try folder.open(threads: Machine.coreCount))
        let progress = CommonOptions.progress(
            "compare", total: search.representativeCount, unit: "pictures", arguments)
        defer { progress.finish() }
        let found = try search.repetitions(
            atLeast: arguments[least], progress: { progress.update(done: $0) },
            shouldStop: { Signals.isStopRequested })
        progress.finish()
        guard let found else { throw Signals.exitCode ?? .interrupted }
        if arguments[json] {
            for repetition in found { CommonOptions.output(FoundText.json(repetition).compact) }
        } else if !found.isEmpty {
            for line in FoundText.table(found) { CommonOptions.output(line) }
        }
        if found.isEmpty { log.info("nothing is shown twice") }
        return .success
    }
}
