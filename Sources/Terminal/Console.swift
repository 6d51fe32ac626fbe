// The line between messages and a progress bar: one owner of the terminal, so that neither
// overwrites the other.
import Glibc
import Synchronization

/// A place for lines of text, with some lines at the bottom that may be redrawn.
///
/// Safe to use from any thread.
public final class Console: Sendable {
    /// Whether somebody is watching who can be shown a line that changes.
    public let isInteractive: Bool
    /// Colours for this console.
    public let style: Style

    private let columns: @Sendable () -> Int
    private let rows: @Sendable () -> Int
    private let sink: @Sendable ([UInt8]) -> Void
    /// The lines at the bottom; the cursor stands behind the last.
    private let status = Mutex<[String]>([])

    /// Standard error.
    public static let standardError = Console(descriptor: 2)

    /// A console on a file descriptor.
    public convenience init(descriptor: Int32) {
        let isTerminal = isatty(descriptor) == 1
        let term = environmentVariable("TERM") ?? ""
        self.init(
            isInteractive: isTerminal && !term.isEmpty && term != "dumb",
            style: Style(isTerminal: isTerminal), columns: { terminalWidth(of: descriptor) },
            rows: { terminalHeight(of: descriptor) },
            sink: { writeAll($0, to: descriptor) })
    }

    /// A console that hands its bytes to `sink`, one call per change.
    public init(
        isInteractive: Bool, style: Style, columns: @escaping @Sendable () -> Int,
        rows: @escaping @Sendable () -> Int = { 24 },
        sink: @escaping @Sendable ([UInt8]) -> Void
    ) {
        self.isInteractive = isInteractive
        self.style = style
        self.columns = columns
        self.rows = rows
        self.sink = sink
    }

    /// Columns of the window now.
    public var width: Int { columns() }

    /// Writes a line above the status lines.
    public func print(_ line: String) {
        status.withLock { status in
            sink(Array((erasing(status) + line + "\n" + joined(status)).utf8))
        }
    }

    /// Replaces the lines at the bottom by one, cut to the window; an empty text removes them. Does
    /// nothing unless the console is interactive.
    public func setStatus(_ text: String) { setStatus(lines: text.isEmpty ? [] : [text]) }

    /// Replaces the lines at the bottom, each cut to the window; no lines remove them. Of more lines
    /// than the window has rows but one, the last remain. Does nothing unless the console is
    /// interactive.
    public func setStatus(lines: [String]) {
        guard isInteractive else { return }
        // The last column stays free: some terminals wrap when it is written. A row stays free for
        // the message above, and lines that have left the window could not be erased.
        let width = max(1, width - 1)
        let lines = lines.suffix(max(1, rows() - 1)).map { truncated($0, toWidth: width) }
        status.withLock { status in
            guard lines != status else { return }
            sink(Array((erasing(status) + joined(lines)).utf8))
            status = lines
        }
    }

    private func joined(_ lines: [String]) -> String { lines.joined(separator: "\n") }

    /// From behind the last line to the beginning of the first, leaving nothing on the way.
    private func erasing(_ lines: [String]) -> String {
        guard !lines.isEmpty else { return "" }
        let up = String(repeating: "\u{1B}[A\u{1B}[2K", count: lines.count - 1)
        return "\r\u{1B}[2K" + up
    }
}
