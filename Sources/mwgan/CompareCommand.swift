// mwgan compare: how near a video is to another.
import Terminal

/// How figures are written.
enum FigureFormat: String, CaseIterable { case table, json, csv }

enum CompareCommand {
    static let reference = Operand("REF", help: "The pristine original.")
    static let output = Operand("OUT", help: "What is measured against it.")
    static let format = Option.choice(
        "format", default: FigureFormat.table,
        help: "A table of means, or JSON or CSV with every frame.", group: "Output")
    static let file = Option.path(
        "output", short: "o", help: "Write the figures to a file.", group: "Output")

    static let command = Command(
        "compare", summary: "Measure a video against its original: PSNR, SSIM, MS-SSIM.",
        discussion: [
            "Frames are paired by order, and their times are compared. Y, U and V are measured "
                + "separately, per frame and as the mean over frames."
        ],
        operands: [reference, output],
        options: [
            format, file, CommonOptions.threads, CommonOptions.progress, CommonOptions.logFile,
            CommonOptions.verbose, CommonOptions.quiet,
        ],
        examples: [
            Example(
                "mwgan compare original.mkv video.enhanced.mp4 --format csv -o figures.csv",
                "One line a frame.")
        ], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        throw NotBuiltYet(command: "compare")
    }
}
