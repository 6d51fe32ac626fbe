// Stopping when asked: the first signal lets the frame finish, the second stops at once.
import FileNames
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
    /// Copies of the paths that the handler unlinks, in a table that it can walk: a signal handler may
    /// neither lock nor allocate.
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

    /// Has the second signal remove this unfinished file.
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

/// Paths in chunks that are linked, never moved and never freed.
private final class UnfinishedFiles: @unchecked Sendable {
    private typealias Slot = UnsafeMutablePointer<UnsafeMutableRawPointer?>

    /// Paths of a chunk; the slot behind them leads to the next chunk.
    private static let chunkLength = 256

    private let first: Slot
    private var last: Slot
    private var free: [Slot] = []
    private var used: [String: Slot] = [:]
    private let lock = Mutex(())

    init() {
        first = UnfinishedFiles.chunk()
        last = first
        offer(first)
    }

    func touch() {}

    func add(_ path: String) {
        lock.withLock { _ in
            guard used[path] == nil else { return }
            if free.isEmpty {
                let chunk = UnfinishedFiles.chunk()
                last[UnfinishedFiles.chunkLength] = UnsafeMutableRawPointer(chunk)
                last = chunk
                offer(chunk)
            }
            let slot = free.removeLast()
            slot.pointee = UnsafeMutableRawPointer(strdup(path.fileName))
            used[path] = slot
        }
    }

    /// The copy is not freed: a handler may be reading it.
    func remove(_ path: String) {
        lock.withLock { _ in
            guard let slot = used.removeValue(forKey: path) else { return }
            slot.pointee = nil
            free.append(slot)
        }
    }

    func unlinkAll() {
        var chunk: Slot? = first
        while let slots = chunk {
            for index in 0..<UnfinishedFiles.chunkLength {
                if let path = slots[index] { unlink(path.assumingMemoryBound(to: CChar.self)) }
            }
            chunk = slots[UnfinishedFiles.chunkLength]?.assumingMemoryBound(
                to: UnsafeMutableRawPointer?.self)
        }
    }

    private static func chunk() -> Slot {
        let slots = Slot.allocate(capacity: chunkLength + 1)
        slots.initialize(repeating: nil, count: chunkLength + 1)
        return slots
    }

    private func offer(_ chunk: Slot) {
        free += (0..<UnfinishedFiles.chunkLength).reversed().map { chunk + $0 }
    }
}
