// How a program tells its caller what happened: the numbers of sysexits(3) that we use.

/// The exit status of a program.
public enum ExitCode: Int32, Sendable, CaseIterable, Error {
    /// Everything asked for was done.
    case success = 0
    /// Some items failed, others were done.
    case someFailed = 1
    /// The command line makes no sense.
    case usage = 64
    /// The input is not what it should be.
    case badData = 65
    /// An input cannot be opened.
    case noInput = 66
    /// A library, a model or another needed part is missing.
    case unavailable = 69
    /// An output cannot be created.
    case cannotCreate = 73
    /// Reading or writing failed midway: a full disk, a broken device.
    case inputOutput = 74
    /// The same command may succeed later.
    case tryLater = 75
    /// Stopped by Ctrl-C (SIGINT).
    case interrupted = 130
    /// Stopped by SIGTERM, or because the terminal went away.
    case terminated = 143

    /// What the status means, for the man page.
    public var meaning: String {
        switch self {
        case .success: return "Everything asked for was done."
        case .someFailed: return "Some items failed; the others were done."
        case .usage: return "The command line makes no sense."
        case .badData: return "The input is damaged, or not what it should be."
        case .noInput: return "An input cannot be opened."
        case .unavailable: return "A library, a model or another needed part is missing."
        case .cannotCreate: return "An output cannot be created."
        case .inputOutput: return "Reading or writing failed midway, or the disk is full."
        case .tryLater: return "The same command may succeed later."
        case .interrupted: return "Stopped by SIGINT (Ctrl-C)."
        case .terminated: return "Stopped by SIGTERM or SIGHUP."
        }
    }
}

/// An error that knows the exit status it should end the program with.
///
/// The description is one line: what, where, what to do. The status is a plain number so that
/// errors of modules that know no terminal conform as they stand.
public protocol ExitCodeProviding: Error, CustomStringConvertible {
    /// The raw value of the ``ExitCode`` to exit with.
    var exitCode: Int32 { get }
}
