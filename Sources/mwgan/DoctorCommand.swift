// mwgan doctor: what this machine has, what is missing and how to get it.
import Terminal

enum DoctorCommand {
    static let json = Option.flag("json", help: "Print JSON.", group: "Output")

    static let command = Command(
        "doctor", summary: "Check libraries, processor, models and what is missing.",
        discussion: ["Exits with 69 if something that enhance needs is missing."],
        options: [json, CommonOptions.verbose, CommonOptions.quiet], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        throw NotBuiltYet(command: "examine this machine")
    }
}
