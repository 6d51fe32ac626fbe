// Options that several commands share: how much is said, and with which machine parts.
import Networks
import Terminal

enum CommonOptions {
    static let threads = Option.integer(
        "threads", in: 1...1024, default: 1,
        help: "Threads to compute with; these networks are too small to gain by many.",
        group: "Model")

    static let quiet = Option.flag(
        "quiet", short: "q", help: "Say only what went wrong.", group: "Messages",
        excludes: ["verbose"])

    static let verbose = Option.count(
        "verbose", short: "v", help: "Say more.", group: "Messages", excludes: ["quiet"])

    static let progress = Option.choice(
        "progress", default: Progress.Mode.auto,
        help: "How progress is shown; auto is a bar on a terminal and JSON lines elsewhere.",
        group: "Messages")

    static let logFile = Option.path(
        "log-file", help: "Append messages with times to a file.", group: "Messages")

    /// The log that the options ask for.
    static func log(_ arguments: Arguments) throws -> Log {
        let level = Log.level(quiet: arguments[quiet], verbose: arguments[verbose])
        guard let path = arguments[logFile] else { return Log(level: level) }
        return try Log(level: level, file: path)
    }

    /// The progress display that the options ask for; none with `--quiet`, unless asked for.
    static func progress(
        _ label: String, total: Int?, unit: String, _ arguments: Arguments
    ) -> Progress {
        let isSilent = arguments[quiet] && !arguments.isGiven(progress)
        return Progress(
            label, total: total, unit: unit, mode: isSilent ? .none : arguments[progress])
    }

    /// Prints a line that was asked for to standard output.
    static func output(_ line: String) { writeAll(Array((line + "\n").utf8), to: 1) }

    /// Writes text to a file, all or nothing.
    static func write(_ text: String, to path: String) throws {
        var text = text + "\n"
        try text.withUTF8 { bytes in
            try writeAtomically([UnsafeRawBufferPointer(bytes)], to: path)
        }
    }
}
