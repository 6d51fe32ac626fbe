// Options of every command that trains.
import Terminal

enum TrainingRun {
    static let checkpoint = Option.path(
        "checkpoint", help: "Written every 5 minutes; resumed from, bit for bit, if it exists.",
        group: "Output")
    static let report = Option.path(
        "report", placeholder: "FILE.csv", help: "Write the loss of every step.", group: "Output")
    static let seed = Option.integer(
        "seed", in: 0...Int.max, default: 1, help: "Seed of first weights and of all draws.",
        group: "Training")
}
