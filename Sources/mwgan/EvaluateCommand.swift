// mwgan evaluate: a model's gain on a set of clips, compressed in stated ways.
import Terminal

enum EvaluateCommand {
    static let clips = Operand(
        "CLIP", help: "Pristine clips, or a folder of them.", isVariadic: true)
    static let settings = Option.strings(
        "setting", placeholder: "CODEC:MODE=X",
        help: "How clips are compressed first, as x265:qp=37 or x264:crf=32.",
        group: "Evaluation")
    static let frames = Option.integer(
        "frames", in: 1...1_000_000, help: "At most so many frames of each clip.",
        group: "Evaluation")
    static let delivered = Option.flag(
        "delivered", help: "Measure the written file too, at default options.", group: "Evaluation")
    static let format = Option.choice(
        "format", default: FigureFormat.table, help: "How figures are printed.", group: "Output")

    static let command = Command(
        "evaluate", summary: "Measure a model's gain over compressed clips.", operands: [clips],
        options: [
            format, CommonOptions.report, settings, frames, delivered, CommonOptions.model,
            CommonOptions.precision, CommonOptions.threads, CommonOptions.progress,
            CommonOptions.logFile, CommonOptions.verbose, CommonOptions.quiet,
        ],
        examples: [
            Example(
                "mwgan evaluate clips/ --setting x265:qp=37 --setting x264:crf=32",
                "Gain in PSNR and SSIM for each clip and setting.")
        ], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        throw NotBuiltYet(command: "evaluate")
    }
}
