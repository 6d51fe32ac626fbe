// Options that every program has: how much is said, and where.

/// Options for messages and progress, and what they ask for. A program's own shared options extend it.
public enum CommonOptions {
    /// `-q`: say only what went wrong.
    public static let quiet = Option.flag(
        "quiet", short: "q", help: "Say only what went wrong.", group: "Messages",
        excludes: ["verbose"])

    /// `-v`, as often as wanted: say more.
    public static let verbose = Option.count(
        "verbose", short: "v", help: "Say more.", group: "Messages", excludes: ["quiet"])

    /// How progress is shown.
    public static let progress = Option.choice(
        "progress", default: Progress.Mode.auto,
        help: "How progress is shown; auto is a bar on a terminal and JSON lines elsewhere.",
        group: "Messages")

    /// A file that messages are appended to.
    public static let logFile = Option.path(
        "log-file", help: "Append messages with times to a file.", group: "Messages")

    /// A file that gives what the command line leaves open; see ``ConfigurationFile``.
    public static let config = Option.path(
        "config",
        help: "Take options and arguments that are not given here from a TOML or JSON file.",
        group: "Configuration")

    /// Shows the configuration instead of running.
    public static let printConfig = Option.flag(
        "print-config", help: "Print what would be in force, as TOML, and exit.",
        group: "Configuration")

    /// The log that the options ask for.
    public static func log(_ arguments: Arguments) throws -> Log {
        let level = Log.level(quiet: arguments[quiet], verbose: arguments[verbose])
        guard let path = arguments[logFile] else { return Log(level: level) }
        return try Log(level: level, file: path)
    }

    /// The progress display that the options ask for; none with `--quiet`, unless asked for.
    public static func progress(
        _ label: String, total: Int?, unit: String = "frames", _ arguments: Arguments
    ) -> Progress {
        Progress(label, total: total, unit: unit, mode: progressMode(arguments))
    }

    /// How the options ask progress to be shown; not at all with `--quiet`, unless asked for.
    public static func progressMode(_ arguments: Arguments) -> Progress.Mode {
        arguments[quiet] && !arguments.isGiven(progress) ? .none : arguments[progress]
    }

    /// Prints a line that was asked for to standard output.
    public static func output(_ line: String) { writeAll(Array((line + "\n").utf8), to: 1) }
}
