// The few things that a terminal program asks of the system.
import Glibc

/// The value of an environment variable; nil where it is not set.
public func environmentVariable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
}

/// Seconds on a clock that never goes back; the zero is arbitrary.
public func monotonicSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Seconds of a processor that this program has had, all its threads together.
public func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Seconds of a processor that this thread has had.
public func threadSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// The time now in UTC as RFC 3339 has it: `2026-03-01T12:00:00.250Z`.
public func timestampNow() -> String {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    var parts = tm()
    gmtime_r(&now.tv_sec, &parts)
    func two(_ value: Int32) -> String { (value < 10 ? "0" : "") + "\(value)" }
    let date = "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
    let time = "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
    let milliseconds = String(now.tv_nsec / 1_000_000 + 1000).dropFirst()
    return "\(date)T\(time).\(milliseconds)Z"
}

/// Writes all bytes to a file descriptor, however many calls that takes; false on failure.
@discardableResult
public func writeAll(_ bytes: some Collection<UInt8>, to descriptor: Int32) -> Bool {
    let done = bytes.withContiguousStorageIfAvailable { buffer -> Bool in
        var offset = 0
        while offset < buffer.count {
            let count = write(descriptor, buffer.baseAddress! + offset, buffer.count - offset)
            if count < 0 && errno == EINTR { continue }
            if count <= 0 { return false }
            offset += count
        }
        return true
    }
    return done ?? writeAll(Array(bytes), to: descriptor)
}

/// Columns of the terminal behind a file descriptor: the window's width, else `COLUMNS`, else 80.
public func terminalWidth(of descriptor: Int32 = 2) -> Int {
    windowSize(of: descriptor, \.ws_col, variable: "COLUMNS") ?? 80
}

/// Rows of the terminal behind a file descriptor: the window's height, else `LINES`, else 24.
public func terminalHeight(of descriptor: Int32 = 2) -> Int {
    windowSize(of: descriptor, \.ws_row, variable: "LINES") ?? 24
}

private func windowSize(
    of descriptor: Int32, _ side: KeyPath<winsize, UInt16>, variable: String
) -> Int? {
    var size = winsize()
    if ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size[keyPath: side] > 0 {
        return Int(size[keyPath: side])
    }
    return environmentVariable(variable).flatMap(Int.init).flatMap { $0 > 0 ? $0 : nil }
}

/// Whether a person sits at the other end of a file descriptor.
public func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }
