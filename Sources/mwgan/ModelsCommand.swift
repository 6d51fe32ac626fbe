// mwgan models: which weights there are and where they lie.
import Terminal

enum ModelsCommand {
    static let json = Option.flag("json", help: "Print JSON.", group: "Output")

    static let command = Command(
        "models", summary: "List the models and where their weights were found.",
        discussion: [
            "Weights are looked up in $PERCEPT_MODELS, then beside the program, then in "
                + "../share/percept/models."
        ],
        options: [json, CommonOptions.verbose, CommonOptions.quiet], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        throw NotBuiltYet(command: "list models")
    }
}
