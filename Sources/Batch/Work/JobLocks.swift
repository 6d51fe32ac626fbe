// One worker at a time, for what all of them would find out in the same way.
import Media
import Synchronization

/// A lock for each job of a plan, for workers of one process.
public final class JobLocks: Sendable {
    private final class Lock: Sendable { let mutex = Mutex(()) }
    private let locks: [Lock]

    /// Locks for so many jobs.
    public init(count: Int) { locks = (0..<count).map { _ in Lock() } }

    /// Does `body` while nobody else has the lock of that job.
    func withLock<Result>(of job: Int, _ body: () throws -> Result) rethrows -> Result {
        try locks[job].mutex.withLock { _ in Unshared(try body()) }.value
    }
}
