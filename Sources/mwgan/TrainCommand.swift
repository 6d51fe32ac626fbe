// mwgan train: fits a model to pairs of pristine and compressed video.
import Terminal

enum TrainCommand {
    static let data = Operand(
        "DATA",
        help: "Folder of training pairs, or of pristine videos and pictures to make them of.",
        completion: .folder)
    static let output = Option.path(
        "output", short: "o", placeholder: "FILE.safetensors", help: "Where the weights go.",
        group: "Output")
    static let checkpoint = Option.path(
        "checkpoint", help: "Written every 5 minutes; resumed from, bit for bit, if it exists.",
        group: "Output")
    static let steps = Option.integer(
        "steps", in: 1...100_000_000, placeholder: "N", help: "Stop after so many steps.",
        group: "Training")
    static let duration = Option.time(
        "duration", help: "Stop after so long, the schedule fitted to it.", group: "Training")
    static let batch = Option.integer(
        "batch", in: 1...1024, default: 8, help: "Crops a step.", group: "Training")
    static let crop = Option.integer(
        "crop", in: 32...1024, default: 96, help: "Side of a crop in pixels.", group: "Training")
    static let rate = Option.real(
        "learning-rate", in: 0...1, default: 0.002, help: "The schedule's peak.", group: "Training")
    static let seed = Option.integer(
        "seed", in: 0...Int.max, default: 1, help: "Seed of all random choices.", group: "Training")

    static let command = Command(
        "train", summary: "Train a model on pristine and compressed video.", operands: [data],
        options: [
            output, checkpoint, CommonOptions.report, steps, duration, batch, crop, rate, seed,
            CommonOptions.model, CommonOptions.precision, CommonOptions.threads,
            CommonOptions.progress, CommonOptions.logFile, CommonOptions.verbose,
            CommonOptions.quiet,
        ],
        examples: [
            Example(
                "mwgan train pairs/ --model live --duration 6h -o live.safetensors",
                "Six hours of training.")
        ], action: run)

    static func run(_ arguments: Arguments) throws -> ExitCode {
        throw NotBuiltYet(command: "train")
    }
}
