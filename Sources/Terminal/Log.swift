// Messages to the person at the terminal and to a file.
import FileNames
import Glibc
import Synchronization

/// Writes messages by level to a console, and all of them with timestamps to a file.
///
/// Safe to use from any thread.
public final class Log: Sendable {
    /// How much a message matters.
    public enum Level: Int, Sendable, Comparable, CaseIterable {
        /// The job failed.
        case error
        /// Something was lost or left out.
        case warning
        /// What one wants to know.
        case info
        /// Why it did what it did.
        case detail
        /// Everything.
        case debug

        public static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }
    }

    /// Messages up to this level reach the console; the file takes up to at least `detail`.
    public let level: Level
    private let console: Console
    /// The file's descriptor; -1 without a file.
    private let file: Mutex<Int32>
    private let now: @Sendable () -> String

    /// A log without a file.
    public init(level: Level = .info, console: Console = .standardError) {
        self.level = level
        self.console = console
        file = Mutex(-1)
        now = timestampNow
    }

    /// A log that also appends to a file.
    ///
    /// - Throws: ``LogFileError`` if the file cannot be opened.
    public init(
        level: Level, console: Console = .standardError, file path: String,
        now: @escaping @Sendable () -> String = timestampNow
    ) throws(LogFileError) {
        let descriptor = open(path.fileName, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw LogFileError(path: path, reason: String(cString: strerror(errno)))
        }
        self.level = level
        self.console = console
        self.file = Mutex(descriptor)
        self.now = now
    }

    deinit {
        file.withLock { if $0 >= 0 { close($0) } }
    }

    /// The level that `-q` and so many `-v` ask for.
    public static func level(quiet: Bool, verbose: Int) -> Level {
        if quiet { return .error }
        return verbose == 0 ? .info : verbose == 1 ? .detail : .debug
    }

    /// The job failed.
    public func error(_ message: @autoclosure () -> String) { write(.error, message) }
    /// Something was lost or left out.
    public func warning(_ message: @autoclosure () -> String) { write(.warning, message) }
    /// What one wants to know.
    public func info(_ message: @autoclosure () -> String) { write(.info, message) }
    /// Why it did what it did.
    public func detail(_ message: @autoclosure () -> String) { write(.detail, message) }
    /// Everything.
    public func debug(_ message: @autoclosure () -> String) { write(.debug, message) }

    private func write(_ level: Level, _ message: () -> String) {
        let isShown = level <= self.level
        file.withLock { descriptor in
            let isFiled = descriptor >= 0 && level <= max(self.level, .detail)
            guard isShown || isFiled else { return }
            // One message is one line, whatever a file's name contains.
            let text = printable(message())
            if isFiled { writeAll(Array("\(now()) \(level) \(text)\n".utf8), to: descriptor) }
            if isShown { console.print(decorated(text, level)) }
        }
    }

    private func decorated(_ text: String, _ level: Level) -> String {
        switch level {
        case .error: return console.style.red("error:") + " " + text
        case .warning: return console.style.yellow("warning:") + " " + text
        case .info: return text
        case .detail, .debug: return console.style.dim(text)
        }
    }
}

/// The log file cannot be opened.
public struct LogFileError: ExitCodeProviding {
    /// The file.
    public let path: String
    /// What the system said.
    public let reason: String
    /// Always ``ExitCode/cannotCreate``.
    public var exitCode: Int32 { ExitCode.cannotCreate.rawValue }
    /// One line.
    public var description: String { "cannot open log file \(printable(path)): \(reason)" }
}
