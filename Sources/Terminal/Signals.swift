// Stopping when asked: the first signal lets the frame finish, the second stops at once.
import Glibc
import Synchronization

/// Signals that ask the program to stop.
///
/// After ``install()`` the first SIGINT, SIGTERM or SIGHUP sets a flag that loops look at between
/// frames; the second removes the unfinished files that ``removeIfKilled(_:)`` named, and ends the
/// process. SIGPIPE is ignored, so that a closed pipe is an error of `write` like any other.
public enum Signals {
    /// The signal that asked to stop; 0 while none has.
    private static let received = Atomic<Int32>(0)
    /// Copies of the paths that the handler unlinks; null where a slot is free. A fixed table
    /// because a signal handler may neither lock nor allocate.
    private static let slots = UnfinishedFiles()

    /// Takes over the signals. SIGHUP stays ignored where it was (`nohup`).
    public static func install() {
        // Both are created on first use, which must not happen inside the handler.
        _ = received.load(ordering: .relaxed)
        slots.touch()
        signal(SIGPIPE, SIG_IGN)
        for number in [SIGINT, SIGTERM, SIGHUP] {
            var old = sigaction()
            sigaction(number, nil, &old)
            let wasIgnored = unsafeBitCast(old.__sigaction_handler.sa_handler, to: Int.self) == 1
            if number == SIGHUP && wasIgnored { continue }
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { Signals.handle($0) }
            // Reads of files go on; waiting for an answer does not (poll is never restarted).
            action.sa_flags = SA_RESTART
            sigaction(number, &action, nil)
        }
        // Whoever started this process may have blocked them.
        var wanted = sigset_t()
        sigemptyset(&wanted)
        for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&wanted, number) }
        pthread_sigmask(SIG_UNBLOCK, &wanted, nil)
    }

    /// Whether a signal has asked to stop.
    public static var isStopRequested: Bool { received.load(ordering: .acquiring) != 0 }

    /// The status to exit with after a signal; nil if none came.
    public static var exitCode: ExitCode? {
        switch received.load(ordering: .acquiring) {
        case 0: return nil
        case SIGINT: return .interrupted
        default: return .terminated
        }
    }

    /// Asks to stop as the first signal would.
    public static func requestStop(signal number: Int32 = SIGINT) {
        received.store(number, ordering: .releasing)
    }

    /// Forgets a request to stop, for tests.
    static func reset() { received.store(0, ordering: .releasing) }

    /// Has the second signal remove this unfinished file. At most 32 at a time; more are ignored.
    public static func removeIfKilled(_ path: String) { slots.add(path) }

    /// The file is finished or gone: signals leave it alone.
    public static func keep(_ path: String) { slots.remove(path) }

    private static func handle(_ number: Int32) {
        let saved = errno
        let (isFirst, _) = received.compareExchange(
            expected: 0, desired: number, ordering: .acquiringAndReleasing)
        if !isFirst {
            slots.unlinkAll()
            _exit(number == SIGINT ? 130 : 143)
        }
        errno = saved
    }
}

/// A table of paths that a signal handler can walk.
private final class UnfinishedFiles: Sendable {
    private let paths: UnsafeSlots
    private let lock = Mutex(())

    /// The address of the table; the table itself is never freed.
    private struct UnsafeSlots: @unchecked Sendable {
        static let count = 32
        let base: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    }

    init() {
        let base = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(
            capacity: UnsafeSlots.count)
        base.initialize(repeating: nil, count: UnsafeSlots.count)
        paths = UnsafeSlots(base: base)
    }

    func touch() {}

    func add(_ path: String) {
        lock.withLock { _ in
            for index in 0..<UnsafeSlots.count where paths.base[index] == nil {
                paths.base[index] = strdup(path)
                return
            }
        }
    }

    /// The copy is not freed: a handler may be reading it.
    func remove(_ path: String) {
        lock.withLock { _ in
            for index in 0..<UnsafeSlots.count {
                if let copy = paths.base[index], String(cString: copy) == path {
                    paths.base[index] = nil
                    return
                }
            }
        }
    }

    func unlinkAll() {
        for index in 0..<UnsafeSlots.count {
            if let path = paths.base[index] { unlink(path) }
        }
    }
}
