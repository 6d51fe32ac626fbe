// The line between messages and a progress bar: one owner of the terminal, so that neither
// overwrites the other.
import Glibc
import Synchronization

/// A place for lines of text, with one line at the bottom that may be redrawn.
///
/// Safe to use from any thread.
public final class Console: Sendable {
    /// Whether somebody is watching who can be shown a line that changes.
    public let isInteractive: Bool
    /// Colours for this console.
    public let style: Style

    private let columns: @Sendable () -> Int
    private let sink: @Sendable ([UInt8]) -> Void
    /// The line at the bottom; empty when there is none.
    private let status = Mutex("")

    /// Standard error.
    public static let standardError = Console(descriptor: 2)

    /// A console on a file descriptor.
    public convenience init(descriptor: Int32) {
        let isTerminal = isatty(descriptor) == 1
        let term = environmentVariable("TERM") ?? ""
        self.init(
            isInteractive: isTerminal && !term.isEmpty && term != "dumb",
            style: Style(isTerminal: isTerminal), columns: { terminalWidth(of: descriptor) },
            sink: { writeAll($0, to: descriptor) })
    }

    /// A console that hands its bytes to `sink`, one call per change.
    public init(
        isInteractive: Bool, style: Style, columns: @escaping @Sendable () -> Int,
        sink: @escaping @Sendable ([UInt8]) -> Void
    ) {
        self.isInteractive = isInteractive
        self.style = style
        self.columns = columns
        self.sink = sink
    }

    /// Columns of the window now.
    public var width: Int { columns() }

    /// Writes a line above the status line.
    public func print(_ line: String) {
        status.withLock { status in
            let redraw = status.isEmpty ? "" : status
            sink(Array((erase(status) + line + "\n" + redraw).utf8))
        }
    }

    /// Replaces the line at the bottom, cut to the window; an empty text removes it. Does nothing
    /// unless the console is interactive.
    public func setStatus(_ text: String) {
        guard isInteractive else { return }
        // The last column stays free: some terminals wrap when it is written.
        let line = truncated(text, toWidth: max(1, width - 1))
        status.withLock { status in
            guard line != status else { return }
            sink(Array((erase(status) + line).utf8))
            status = line
        }
    }

    private func erase(_ status: String) -> String { status.isEmpty ? "" : "\r\u{1B}[2K" }
}
