// mwgan probe: what a file is, how damaged, and what enhance would do with it.
import Terminal

enum ProbeCommand {
    static let inputs = Operand("INPUT", help: "Videos or pictures.", isVariadic: true)
    static let json = Option.flag("json", help: "Print JSON.", group: "Output")

    static let command = Command(
        "probe", summary: "Say what a file is, how damaged, and what enhance would do.",
        operands: [inputs],
        options: [
            json, CommonOptions.model, CommonOptions.logFile, CommonOptions.verbose,
            CommonOptions.quiet,
        ],
        examples: [Example("mwgan probe video.mp4", "Streams, quantisers, estimated damage.")],
        action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        throw NotBuiltYet(command: "probe")
    }
}
